//! How everything that is read or sent is retried: the waits, and one request at a time.
//!
//! The policy is the same in a visible and in a hidden page: an attempt never waits for the focus. Without a network
//! no request is started; wanted ones start when it is back.

use crate::http::{HttpFailure, RETRY_AFTER_MAX_MS};
use crate::random::Random;
use crate::time::Now;
use crate::view::FetchStatus;

/// Longest wait before the first retry, in milliseconds; it doubles with each further one.
const FIRST_MS: u64 = 500;

/// Longest wait before any retry, in milliseconds.
const LONGEST_MS: u64 = 30_000;

/// The wait before the next attempt after so many earlier failures, in milliseconds: full jitter, so that many clients
/// spread out, on top of what the server asked for, since it asks many clients at the same time.
pub(crate) fn backoff(random: &mut Random, failures: u32, retry_after_ms: Option<u64>) -> u64 {
    let doubled = FIRST_MS.saturating_mul(1 << failures.min(16));
    let asked = retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MAX_MS);
    asked + random.up_to(doubled.min(LONGEST_MS))
}

/// When a request is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchPolicy {
    /// How often a failed request is retried.
    pub(crate) retries: u32,
    /// After how long a request counts as lost, in milliseconds.
    pub(crate) timeout_ms: u64,
}

/// The state of one kind of request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fetcher {
    state: State,
    failures: u32,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Idle,
    /// To be started.
    Wanted,
    /// In flight.
    Running { id: u64, timeout_at_ms: u64 },
    /// Failed, and to be started again.
    Waiting { at_ms: u64 },
}

/// Result of a timeout check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TimerEvent {
    /// Nothing.
    Nothing,
    /// It is time for another attempt.
    Retry,
    /// This request got no answer in time.
    TimedOut(u64),
}

impl Fetcher {
    /// Asks for a request. One that is in flight or wanted already is enough.
    pub(crate) const fn want(&mut self) {
        if let State::Idle = self.state {
            self.state = State::Wanted;
            self.failures = 0;
        }
    }

    /// Asks for a request at once, also if one waits for its next attempt.
    pub(crate) const fn want_now(&mut self) {
        if let State::Idle | State::Waiting { .. } = self.state {
            self.state = State::Wanted;
            self.failures = 0;
        }
    }

    /// Whether a request is to be started.
    #[must_use]
    pub(crate) const fn is_wanted(&self) -> bool {
        matches!(self.state, State::Wanted)
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// The request that is in flight.
    #[must_use]
    pub(crate) const fn running(&self) -> Option<u64> {
        match self.state {
            State::Running { id, .. } => Some(id),
            State::Idle | State::Wanted | State::Waiting { .. } => None,
        }
    }

    /// The status to show.
    #[must_use]
    pub(crate) const fn status(&self, online: bool) -> FetchStatus {
        match self.state {
            State::Idle => FetchStatus::Idle,
            State::Running { .. } => FetchStatus::Fetching,
            State::Wanted | State::Waiting { .. } if online => FetchStatus::Fetching,
            State::Wanted | State::Waiting { .. } => FetchStatus::Paused,
        }
    }

    /// A request was started.
    pub(crate) const fn start(&mut self, now: Now, id: u64, policy: &FetchPolicy) {
        self.state = State::Running {
            id,
            timeout_at_ms: now.mono_ms.saturating_add(policy.timeout_ms),
        };
    }

    /// The request was answered, or is no longer of interest.
    pub(crate) const fn finish(&mut self) {
        self.state = State::Idle;
        self.failures = 0;
    }

    /// The request failed. Returns whether it will be retried: not if the answer would be the same, and not for
    /// ever.
    pub(crate) fn fail(
        &mut self,
        now: Now,
        failure: &HttpFailure,
        random: &mut Random,
        policy: &FetchPolicy,
    ) -> bool {
        if !is_temporary(failure) || self.failures >= policy.retries {
            self.finish();
            return false;
        }
        let wait_ms = backoff(random, self.failures, failure.retry_after_ms());
        self.failures += 1;
        self.state = State::Waiting {
            at_ms: now.mono_ms.saturating_add(wait_ms),
        };
        true
    }

    /// The alarm rang.
    pub(crate) const fn handle_timeout(&mut self, now: Now) -> TimerEvent {
        match self.state {
            State::Running { id, timeout_at_ms } if timeout_at_ms <= now.mono_ms => {
                TimerEvent::TimedOut(id)
            }
            State::Waiting { at_ms } if at_ms <= now.mono_ms => {
                self.state = State::Wanted;
                TimerEvent::Retry
            }
            _ => TimerEvent::Nothing,
        }
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub(crate) const fn next_deadline(&self) -> Option<u64> {
        match self.state {
            State::Running { timeout_at_ms, .. } => Some(timeout_at_ms),
            State::Waiting { at_ms } => Some(at_ms),
            State::Idle | State::Wanted => None,
        }
    }
}

/// Whether the same request may be answered otherwise a little later.
const fn is_temporary(failure: &HttpFailure) -> bool {
    match failure {
        HttpFailure::Network | HttpFailure::Timeout => true,
        HttpFailure::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
        HttpFailure::Malformed { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: FetchPolicy = FetchPolicy {
        retries: 3,
        timeout_ms: 15_000,
    };

    fn waits(failure: &HttpFailure, seed: u64) -> Vec<u64> {
        let (mut fetcher, mut random) = (Fetcher::default(), Random::new(seed));
        let now = Now::default();
        fetcher.want();
        let mut waits = Vec::new();
        loop {
            fetcher.start(now, 1, &POLICY);
            if !fetcher.fail(now, failure, &mut random, &POLICY) {
                return waits;
            }
            waits.push(fetcher.next_deadline().unwrap());
        }
    }

    #[test]
    fn three_retries_are_spread_up_to_growing_caps() {
        let mut longest = [0; 3];
        for seed in 0..500 {
            let waits = waits(&HttpFailure::Network, seed);
            assert_eq!(waits.len(), 3);
            for (longest, wait) in longest.iter_mut().zip(waits) {
                *longest = (*longest).max(wait);
            }
        }
        for (longest, cap) in longest.iter().zip([500, 1000, 2000]) {
            assert!(
                *longest <= cap && *longest > cap * 9 / 10,
                "{longest} {cap}"
            );
        }
    }

    #[test]
    fn a_failure_that_would_repeat_is_not_retried() {
        let status = |status| HttpFailure::Status {
            status,
            problem: None,
            retry_after_ms: None,
        };
        for (failure, retries) in [
            (status(400), 0),
            (status(401), 0),
            (status(404), 0),
            (HttpFailure::Malformed { status: 200 }, 0),
            (status(408), 3),
            (status(429), 3),
            (status(503), 3),
            (HttpFailure::Timeout, 3),
        ] {
            assert_eq!(waits(&failure, 1).len(), retries, "{failure:?}");
        }
    }

    #[test]
    fn a_server_that_says_when_is_not_asked_earlier() {
        let failure = HttpFailure::Status {
            status: 429,
            problem: None,
            retry_after_ms: Some(60_000),
        };
        assert!(waits(&failure, 3).iter().all(|wait| *wait >= 60_000));
    }

    #[test]
    fn a_lost_request_times_out() {
        let mut fetcher = Fetcher::default();
        fetcher.want();
        fetcher.start(Now::default(), 7, &POLICY);
        let late = Now::default().after(POLICY.timeout_ms);
        assert_eq!(fetcher.handle_timeout(Now::default()), TimerEvent::Nothing);
        assert_eq!(fetcher.handle_timeout(late), TimerEvent::TimedOut(7));
    }
}
