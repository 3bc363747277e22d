//! Small values that outlive the page. A browser may forbid storing; then nothing is kept and nothing fails.

use web_sys::Storage;

use super::Area;

/// A value kept before.
#[must_use]
pub fn read(area: Area, name: &str) -> Option<String> {
    of(area)?.get_item(name).ok().flatten()
}

/// Keeps a value, or forgets it.
pub fn write(area: Area, name: &str, value: Option<&str>) {
    let Some(storage) = of(area) else { return };
    // Fails where storing is forbidden or full: the value then lasts as long as the page.
    let _ = match value {
        Some(value) => storage.set_item(name, value),
        None => storage.remove_item(name),
    };
}

/// Whether values can be kept at all.
#[must_use]
pub fn is_available(area: Area) -> bool {
    of(area).is_some()
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
