//! The user's decisions: who is signed in, and whether there is to be a connection.

use super::Connection;
use super::calls::Call;
use super::state::{Cause, OffReason, State, cause_code};
use super::token::Tokens;
use crate::time::Now;

impl Connection {
    pub(super) fn sign_in(&mut self, now: Now) {
        if !std::mem::replace(&mut self.intent.signed_in, true) {
            self.begin(now, "signed in");
        }
    }

    pub(super) fn sign_out(&mut self, now: Now) {
        let ended = |why: &OffReason| *why == OffReason::SessionEnded;
        let why = self.state.off_reason().filter(ended);
        let why = why.unwrap_or(OffReason::SignedOut);
        self.end_session(now, why, "signed out");
    }

    /// Stops and forgets everything that belongs to the user.
    pub(super) fn end_session(&mut self, now: Now, why: OffReason, reason: &str) {
        self.intent.signed_in = false;
        // The next user has not switched anything off.
        self.intent.switched_off = false;
        self.cancel_token_call();
        self.cancel_call(Call::Session);
        self.end_work();
        self.timers.stop_all_but(&[]);
        self.tokens = Tokens::default();
        self.channels.subscriptions.clear();
        self.attempts.reset();
        self.trust_network();
        self.enter(now, State::Disconnected { why }, cause_code::CALLED, reason);
    }

    pub(super) fn connect(&mut self, now: Now) {
        self.intent.switched_off = false;
        match self.state {
            State::Connected { .. } | State::Connecting { .. } => {}
            State::Disconnected { .. } | State::Error { .. } => self.begin(now, "connect called"),
            State::Reconnecting { retry_at, .. } => {
                self.attempts.renew();
                if retry_at.is_some() {
                    self.begin_attempt(now);
                }
            }
        }
    }

    pub(super) fn disconnect(&mut self, now: Now) {
        self.intent.switched_off = true;
        if !self.intent.signed_in {
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
                self.attempts.cause = Cause::new(cause_code::CALLED, "reconnect called");
                self.note_end_of_transport(now);
                self.attempts.begin_outage(now.mono_ms);
                self.begin_attempt(now);
            }
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                self.replace_once_hanging(now);
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
        self.attempts.cause = Cause::new(cause_code::CALLED, reason);
        self.tokens.renewed = false;
        self.channels.forget_rejections();
        if self.state.is_suspended() {
            self.attempts.restart();
        } else {
            self.attempts.reset();
            self.attempts.begin_outage(now.mono_ms);
        }
        self.begin_attempt(now);
    }
}
