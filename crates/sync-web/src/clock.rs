//! The two clocks.

use sync_engine::time::Now;

/// Reads the page's monotonic clock and the wall clock.
#[must_use]
pub fn now() -> Now {
    let mono_ms = web_sys::window()
        .and_then(|window| window.performance())
        .map_or_else(js_sys::Date::now, |performance| performance.now());
    Now {
        mono_ms: mono_ms as u64,
        wall_ms: js_sys::Date::now() as i64,
    }
}
