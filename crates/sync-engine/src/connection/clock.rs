//! Signs that the device or the page was asleep.

use crate::time::Now;

/// A difference between the two clocks from one call to the next that betrays a sleep, in milliseconds.
const JUMP_MS: u64 = 3000;

/// The time of the last call.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    last: Option<Now>,
}

impl Clock {
    /// Notes the time. Returns whether the clocks disagree about the time that has passed since the last call.
    pub(super) fn has_jumped(&mut self, now: Now) -> bool {
        let Some(last) = self.last.replace(now) else {
            return false;
        };
        let wall = now.wall_ms.saturating_sub(last.wall_ms);
        let mono = now.mono_ms.saturating_sub(last.mono_ms);
        wall.saturating_sub_unsigned(mono).unsigned_abs() > JUMP_MS
    }

    /// The wall clock at the last call.
    pub(super) fn wall_ms(&self) -> Option<i64> {
        self.last.map(|now| now.wall_ms)
    }

    /// Whether an alarm rings so late that the page must have been asleep.
    pub(super) fn is_late(now: Now, deadline: Option<u64>) -> bool {
        deadline.is_some_and(|deadline| now.mono_ms >= deadline.saturating_add(JUMP_MS))
    }
}
