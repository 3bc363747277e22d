//! The course of an attempt: when one begins, what its failure leads to, and when attempts are suspended.

use super::Connection;
use super::calls::Call;
use super::fault::{ConnectionFault, TerminalReason};
use super::io::ConnectionOutput;
use super::state::{Cause, State};
use super::timers::Timer;
use super::transport::{Stage, Transport};
use crate::http::RETRY_AFTER_MAX_MS;
use crate::io::{SocketCommand, StatusChange};
use crate::time::Now;

/// Shortest time between two attempts that wake signals ask for, in milliseconds.
const WAKE_SPACING_MS: u64 = 500;
/// Shortest time between two attempts that answers of the server ask for, in milliseconds.
const ANSWER_SPACING_MS: u64 = 1000;
/// Between two attempts of a suspended connection, in milliseconds.
const SUSPENDED_MS: u64 = 300_000;
/// Close code for a socket that is no longer wanted.
const NORMAL_CLOSURE: u16 = 1000;

impl Connection {
    /// Any sign that the device, the page or the network came back.
    pub(super) fn wake(&mut self, now: Now) {
        match self.state {
            State::Connected { .. } => self.probe_after_wake(now),
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                self.replace_attempt(now);
            }
            State::Reconnecting { .. } => {
                self.attempts.renew();
                self.attempt_soon(now, WAKE_SPACING_MS);
            }
            State::Error {
                why: ConnectionFault::Suspended { .. },
            } => {
                self.attempts.restart();
                self.attempt_soon(now, WAKE_SPACING_MS);
            }
            State::Disconnected { .. } | State::Error { .. } => {}
        }
    }

    /// The clocks betray a sleep. Probes from before it prove nothing after it. It may also be that the device's clock was
    /// corrected: a new token names the server's time, at once or, if there is no connection, as soon as there is one.
    pub(super) fn wake_from_sleep(&mut self, now: Now) {
        self.timers.stop(Timer::Probe);
        self.liveness.woken_at = None;
        // A call from before the jump would name an old time.
        let is_asked_again = self.cancel_call(Call::Token);
        self.wake(now);
        if is_asked_again || self.is_connected() {
            self.call(now, Call::Token);
        }
    }

    /// The server can be reached, as a call of another part shows. An answer that arrives right after the browser said
    /// that there is no network may have been in flight since before, so that it does not end that doubt.
    pub(super) fn handle_http_answered(&mut self, now: Now) {
        self.note_arrival();
        match self.state {
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                // An attempt that already had such a reason is only slow: if each answer replaced it, none would end.
                if !self.attempts.has_evidence {
                    self.replace_attempt(now);
                }
            }
            State::Reconnecting { .. }
            | State::Error {
                why: ConnectionFault::Suspended { .. },
            } => self.attempt_soon(now, ANSWER_SPACING_MS),
            State::Connected { .. } | State::Disconnected { .. } | State::Error { .. } => {}
        }
    }

    /// There is a sign of a network while an attempt is in flight: replaces it if it hangs, or as soon as it does if it
    /// began before the sign. One that began after a sign is only slow.
    pub(super) fn replace_attempt(&mut self, now: Now) {
        self.attempts.has_sign = true;
        if self.attempts.should_replace(now.mono_ms) {
            self.begin_attempt(now);
        } else if !self.attempts.has_evidence {
            self.timers.set(Timer::Retry, self.attempts.hangs_at());
        }
    }

    /// The user asks for an attempt while one is in flight: replaces it, as soon as it hangs.
    pub(super) fn replace_once_hanging(&mut self, now: Now) {
        if self.attempts.should_replace(now.mono_ms) {
            self.begin_attempt(now);
        } else {
            self.timers.set(Timer::Retry, self.attempts.hangs_at());
        }
    }

    /// Begins an attempt now, or as soon as the spacing to the last one allows.
    fn attempt_soon(&mut self, now: Now, spacing_ms: u64) {
        let earliest = self.attempts.began_at.saturating_add(spacing_ms);
        self.attempts.has_sign = true;
        if now.mono_ms >= earliest {
            self.begin_attempt(now);
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

    /// Begins an attempt: a token first if one is needed, then a socket.
    pub(super) fn begin_attempt(&mut self, now: Now) {
        if self.awaits_token {
            // The attempt that this one replaces hangs at the token.
            self.cancel_token_call();
        }
        self.end_work();
        self.counters.attempts += 1;
        let attempt = self.attempts.begin(now.mono_ms);
        let why = self.attempts.cause.clone();
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
        if self.tokens.is_usable(now.mono_ms) {
            self.open(now);
        } else {
            self.awaits_token = true;
            self.call(now, Call::Token);
        }
    }

    /// Opens a socket for the attempt in flight.
    pub(super) fn open(&mut self, now: Now) {
        self.attempts.generation += 1;
        let generation = self.attempts.generation;
        let longest = self.attempts.opening_ms(now.mono_ms);
        self.timers.set(Timer::Opening, now.mono_ms + longest);
        self.awaits_token = false;
        self.transport = Some(Box::new(Transport::new(generation, now.mono_ms)));
        let url = self.tokens.token().and_then(|token| token.url.clone());
        let command = SocketCommand::Open { generation, url };
        self.outputs.push_back(ConnectionOutput::Socket(command));
    }

    /// An attempt failed or the connection is lost: another attempt follows later, or attempts are suspended.
    pub(super) fn lose(&mut self, now: Now, code: u32, reason: &str) {
        self.lose_for(now, code, reason, None);
    }

    /// As [`Self::lose`], with a wait that the server asked for.
    pub(super) fn lose_for(&mut self, now: Now, code: u32, reason: &str, wait_ms: Option<u64>) {
        self.attempts.cause = Cause::new(code, reason);
        let was_attempting = self.state.is_attempting();
        self.note_end_of_transport(now);
        self.end_work();
        let delay = self.attempts.next_delay(now.mono_ms, was_attempting);
        let state = if let Some(delay) = delay {
            let floor = wait_ms.unwrap_or(0).min(RETRY_AFTER_MAX_MS);
            // The jitter goes on top: many clients get the same floor at the same time.
            let retry_at = now.mono_ms + floor + delay;
            self.timers.set(Timer::Retry, retry_at);
            State::Reconnecting {
                attempt: self.attempts.count,
                retry_at: Some(retry_at),
                why: self.attempts.cause.clone(),
            }
        } else {
            let retry_at = now.mono_ms + SUSPENDED_MS;
            self.timers.set(Timer::Retry, retry_at);
            State::Error {
                why: ConnectionFault::Suspended { retry_at },
            }
        };
        self.enter(now, state, code, reason);
        self.continue_verifying(now);
    }

    /// The server said not to come back.
    pub(super) fn fail(&mut self, now: Now, code: u32, reason: &str, why: TerminalReason) {
        self.attempts.cause = Cause::new(code, reason);
        self.stop(now);
        let why_error = ConnectionFault::Terminal(why);
        self.enter(now, State::Error { why: why_error }, code, reason);
        if why == TerminalReason::Credentials {
            self.ask_session(now);
        }
        self.continue_verifying(now);
    }

    /// Ends the connection and all plans for another.
    pub(super) fn stop(&mut self, now: Now) {
        self.note_end_of_transport(now);
        self.end_work();
        self.cancel_token_call();
        self.attempts.reset();
    }

    /// Takes the connection's life into account for the waits before the next one.
    pub(super) fn note_end_of_transport(&mut self, now: Now) {
        if let Some(transport) = &self.transport
            && transport.stage == Stage::Ready
        {
            self.attempts.note_end(now.mono_ms, transport);
        }
    }

    /// Closes the socket if there is one, and stops the timers that belong to an attempt or a connection.
    pub(super) fn end_work(&mut self) {
        self.awaits_token = false;
        if let Some(transport) = self.transport.take() {
            let (generation, code) = (transport.generation, NORMAL_CLOSURE);
            let command = SocketCommand::Close { generation, code };
            self.outputs.push_back(ConnectionOutput::Socket(command));
        }
        self.timers.stop_all_but(&[
            Timer::Token,
            Timer::Session,
            Timer::OfflineCheck,
            Timer::OfflineProbe,
        ]);
        self.liveness.woken_at = None;
        self.channels.disconnect();
    }

    /// Enters a state, and notifies the others if its status is another one.
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
