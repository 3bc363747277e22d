//! Timers as data. The outside sets one alarm for the earliest deadline.

use crate::map::Map;

/// A reason to wait. Of timers that are due at the same time the earlier one here rings first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Timer {
    /// The next attempt begins.
    Retry,
    /// The socket has to be open.
    Opening,
    /// The server has to have accepted the connection.
    Handshake,
    /// The call for a token has to be answered.
    Token,
    /// The question whether the user is still signed in has to be answered.
    Session,
    /// The oldest command has to be answered.
    Command,
    /// The transport was silent long enough to be probed, or to count as lost.
    Silence,
    /// The probe after a wake signal has to be answered.
    Probe,
    /// The round trip is measured again.
    Measure,
    /// The connection's token is renewed.
    Refresh,
    /// A rejected or lost subscription is retried.
    Resubscribe,
    /// The browser has said for long enough that there is no network: that is verified.
    OfflineCheck,
    /// The verification has to be answered.
    OfflineProbe,
    /// Data that may have been lost with malformed frames are read again.
    Resync,
}

impl Timer {
    /// Whether it waits for an answer. Such a timer that rings late gets one grace: after a sleep the answer may be in
    /// the queue behind the alarm.
    const fn waits_for_answer(self) -> bool {
        matches!(
            self,
            Self::Opening
                | Self::Handshake
                | Self::Token
                | Self::Session
                | Self::Command
                | Self::Silence
                | Self::Probe
                | Self::OfflineProbe
        )
    }
}

/// From this lateness on, in milliseconds, a timer that waits for an answer gets a grace.
const LATE_MS: u64 = 1000;
/// The grace, in milliseconds. The official clients give the same.
const GRACE_MS: u64 = 1000;

/// A running timer.
#[derive(Clone, Copy, Debug)]
struct Running {
    deadline: u64,
    graced: bool,
}

/// All timers of the connection, by the engine's clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    running: Map<Timer, Running>,
}

impl Timers {
    /// Sets a timer, whether it ran or not.
    pub(super) fn set(&mut self, timer: Timer, deadline: u64) {
        let graced = false;
        self.running.insert(timer, Running { deadline, graced });
    }

    /// Stops a timer.
    pub(super) fn stop(&mut self, timer: Timer) {
        self.running.remove(&timer);
    }

    /// Stops all timers but these.
    pub(super) fn stop_all_but(&mut self, kept: &[Timer]) {
        self.running.retain(|timer, _| kept.contains(timer));
    }

    /// When a timer rings, if it runs.
    pub(super) fn deadline(&self, timer: Timer) -> Option<u64> {
        self.running.get(&timer).map(|running| running.deadline)
    }

    /// Whether a timer runs.
    pub(super) fn is_running(&self, timer: Timer) -> bool {
        self.running.contains_key(&timer)
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<u64> {
        let running = self.running.values();
        running.map(|running| running.deadline).min()
    }

    /// Takes the timer that is due first, and stops it.
    pub(super) fn take_due(&mut self, now: u64) -> Option<Timer> {
        loop {
            let running = self.running.iter_mut();
            let (timer, running) = running.min_by_key(|(_, running)| running.deadline)?;
            let (timer, late_ms) = (*timer, now.checked_sub(running.deadline)?);
            if timer.waits_for_answer() && !running.graced && late_ms >= LATE_MS {
                running.deadline = now + GRACE_MS;
                running.graced = true;
            } else {
                self.stop(timer);
                return Some(timer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_ring_in_order_and_once() {
        let mut timers = Timers::default();
        timers.set(Timer::Measure, 20);
        timers.set(Timer::Retry, 10);
        assert_eq!(timers.next(), Some(10));
        assert_eq!(timers.take_due(9), None);
        assert_eq!(timers.take_due(30), Some(Timer::Retry));
        assert_eq!(timers.take_due(30), Some(Timer::Measure));
        assert_eq!(timers.take_due(30), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_late_wait_for_an_answer_gets_one_grace() {
        let mut timers = Timers::default();
        timers.set(Timer::Opening, 1000);
        timers.set(Timer::Retry, 1000);
        assert_eq!(timers.take_due(60_000), Some(Timer::Retry));
        assert_eq!(timers.take_due(60_000), None);
        assert_eq!(timers.next(), Some(61_000));
        assert_eq!(timers.take_due(99_000), Some(Timer::Opening));
    }

    #[test]
    fn timers_that_are_due_together_ring_in_the_order_of_their_list() {
        let mut timers = Timers::default();
        for timer in [Timer::Resync, Timer::Measure, Timer::Retry] {
            timers.set(timer, 10);
        }
        for timer in [Timer::Retry, Timer::Measure, Timer::Resync] {
            assert_eq!(timers.take_due(10), Some(timer));
        }
    }
}
