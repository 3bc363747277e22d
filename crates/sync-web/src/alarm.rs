//! A single delayed call.

use gloo_timers::callback::Timeout;

use super::counts::{Counted, Kind};

/// The longest delay that a browser supports: it reads the delay as a signed 32-bit number, and a longer one fires at
/// once.
const DELAY_MS_MAX: u32 = i32::MAX as u32;

/// Calls `ring` after `delay_ms`, or after the longest delay that a browser supports, unless the result is dropped before.
pub(super) fn alarm(delay_ms: u64, ring: impl FnOnce() + 'static) -> Timeout {
    let counted = (Counted::new(Kind::Timer), Counted::new(Kind::Closure));
    let delay_ms = u32::try_from(delay_ms).map_or(DELAY_MS_MAX, |ms| ms.min(DELAY_MS_MAX));
    Timeout::new(delay_ms, move || {
        drop(counted);
        ring();
    })
}
