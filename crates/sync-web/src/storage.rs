//! Small values that outlive the page. If the browser disables storage, nothing is stored and nothing fails.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, Storage};

use super::Area;

/// A stored value.
#[must_use]
pub fn read(area: Area, name: &str) -> Option<String> {
    of(area)?.get_item(name).ok().flatten()
}

/// Stores a value, or removes it.
pub fn write(area: Area, name: &str, value: Option<&str>) {
    let Some(storage) = of(area) else { return };
    // Fails where storage is disabled or full: the value then lasts as long as the page.
    let _ = match value {
        Some(value) => storage.set_item(name, value),
        None => storage.remove_item(name),
    };
}

/// The value of a cookie that scripts may read.
#[must_use]
pub fn cookie(name: &str) -> Option<String> {
    let document: HtmlDocument = web_sys::window()?.document()?.dyn_into().ok()?;
    let cookies = document.cookie().ok()?;
    let mut pairs = cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    Some(value.to_owned())
}

fn of(area: Area) -> Option<Storage> {
    let window = web_sys::window()?;
    match area {
        Area::Tab => window.session_storage(),
        Area::Browser => window.local_storage(),
    }
    .ok()
    .flatten()
}
