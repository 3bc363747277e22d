//! The attempts of an outage: when the last one began and why, when the next one may begin, and what the outage is for.

use super::backoff::Backoff;
use super::state::Cause;
use super::transport::Transport;
use crate::settings::Settings;

/// Longest wait for a socket to open in the first minute of an outage, in milliseconds.
const OPENING_EARLY_MS: u64 = 4000;
/// From this age on, in milliseconds, an attempt without a result counts as hanging when there are signs of a network.
const HANGS_MS: u64 = 1000;
/// A connection of this age has proved itself even without a ping or a reply, in milliseconds.
const PROVEN_BY_AGE_MS: u64 = 20_000;
/// A connection lost so soon after its first heartbeat has proved nothing, in milliseconds: a server that answers and
/// then drops must not be hammered. Short, so that a connection that flaps by itself does not count as such a server.
const HEARTBEAT_HOLDS_MS: u64 = 250;

/// The attempts to connect.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    backoff: Backoff,
    /// Longest wait for a socket to open, in milliseconds.
    opening_max_ms: u64,
    /// When the last attempt began.
    began_at: u64,
    /// Whether a sign of a network was the reason of the last attempt.
    has_evidence: bool,
    /// If the attempt fails, another follows soon: there was a sign of a network meanwhile.
    retry_soon: bool,
    /// Why the last connection or attempt ended.
    cause: Cause,
    /// The number of the last socket.
    generation: u64,
}

impl Attempts {
    pub(super) fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            backoff: Backoff::new(settings, seed),
            opening_max_ms: settings.connection_timeout_ms,
            began_at: 0,
            has_evidence: false,
            retry_soon: false,
            cause: Cause::default(),
            generation: 0,
        }
    }

    /// An attempt begins. Returns its number in the outage, from 1.
    pub(super) fn begin(&mut self, now: u64, has_evidence: bool) -> u32 {
        self.began_at = now;
        self.has_evidence = has_evidence;
        self.retry_soon = false;
        self.backoff.count_attempt(now)
    }

    /// Attempts begun in this outage.
    pub(super) const fn count(&self) -> u32 {
        self.backoff.attempt()
    }

    /// Whether a sign of a network was the reason of the last attempt.
    pub(super) const fn has_evidence(&self) -> bool {
        self.has_evidence
    }

    /// Why the last connection or attempt ended.
    pub(super) const fn cause(&self) -> &Cause {
        &self.cause
    }

    pub(super) fn set_cause(&mut self, code: u32, reason: &str) {
        self.cause = Cause::new(code, reason);
    }

    /// The number of the attempt's socket: every socket has another one.
    pub(super) const fn next_generation(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    /// Longest wait for the socket of an attempt to open, in milliseconds.
    pub(super) fn opening_ms(&self, now: u64) -> u64 {
        if self.backoff.is_early(now) {
            self.opening_max_ms.min(OPENING_EARLY_MS)
        } else {
            self.opening_max_ms
        }
    }

    /// There is a sign of a network, or a request of the user, and an attempt is in flight. Returns whether it hangs, so
    /// that another has to replace it. If not, it may have begun too early to profit, and another follows soon if it
    /// fails.
    pub(super) const fn should_replace(&mut self, now: u64) -> bool {
        self.backoff.renew();
        let hangs = now.saturating_sub(self.began_at) >= HANGS_MS;
        self.retry_soon |= !hangs;
        hangs
    }

    /// The earliest time of an attempt that keeps a spacing to the last one.
    pub(super) const fn earliest(&self, spacing_ms: u64) -> u64 {
        self.began_at.saturating_add(spacing_ms)
    }

    /// A connection or attempt ended, and an outage begins or goes on. Returns the wait before the next attempt, in
    /// milliseconds; `None` when the retry limit is reached.
    pub(super) fn next_delay(&mut self, now: u64, was_attempting: bool) -> Option<u64> {
        // In the first minute an attempt that hung has waited already: its time counts as part of the delay, so that a
        // network that swallows everything is tried again as soon as one that rejects.
        let spent = if was_attempting && self.backoff.is_early(now) {
            now.saturating_sub(self.began_at)
        } else {
            0
        };
        self.backoff.begin_outage(now);
        let delay = if std::mem::take(&mut self.retry_soon) {
            Some(self.backoff.soon())
        } else {
            self.backoff.next_delay(now)
        };
        delay.map(|delay| delay.saturating_sub(spent))
    }

    /// A connection that the server had accepted ends. If it has proved itself, the next waits are short.
    pub(super) fn note_end(&mut self, now: u64, transport: &Transport) {
        let by_age = now.saturating_sub(transport.ready_at) >= PROVEN_BY_AGE_MS;
        let by_heartbeat = transport
            .proven_at
            .is_some_and(|at| now.saturating_sub(at) >= HEARTBEAT_HOLDS_MS);
        if by_age || by_heartbeat {
            self.backoff.prove();
            if transport.settled {
                self.backoff.end_outage();
            }
        }
    }

    /// An outage begins, unless one goes on.
    pub(super) fn begin_outage(&mut self, now: u64) {
        self.backoff.begin_outage(now);
    }

    /// There is a reason to go on: the retry limit counts anew. The growth of the waits stays.
    pub(super) const fn renew(&mut self) {
        self.backoff.renew();
    }

    /// The attempts go on after they were suspended: count and growth start anew.
    pub(super) const fn restart(&mut self) {
        self.backoff.restart();
    }

    /// No connection is wanted any more: forgets the outage.
    pub(super) const fn reset(&mut self) {
        self.backoff.reset();
    }

    /// A number from `low` to `high`, for waits that have a floor.
    pub(super) const fn between(&mut self, low: u64, high: u64) -> u64 {
        self.backoff.between(low, high)
    }
}
