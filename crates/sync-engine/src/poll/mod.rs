//! When to poll: the fallback while the live connection is gone, and the only way where there is none.
//!
//! Decides the times and nothing else: the store makes the call and applies the answer. Called by [`crate::Core`], which
//! turns [`PollOutput::Poll`] into one snapshot call for all resources on screen.
//!
//! - Not live for [`GRACE_MS`]: the first poll. Then one each interval: that of the settings, at least
//!   [`HIDDEN_INTERVAL_MS`] while the page is hidden. Intervals are up to a tenth shorter at random, so that many
//!   clients of one outage drift apart.
//! - A failed poll doubles the wait, half of it at random, up to [`BACKOFF_MAX_MS`] (or the interval if that is
//!   longer), and never comes before the time that the server asked for.
//! - Live again, switched off, or nothing on screen: no further poll. An answer in flight is still used.

use std::collections::VecDeque;

use crate::http::RETRY_AFTER_MAX_MS;
use crate::random::Random;
use crate::settings::Settings;
use crate::time::{Now, earliest};

/// How long the connection may be gone before the first poll, in milliseconds.
pub const GRACE_MS: u64 = 3000;
/// Shortest interval while the page is hidden, in milliseconds.
pub const HIDDEN_INTERVAL_MS: u64 = 60_000;
/// Longest wait after failures, in milliseconds, unless the interval is longer: a healed server is noticed within a minute.
pub const BACKOFF_MAX_MS: u64 = 60_000;
/// Longest wait for an answer, in milliseconds.
const ANSWER_MS: u64 = 4000;
/// More time for an answer whose alarm rang late by as much, in milliseconds: it may be in the queue behind it.
const LATE_GRACE_MS: u64 = 1000;
/// Shortest time between two polls that were hastened, in milliseconds.
const SPACING_MS: u64 = 1000;

/// The live connection's part in keeping the data up to date.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Connectivity {
    /// There will be none: switched off by the settings, or stopped by the server for good.
    Absent,
    /// It is being made, or some of its channels are missing.
    Down,
    /// All events arrive, and all missed data have been read.
    Live,
    /// No updates are wanted: nobody is signed in, or the user switched them off.
    #[default]
    Off,
}

impl Connectivity {
    const fn needs_polls(self) -> bool {
        matches!(self, Self::Absent | Self::Down)
    }
}

/// Something to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PollOutput {
    /// Poll now, and pass the result to [`Poller::handle_answer`].
    Poll,
    /// Abort the poll in flight; it counts as failed already.
    Abort,
}

/// The poller. See the module's documentation.
#[derive(Clone, Debug)]
pub struct Poller {
    random: Random,
    settings_interval_ms: u64,
    connectivity: Connectivity,
    visible: bool,
    any: bool,
    /// When the next poll begins. Kept while nothing is on screen, so that a schedule survives a change of tabs.
    next_at: Option<u64>,
    /// The deadline of the poll in flight.
    answer_by: Option<u64>,
    answer_graced: bool,
    /// When the last poll began.
    began_at: Option<u64>,
    /// Whether the last poll since the connection was last live succeeded.
    last: Option<bool>,
    failures: u32,
    /// Not before this, since the server asked so.
    not_before: u64,
    outputs: VecDeque<PollOutput>,
}

impl Poller {
    /// A poller at rest. `seed` spreads its polls apart from those of others.
    #[must_use]
    pub const fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            settings_interval_ms: settings.poll_interval_ms,
            connectivity: Connectivity::Off,
            visible: true,
            any: false,
            next_at: None,
            answer_by: None,
            answer_graced: false,
            began_at: None,
            last: None,
            failures: 0,
            not_before: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Whether there is anything on screen to poll. The same again is harmless.
    pub fn set_any(&mut self, now: Now, any: bool) {
        let had_any = std::mem::replace(&mut self.any, any);
        // A resource that came on screen is as old as its last read.
        if any && !had_any {
            self.hasten(now.mono_ms);
        }
        self.begin_if_due(now.mono_ms);
    }

    /// There is a reason to poll: a sign that the device, the page or the network came back, or other topics on
    /// screen. Polls soon. Harmless while live.
    pub fn wake(&mut self, now: Now) {
        self.hasten(now.mono_ms);
        self.begin_if_due(now.mono_ms);
    }

    /// Does everything that is due. Harmless when called early, late or twice.
    pub fn handle_timeout(&mut self, now: Now) {
        if let Some(by) = self.answer_by.filter(|by| *by <= now.mono_ms) {
            if now.mono_ms - by >= LATE_GRACE_MS && !self.answer_graced {
                self.answer_graced = true;
                self.answer_by = Some(now.mono_ms + LATE_GRACE_MS);
            } else {
                self.outputs.push_back(PollOutput::Abort);
                self.note_answer(now, Err(None));
            }
        }
        self.begin_if_due(now.mono_ms);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<PollOutput> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] is wanted, by [`Now::mono_ms`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        earliest(self.next_poll_at(), self.answer_by)
    }

    /// Whether polls are made, or would be as soon as the grace is over.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.connectivity.needs_polls() && self.any
    }

    /// Whether the last poll since the connection was last live succeeded.
    #[must_use]
    pub fn is_working(&self) -> bool {
        self.is_active() && self.last == Some(true)
    }

    /// Whether a poll is in flight.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        self.answer_by.is_some()
    }

    /// When the next poll begins, by [`Now::mono_ms`].
    #[must_use]
    pub fn next_poll_at(&self) -> Option<u64> {
        self.next_at.filter(|_| self.may_begin())
    }

    /// The interval while polls succeed, in milliseconds.
    #[must_use]
    pub fn interval_ms(&self) -> u64 {
        if self.visible {
            self.settings_interval_ms
        } else {
            self.settings_interval_ms.max(HIDDEN_INTERVAL_MS)
        }
    }

    /// The live connection's part, which may have changed.
    pub fn set_connectivity(&mut self, now: Now, connectivity: Connectivity) {
        let before = std::mem::replace(&mut self.connectivity, connectivity);
        let is_needed = connectivity.needs_polls();
        if is_needed && !before.needs_polls() {
            self.next_at = Some((now.mono_ms + GRACE_MS).max(self.not_before));
        } else if !is_needed && before != connectivity {
            if connectivity == Connectivity::Off && self.answer_by.is_some() {
                self.outputs.push_back(PollOutput::Abort);
            }
            self.next_at = None;
            self.answer_by = None;
            self.last = None;
            self.failures = 0;
        }
        self.begin_if_due(now.mono_ms);
    }

    /// The server wants no read for so long, in milliseconds, by its answer to any of them. Holds over outages and all
    /// reasons for a poll: the server is the same.
    pub fn wait_for_server(&mut self, now: Now, ms: u64) {
        let until = now.mono_ms + ms.min(RETRY_AFTER_MAX_MS);
        self.not_before = self.not_before.max(until);
        self.next_at = self.next_at.map(|at| at.max(self.not_before));
    }

    /// The page was shown or hidden.
    pub fn set_visible(&mut self, now: Now, visible: bool) {
        if self.visible == visible {
            return;
        }
        self.visible = visible;
        // Before the first poll of an outage the grace holds; after a failure, its own wait.
        if self.last == Some(true)
            && self.next_at.is_some()
            && let Some(began_at) = self.began_at
        {
            let due = began_at + self.interval_ms();
            self.next_at = Some(due.max(now.mono_ms).max(self.not_before));
        }
        self.begin_if_due(now.mono_ms);
    }

    /// There is a reason to poll: now, or when the spacing and the server's `Retry-After` allow.
    fn hasten(&mut self, now: u64) {
        // The first poll of an outage waits for the end of the grace.
        if self.last.is_none() {
            return;
        }
        let soon = self.began_at.map_or(now, |at| at + SPACING_MS);
        let soon = soon.max(now).max(self.not_before);
        if let Some(next_at) = &mut self.next_at {
            *next_at = (*next_at).min(soon);
        }
    }

    /// The poll in flight succeeded; or it failed, perhaps with the time after which the server wants to be asked again, in
    /// milliseconds from now.
    pub fn handle_answer(&mut self, now: Now, result: Result<(), Option<u64>>) {
        self.note_answer(now, result);
        self.begin_if_due(now.mono_ms);
    }

    fn note_answer(&mut self, now: Now, result: Result<(), Option<u64>>) {
        if self.answer_by.take().is_none() {
            return;
        }
        self.last = Some(result.is_ok());
        let wait = match result {
            Ok(()) => {
                self.failures = 0;
                let interval = self.interval_ms();
                interval - self.random.up_to(interval / 10)
            }
            Err(retry_after_ms) => {
                let asked = retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MAX_MS);
                self.wait_for_server(now, asked);
                let interval = self.interval_ms();
                let longest = interval.max(BACKOFF_MAX_MS);
                let cap = (interval << self.failures.min(10)).min(longest);
                self.failures = self.failures.saturating_add(1);
                // The jitter goes on top of the server's `Retry-After`, which many clients get at the same time.
                (cap / 2).max(asked) + self.random.up_to(cap / 2)
            }
        };
        self.next_at = Some((now.mono_ms + wait).max(self.not_before));
    }

    fn may_begin(&self) -> bool {
        self.is_active() && self.answer_by.is_none()
    }

    fn begin_if_due(&mut self, now: u64) {
        if self.may_begin() && self.next_at.is_some_and(|at| at <= now) {
            self.next_at = None;
            self.began_at = Some(now);
            self.answer_by = Some(now + ANSWER_MS);
            self.answer_graced = false;
            self.outputs.push_back(PollOutput::Poll);
        }
    }
}

#[cfg(test)]
mod tests;
