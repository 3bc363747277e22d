//! Tries: when one begins, what its failure leads to, and when to park.

use super::fault::{Fault, TerminalReason};
use super::io::Output;
use super::link::{Link, Stage};
use super::state::{Cause, State, cause_code};
use super::timers::Timer;
use super::{Session, Work};
use crate::core::StatusChange;
use crate::http::RETRY_AFTER_MAX_MS;
use crate::planted::{Fault as Planted, is_planted};
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
const PARKED_MS: u64 = 300_000;
/// A connection that stayed for so long has proved itself even without a ping or a reply, in milliseconds.
const PROVEN_BY_AGE_MS: u64 = 20_000;
/// A connection lost so soon after its proof has proved nothing, in milliseconds: a server that answers and then
/// drops must not be hammered. Short, so that a link that flaps by itself is not taken for such a server.
const PROOF_HOLDS_MS: u64 = 250;
/// Close code for a socket that is no longer wanted.
const NORMAL_CLOSURE: u16 = 1000;

impl Session {
    /// Any sign that the device, the page or the network came back.
    pub(super) fn wake(&mut self, now: Now) {
        match self.state {
            State::Connected { .. } => self.probe_after_wake(now),
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                self.try_anew(now, true);
            }
            State::Reconnecting { .. } => {
                self.backoff.renew();
                self.try_soon(now, WAKE_SPACING_MS);
            }
            State::Error {
                why: Fault::Parked { .. },
            } => {
                self.backoff.restart();
                self.try_soon(now, WAKE_SPACING_MS);
            }
            State::Disconnected { .. } if is_planted(Planted::SwitchedOnByWake) => {
                self.connect(now);
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
                if !self.try_had_evidence {
                    self.try_anew(now, true);
                }
            }
            State::Reconnecting { .. }
            | State::Error {
                why: Fault::Parked { .. },
            } => self.try_soon(now, ANSWER_SPACING_MS),
            State::Connected { .. } | State::Disconnected { .. } | State::Error { .. } => {}
        }
    }

    /// There is a reason to try, and a try is under way: replaces it if it hangs. Else it may have begun too early to
    /// profit, so that another follows soon if it fails.
    pub(super) fn try_anew(&mut self, now: Now, has_evidence: bool) {
        self.backoff.renew();
        if now.mono_ms.saturating_sub(self.try_began_at) >= HANGS_MS {
            self.begin_try(now, has_evidence);
        } else {
            self.try_again_soon = true;
        }
    }

    /// Tries now, or as soon as the spacing to the last try allows.
    fn try_soon(&mut self, now: Now, spacing_ms: u64) {
        let earliest = self.try_began_at.saturating_add(spacing_ms);
        if now.mono_ms >= earliest {
            self.begin_try(now, true);
        } else if self
            .timers
            .deadline(Timer::Retry)
            .is_none_or(|planned| earliest < planned)
        {
            self.timers.set(Timer::Retry, earliest);
            match &mut self.state {
                State::Reconnecting { retry_at, .. } => *retry_at = Some(earliest),
                State::Error {
                    why: Fault::Parked { retry_at },
                } => *retry_at = earliest,
                _ => {}
            }
        }
    }

    /// Begins a try: a token first if one is needed, then a socket.
    pub(super) fn begin_try(&mut self, now: Now, has_evidence: bool) {
        if matches!(self.work, Work::Token) {
            // The try that this one replaces hangs at the token.
            self.cancel_token_call();
        }
        self.end_work();
        self.counters.tries += 1;
        self.try_began_at = now.mono_ms;
        self.try_had_evidence = has_evidence;
        self.try_again_soon = false;
        let attempt = self.backoff.count_try(now.mono_ms);
        let why = self.cause.clone();
        let (code, reason) = (why.code, why.reason.clone());
        let state = match self.state {
            State::Connected { .. }
            | State::Reconnecting { .. }
            | State::Error {
                why: Fault::Parked { .. },
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
        self.work = Work::Socket(Box::new(Link::new(generation, now.mono_ms)));
        let url = self.tokens.held().and_then(|token| token.url.clone());
        self.outputs.push_back(Output::Open { generation, url });
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
        let spent = if self.state.is_trying() && self.backoff.is_early(now.mono_ms) {
            now.mono_ms.saturating_sub(self.try_began_at)
        } else {
            0
        };
        self.note_end_of_link(now);
        self.end_work();
        self.backoff.begin_outage(now.mono_ms);
        let delay = if std::mem::take(&mut self.try_again_soon) {
            Some(self.backoff.soon())
        } else {
            self.backoff.next_delay(now.mono_ms)
        };
        let state = if let Some(delay) = delay {
            let floor = wait_ms.unwrap_or(0).min(RETRY_AFTER_MAX_MS);
            // The jitter goes on top: many clients get the same floor at the same time.
            let retry_at = now.mono_ms + floor + delay.saturating_sub(spent);
            if !is_planted(Planted::RetryWithoutAlarm) {
                self.timers.set(Timer::Retry, retry_at);
            }
            State::Reconnecting {
                attempt: self.backoff.attempt(),
                retry_at: Some(retry_at),
                why: self.cause.clone(),
            }
        } else {
            let retry_at = now.mono_ms + PARKED_MS;
            self.timers.set(Timer::Retry, retry_at);
            State::Error {
                why: Fault::Parked { retry_at },
            }
        };
        self.enter(now, state, code, reason);
        self.go_on_verifying(now);
    }

    /// The server said not to come back.
    pub(super) fn fail(&mut self, now: Now, code: u32, reason: &str, why: TerminalReason) {
        self.cause = Cause::new(code, reason);
        self.stop(now);
        let why_error = Fault::Terminal(why);
        self.enter(now, State::Error { why: why_error }, code, reason);
        if why.asks_for_session() {
            self.ask_session(now);
        }
        self.go_on_verifying(now);
    }

    /// Ends the connection and all plans for another.
    pub(super) fn stop(&mut self, now: Now) {
        self.note_end_of_link(now);
        self.end_work();
        self.cancel_token_call();
        self.backoff.reset();
    }

    /// What the connection's life says about the next one.
    pub(super) fn note_end_of_link(&mut self, now: Now) {
        let Some(link) = self.link().filter(|link| link.stage == Stage::Ready) else {
            return;
        };
        let (now, link_settled) = (now.mono_ms, link.settled);
        let by_age = now.saturating_sub(link.ready_at) >= PROVEN_BY_AGE_MS;
        let by_answer = link
            .proven_at
            .is_some_and(|at| now.saturating_sub(at) >= PROOF_HOLDS_MS);
        if by_age || by_answer {
            self.backoff.prove();
            if link_settled {
                self.backoff.end_outage();
            }
        }
    }

    /// Closes the socket if there is one, and stops the timers that belong to a try or a connection.
    pub(super) fn end_work(&mut self) {
        if let Work::Socket(link) = std::mem::replace(&mut self.work, Work::Idle) {
            let (generation, code) = (link.generation, NORMAL_CLOSURE);
            if !is_planted(Planted::SocketLeftOpen) {
                self.outputs.push_back(Output::Close { generation, code });
            }
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
            self.outputs.push_back(Output::Changed(StatusChange {
                from,
                to,
                code,
                reason,
                at_ms: now.wall_ms,
            }));
        }
    }
}
