//! Signs that the device or the page was asleep, and the server's clock.

use sync_protocol::Timestamp;

use crate::time::Now;

/// A difference between the two clocks from one call to the next that betrays a sleep, in milliseconds.
const JUMP_MS: u64 = 3000;

/// The time of the last call, and what the server's clock is ahead of this device's.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    last: Option<Now>,
    /// In milliseconds; 0 until the server has named its time.
    pub(super) offset_ms: i64,
    /// Whether the clocks have jumped since the offset was learned: the device's clock may be another one.
    pub(super) is_in_doubt: bool,
}

impl Clock {
    /// Notes the time. Returns whether the clocks disagree about the time that has passed since the last call.
    pub(super) fn has_jumped(&mut self, now: Now) -> bool {
        let Some(last) = self.last.replace(now) else {
            return false;
        };
        let wall = now.wall_ms.saturating_sub(last.wall_ms);
        let mono = now.mono_ms.saturating_sub(last.mono_ms);
        let has_jumped = wall.saturating_sub_unsigned(mono).unsigned_abs() > JUMP_MS;
        self.is_in_doubt |= has_jumped;
        has_jumped
    }

    /// The server named its time. One that does not, or not legibly, is not asked again.
    pub(super) fn learn(&mut self, now: Now, server_time: Option<&Timestamp>) {
        self.is_in_doubt = false;
        if let Some(server_ms) = server_time.and_then(Timestamp::to_unix_ms) {
            self.offset_ms = server_ms.saturating_sub(now.wall_ms);
        }
    }

    /// A time with the server's clock as its wall clock.
    pub(super) const fn at_server(&self, now: Now) -> Now {
        Now {
            wall_ms: now.wall_ms.saturating_add(self.offset_ms),
            ..now
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_names_its_time_and_an_unreadable_one_changes_nothing() {
        let mut clock = Clock::default();
        let now = Now {
            mono_ms: 0,
            wall_ms: 1_700_000_000_000,
        };
        assert_eq!(clock.at_server(now), now);
        for named in [
            Timestamp::from_unix_ms(now.wall_ms - 7_200_000),
            Timestamp("today".to_owned()),
        ] {
            clock.learn(now, Some(&named));
            let later = now.after(1000);
            let wall_ms = now.wall_ms - 7_199_000;
            assert_eq!(clock.at_server(later), Now { wall_ms, ..later });
        }
    }
}
