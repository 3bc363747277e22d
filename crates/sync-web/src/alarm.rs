//! A single delayed call.

use gloo_timers::callback::Timeout;

use super::counts::{Counted, Kind};

/// The longest delay that a browser supports: it reads the delay as a signed 32-bit number, and a longer one fires at
/// once.
const DELAY_MS_MAX: u64 = i32::MAX as u64;

/// A timeout that is cleared when dropped.
#[derive(Debug)]
pub(super) struct Alarm {
    _timeout: Timeout,
}

impl Alarm {
    /// Calls `ring` after `delay_ms`, or after the longest delay that a browser supports.
    pub(super) fn new(delay_ms: u64, ring: impl FnOnce() + 'static) -> Self {
        let counted = (Counted::new(Kind::Timer), Counted::new(Kind::Closure));
        let delay_ms = u32::try_from(delay_ms.min(DELAY_MS_MAX)).unwrap_or(i32::MAX as u32);
        Self {
            _timeout: Timeout::new(delay_ms, move || {
                drop(counted);
                ring();
            }),
        }
    }
}
