//! The user's decisions: who is signed in, and whether there is to be a connection.

use super::Connection;
use super::state::{OffReason, State, cause_code};
use crate::time::Now;

impl Connection {
    pub(super) fn sign_in(&mut self, now: Now) {
        if self.intent.sign_in() {
            self.begin(now, "signed in");
        }
    }

    pub(super) fn sign_out(&mut self, now: Now) {
        let why = match self.state {
            State::Disconnected {
                why: OffReason::SessionEnded,
            } => OffReason::SessionEnded,
            _ => OffReason::SignedOut,
        };
        self.end_session(now, why, "signed out");
    }

    /// Stops and forgets everything that belongs to the user.
    pub(super) fn end_session(&mut self, now: Now, why: OffReason, reason: &str) {
        self.intent.sign_out();
        self.cancel_calls();
        self.end_work();
        self.timers.stop_all();
        self.tokens.clear();
        self.channels.clear();
        self.attempts.reset();
        self.trust_network();
        self.enter(now, State::Disconnected { why }, cause_code::CALLED, reason);
    }

    pub(super) fn connect(&mut self, now: Now) {
        self.intent.set_switched_off(false);
        match self.state {
            State::Connected { .. } | State::Connecting { .. } => {}
            State::Disconnected { .. } | State::Error { .. } => self.begin(now, "connect called"),
            State::Reconnecting { retry_at, .. } => {
                self.attempts.renew();
                if retry_at.is_some() {
                    self.begin_attempt(now, false);
                }
            }
        }
    }

    pub(super) fn disconnect(&mut self, now: Now) {
        self.intent.set_switched_off(true);
        if !self.intent.is_signed_in() {
            return;
        }
        self.stop(now);
        let why = OffReason::SwitchedOff;
        let state = State::Disconnected { why };
        self.enter(now, state, cause_code::CALLED, "disconnect called");
    }

    pub(super) fn reconnect(&mut self, now: Now) {
        match self.state {
            State::Connected { .. } => {
                self.attempts
                    .set_cause(cause_code::CALLED, "reconnect called");
                self.note_end_of_transport(now);
                self.attempts.begin_outage(now.mono_ms);
                self.begin_attempt(now, false);
            }
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                self.replace_attempt(now, false);
            }
            State::Disconnected { .. } | State::Error { .. } | State::Reconnecting { .. } => {
                self.connect(now);
            }
        }
    }

    /// Starts from nothing, if a connection is wanted.
    fn begin(&mut self, now: Now, reason: &str) {
        match self.intent.off_reason() {
            Some(OffReason::SignedOut) => return,
            Some(why) => {
                self.enter(now, State::Disconnected { why }, cause_code::CALLED, reason);
                return;
            }
            None => {}
        }
        self.attempts.set_cause(cause_code::CALLED, reason);
        self.tokens.allow_renewal();
        self.channels.forget_rejections();
        if self.state.is_suspended() {
            self.attempts.restart();
        } else {
            self.attempts.reset();
            self.attempts.begin_outage(now.mono_ms);
        }
        self.begin_attempt(now, false);
    }
}
