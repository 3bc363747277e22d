//! The connection's ages and countdowns.

use super::text::StatusTimes;
use crate::UseConnectionHandle;
use sync_web::intl;

/// The refresh period of ages and countdowns of the connection, in milliseconds.
pub(super) const PERIOD_MS: u32 = 1000;

/// A shorter countdown is not shown: it would be over before the user has read it.
const COUNTDOWN_S_MIN: u64 = 5;

impl UseConnectionHandle {
    /// The connection's ages and countdowns, as of now. [`use_clock`](crate::use_clock) renders a component as they pass.
    #[must_use]
    pub fn times(&self) -> StatusTimes {
        let (now, heartbeat) = (self.now(), self.view().last_heartbeat);
        StatusTimes {
            age_s: heartbeat.map(|at| now.since(at) / 1000),
            at: heartbeat.map(|at| intl::time(at.wall_ms, now.wall_ms)),
            next_attempt_s: self.retry_in_ms().and_then(countdown_s),
        }
    }
}

/// Whole seconds to a deadline, rounded, so that the attempt begins within half a second of the shown zero.
const fn countdown_s(remaining_ms: u64) -> Option<u64> {
    let seconds = (remaining_ms + 500) / 1000;
    if seconds >= COUNTDOWN_S_MIN {
        Some(seconds)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_is_rounded_and_ends_at_five() {
        for (remaining_ms, shown) in [
            (12_400, Some(12)),
            (12_500, Some(13)),
            (4500, Some(5)),
            (4499, None),
            (0, None),
        ] {
            assert_eq!(countdown_s(remaining_ms), shown, "{remaining_ms}");
        }
    }
}
