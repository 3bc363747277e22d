//! Timers as data. The outside sets one alarm for the earliest deadline.

/// A reason to wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
    const COUNT: usize = Self::Resync as usize + 1;

    const ALL: [Self; Self::COUNT] = [
        Self::Retry,
        Self::Opening,
        Self::Handshake,
        Self::Token,
        Self::Session,
        Self::Command,
        Self::Silence,
        Self::Probe,
        Self::Measure,
        Self::Refresh,
        Self::Resubscribe,
        Self::OfflineCheck,
        Self::OfflineProbe,
        Self::Resync,
    ];

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
    running: [Option<Running>; Timer::COUNT],
}

impl Timers {
    /// Sets a timer, whether it ran or not.
    pub(super) const fn set(&mut self, timer: Timer, deadline: u64) {
        self.running[timer as usize] = Some(Running {
            deadline,
            graced: false,
        });
    }

    /// Stops a timer.
    pub(super) const fn stop(&mut self, timer: Timer) {
        self.running[timer as usize] = None;
    }

    /// Stops all timers.
    pub(super) fn stop_all(&mut self) {
        *self = Self::default();
    }

    /// When a timer rings, if it runs.
    pub(super) fn deadline(&self, timer: Timer) -> Option<u64> {
        self.running[timer as usize].map(|running| running.deadline)
    }

    /// Whether a timer runs.
    pub(super) const fn is_running(&self, timer: Timer) -> bool {
        self.running[timer as usize].is_some()
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<u64> {
        let running = self.running.iter().flatten();
        running.map(|running| running.deadline).min()
    }

    /// Takes the timer that is due first, and stops it.
    pub(super) fn take_due(&mut self, now: u64) -> Option<Timer> {
        loop {
            let (deadline, timer) = Timer::ALL
                .into_iter()
                .filter_map(|timer| Some((self.deadline(timer)?, timer)))
                .min_by_key(|(deadline, _)| *deadline)?;
            if deadline > now {
                return None;
            }
            let running = &mut self.running[timer as usize];
            let graced = running.is_some_and(|running| running.graced);
            if timer.waits_for_answer() && !graced && now - deadline >= LATE_MS {
                *running = Some(Running {
                    deadline: now + GRACE_MS,
                    graced: true,
                });
            } else {
                *running = None;
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
    fn the_list_of_timers_is_in_order() {
        for (index, timer) in Timer::ALL.into_iter().enumerate() {
            assert_eq!(timer as usize, index);
        }
    }
}
