//! Messages for developers.

/// Writes a warning to the browser's console.
pub fn warn(message: &str) {
    web_sys::console::warn_1(&message.into());
}

/// Writes an error to the browser's console.
pub fn error(message: &str) {
    web_sys::console::error_1(&message.into());
}
