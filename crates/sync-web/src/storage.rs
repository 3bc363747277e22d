//! Small values that outlive the page. If the browser disables storage, nothing is stored and nothing fails.

use web_sys::Storage;

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

fn of(area: Area) -> Option<Storage> {
    let window = web_sys::window()?;
    match area {
        Area::Tab => window.session_storage(),
        Area::Browser => window.local_storage(),
    }
    .ok()
    .flatten()
}
