//! Tries: when one begins, what its failure leads to, and when to park.

use super::fault::{ConnectionFault, TerminalReason};
use super::io::ConnectionOutput;
use super::state::{Cause, State, cause_code};
use super::timers::Timer;
use super::transport::{Stage, Transport};
use super::{Connection, Work};
use crate::http::RETRY_AFTER_MAX_MS;
use crate::io::StatusChange;
use crate::time::Now;

/// Longest wait for a socket to open in the first minute of an outage, in milliseconds.
const OPENING_EARLY_MS: u64 = 4000;
/// From this age on a try that has not come through is taken to hang when there are signs of a network, in
/// milliseconds.
const HANGS_MS: u64 = 1000;
/// Shortest time between two tries that wake signals ask for, in milliseconds.
const WAKE_SPACING_MS: u64 = 500;
/// Shortest time between two tries that answers of the server ask for, in milliseconds.
const ANSWER_SPACING_MS: u64 = 1000;
/// Between two tries of a parked session, in milliseconds.
const SUSPENDED_MS: u64 = 300_000;
/// A connection that stayed for so long has proved itself even without a ping or a reply, in milliseconds.
const PROVEN_BY_AGE_MS: u64 = 20_000;
/// A connection lost so soon after its proof has proved nothing, in milliseconds: a server that answers and then
/// drops must not be hammered. Short, so that a link that flaps by itself is not taken for such a server.
const HEARTBEAT_HOLDS_MS: u64 = 250;
/// Close code for a socket that is no longer wanted.
const NORMAL_CLOSURE: u16 = 1000;

impl Connection {
    /// Any sign that the device, the page or the network came back.
    pub(super) fn wake(&mut self, now: Now) {
        match self.state {
            State::Connected { .. } => self.probe_after_wake(now),
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                self.attempt_anew(now, true);
            }
            State::Reconnecting { .. } => {
                self.backoff.renew();
                self.attempt_soon(now, WAKE_SPACING_MS);
            }
            State::Error {
                why: ConnectionFault::Suspended { .. },
            } => {
                self.backoff.restart();
                self.attempt_soon(now, WAKE_SPACING_MS);
            }
            State::Disconnected { .. } | State::Error { .. } => {}
        }
    }

    /// The clocks betray a sleep. What was asked before it proves nothing after it.
    pub(super) fn wake_from_sleep(&mut self, now: Now) {
        self.timers.stop(Timer::Probe);
        self.woken_at = None;
        self.wake(now);
    }

    /// The way to the server works, as a call of another part shows. What came right after the browser said that there
    /// is no network may have been on its way before, so that it does not end that doubt.
    pub(super) fn handle_http_answered(&mut self, now: Now) {
        self.note_arrival();
        match self.state {
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                // A try that already had such a reason is only slow: replacing it again and again would end none.
                if !self.attempt_had_evidence {
                    self.attempt_anew(now, true);
                }
            }
            State::Reconnecting { .. }
            | State::Error {
                why: ConnectionFault::Suspended { .. },
            } => self.attempt_soon(now, ANSWER_SPACING_MS),
            State::Connected { .. } | State::Disconnected { .. } | State::Error { .. } => {}
        }
    }

    /// There is a reason to try, and a try is under way: replaces it if it hangs. Else it may have begun too early to
    /// profit, so that another follows soon if it fails.
    pub(super) fn attempt_anew(&mut self, now: Now, has_evidence: bool) {
        self.backoff.renew();
        if now.mono_ms.saturating_sub(self.attempt_began_at) >= HANGS_MS {
            self.begin_attempt(now, has_evidence);
        } else {
            self.retry_soon = true;
        }
    }

    /// Tries now, or as soon as the spacing to the last try allows.
    fn attempt_soon(&mut self, now: Now, spacing_ms: u64) {
        let earliest = self.attempt_began_at.saturating_add(spacing_ms);
        if now.mono_ms >= earliest {
            self.begin_attempt(now, true);
        } else if self
            .timers
            .deadline(Timer::Retry)
            .is_none_or(|planned| earliest < planned)
        {
            self.timers.set(Timer::Retry, earliest);
            match &mut self.state {
                State::Reconnecting { retry_at, .. } => *retry_at = Some(earliest),
                State::Error {
                    why: ConnectionFault::Suspended { retry_at },
                } => *retry_at = earliest,
                _ => {}
            }
        }
    }

    /// Begins a try: a token first if one is needed, then a socket.
    pub(super) fn begin_attempt(&mut self, now: Now, has_evidence: bool) {
        if matches!(self.work, Work::Token) {
            // The try that this one replaces hangs at the token.
            self.cancel_token_call();
        }
        self.end_work();
        self.counters.attempts += 1;
        self.attempt_began_at = now.mono_ms;
        self.attempt_had_evidence = has_evidence;
        self.retry_soon = false;
        let attempt = self.backoff.count_attempt(now.mono_ms);
        let why = self.cause.clone();
        let (code, reason) = (why.code, why.reason.clone());
        let state = match self.state {
            State::Connected { .. }
            | State::Reconnecting { .. }
            | State::Error {
                why: ConnectionFault::Suspended { .. },
            } => State::Reconnecting {
                attempt,
                retry_at: None,
                why,
            },
            _ => State::Connecting { attempt },
        };
        self.enter(now, state, code, &reason);
        if self.tokens.usable(now.mono_ms).is_some() {
            self.open(now);
        } else {
            self.work = Work::Token;
            self.fetch_token(now);
        }
    }

    /// Opens a socket for the try that is under way.
    pub(super) fn open(&mut self, now: Now) {
        self.generation += 1;
        let generation = self.generation;
        let longest = if self.backoff.is_early(now.mono_ms) {
            self.connection_timeout_ms.min(OPENING_EARLY_MS)
        } else {
            self.connection_timeout_ms
        };
        self.timers.set(Timer::Opening, now.mono_ms + longest);
        self.work = Work::Socket(Box::new(Transport::new(generation, now.mono_ms)));
        let url = self.tokens.held().and_then(|token| token.url.clone());
        self.outputs
            .push_back(ConnectionOutput::Open { generation, url });
    }

    pub(super) fn handle_connect_timeout(&mut self, now: Now) {
        self.lose(now, cause_code::CONNECT_TIMEOUT, "no answer in time");
    }

    /// A try failed or the connection is lost: try again later, or park.
    pub(super) fn lose(&mut self, now: Now, code: u32, reason: &str) {
        self.lose_for(now, code, reason, None);
    }

    /// As [`Self::lose`], with a wait that the server asked for.
    pub(super) fn lose_for(&mut self, now: Now, code: u32, reason: &str, wait_ms: Option<u64>) {
        self.cause = Cause::new(code, reason);
        // In the first minute a try that hung has waited already: the time counts as part of the delay, so that a
        // link that swallows everything is tried again as soon as one that refuses.
        let spent = if self.state.is_attempting() && self.backoff.is_early(now.mono_ms) {
            now.mono_ms.saturating_sub(self.attempt_began_at)
        } else {
            0
        };
        self.note_end_of_transport(now);
        self.end_work();
        self.backoff.begin_outage(now.mono_ms);
        let delay = if std::mem::take(&mut self.retry_soon) {
            Some(self.backoff.soon())
        } else {
            self.backoff.next_delay(now.mono_ms)
        };
        let state = if let Some(delay) = delay {
            let floor = wait_ms.unwrap_or(0).min(RETRY_AFTER_MAX_MS);
            // The jitter goes on top: many clients get the same floor at the same time.
            let retry_at = now.mono_ms + floor + delay.saturating_sub(spent);
            self.timers.set(Timer::Retry, retry_at);
            State::Reconnecting {
                attempt: self.backoff.attempt(),
                retry_at: Some(retry_at),
                why: self.cause.clone(),
            }
        } else {
            let retry_at = now.mono_ms + SUSPENDED_MS;
            self.timers.set(Timer::Retry, retry_at);
            State::Error {
                why: ConnectionFault::Suspended { retry_at },
            }
        };
        self.enter(now, state, code, reason);
        self.go_on_verifying(now);
    }

    /// The server said not to come back.
    pub(super) fn fail(&mut self, now: Now, code: u32, reason: &str, why: TerminalReason) {
        self.cause = Cause::new(code, reason);
        self.stop(now);
        let why_error = ConnectionFault::Terminal(why);
        self.enter(now, State::Error { why: why_error }, code, reason);
        if why.asks_for_session() {
            self.ask_session(now);
        }
        self.go_on_verifying(now);
    }

    /// Ends the connection and all plans for another.
    pub(super) fn stop(&mut self, now: Now) {
        self.note_end_of_transport(now);
        self.end_work();
        self.cancel_token_call();
        self.backoff.reset();
    }

    /// What the connection's life says about the next one.
    pub(super) fn note_end_of_transport(&mut self, now: Now) {
        let Some(transport) = self
            .transport()
            .filter(|transport| transport.stage == Stage::Ready)
        else {
            return;
        };
        let (now, transport_settled) = (now.mono_ms, transport.settled);
        let by_age = now.saturating_sub(transport.ready_at) >= PROVEN_BY_AGE_MS;
        let by_answer = transport
            .proven_at
            .is_some_and(|at| now.saturating_sub(at) >= HEARTBEAT_HOLDS_MS);
        if by_age || by_answer {
            self.backoff.prove();
            if transport_settled {
                self.backoff.end_outage();
            }
        }
    }

    /// Closes the socket if there is one, and stops the timers that belong to a try or a connection.
    pub(super) fn end_work(&mut self) {
        if let Work::Socket(transport) = std::mem::replace(&mut self.work, Work::Idle) {
            let (generation, code) = (transport.generation, NORMAL_CLOSURE);
            self.outputs
                .push_back(ConnectionOutput::Close { generation, code });
        }
        for timer in [
            Timer::Retry,
            Timer::Opening,
            Timer::Handshake,
            Timer::Command,
            Timer::Silence,
            Timer::Probe,
            Timer::Measure,
            Timer::Refresh,
            Timer::Resubscribe,
            Timer::Resync,
        ] {
            self.timers.stop(timer);
        }
        self.woken_at = None;
        self.channels.disconnect();
    }

    /// Takes a state on and tells others if its status is another one.
    pub(super) fn enter(&mut self, now: Now, state: State, code: u32, reason: &str) {
        let (from, to) = (self.state.status(), state.status());
        self.state = state;
        if from != to {
            let Cause { code, reason } = Cause::new(code, reason);
            self.outputs
                .push_back(ConnectionOutput::Changed(StatusChange {
                    from,
                    to,
                    code,
                    reason,
                    at_ms: now.wall_ms,
                }));
        }
    }
}
