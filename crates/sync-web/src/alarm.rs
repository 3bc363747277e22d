//! One call at a later time.

use gloo_timers::callback::Timeout;

use super::counts::{Counted, Kind};

/// The longest time that a browser waits: it reads the delay as a signed number of 32 bits, and one beyond rings at
/// once.
const DELAY_MS_MAX: u64 = i32::MAX as u64;

/// A timeout that is given up when dropped.
#[derive(Debug)]
pub(super) struct Alarm {
    _timeout: Timeout,
}

impl Alarm {
    /// Calls `ring` after `delay_ms`, or after the longest time that a browser waits.
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
