//! What the user decides: who is signed in, and whether there is to be a connection.

use super::Connection;
use super::state::{Cause, OffReason, State, cause_code};
use crate::time::Now;

impl Connection {
    pub(super) fn sign_in(&mut self, now: Now) {
        if self.signed_in {
            return;
        }
        self.signed_in = true;
        self.begin(now, "signed in");
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
        self.signed_in = false;
        self.switched_off = false;
        self.token_renewed = false;
        self.cancel_calls();
        self.end_work();
        self.timers.stop_all();
        self.tokens.discard();
        self.channels.clear();
        self.backoff.reset();
        self.trust_network();
        self.enter(now, State::Disconnected { why }, cause_code::CALLED, reason);
    }

    pub(super) fn connect(&mut self, now: Now) {
        self.switched_off = false;
        match self.state {
            State::Connected { .. } | State::Connecting { .. } => {}
            State::Disconnected { .. } | State::Error { .. } => self.begin(now, "connect called"),
            State::Reconnecting { retry_at, .. } => {
                self.backoff.renew();
                if retry_at.is_some() {
                    self.begin_attempt(now, false);
                }
            }
        }
    }

    pub(super) fn disconnect(&mut self, now: Now) {
        self.switched_off = true;
        if !self.signed_in {
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
                self.cause = Cause::new(cause_code::CALLED, "reconnect called");
                self.note_end_of_transport(now);
                self.backoff.begin_outage(now.mono_ms);
                self.begin_attempt(now, false);
            }
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                self.attempt_anew(now, false);
            }
            State::Disconnected { .. } | State::Error { .. } | State::Reconnecting { .. } => {
                self.connect(now);
            }
        }
    }

    /// Starts from nothing, if a connection is wanted.
    fn begin(&mut self, now: Now, reason: &str) {
        if !self.signed_in {
            return;
        }
        let off = if !self.realtime {
            Some(OffReason::Disabled)
        } else if self.switched_off {
            Some(OffReason::SwitchedOff)
        } else {
            None
        };
        if let Some(why) = off {
            self.enter(now, State::Disconnected { why }, cause_code::CALLED, reason);
            return;
        }
        self.cause = Cause::new(cause_code::CALLED, reason);
        self.token_renewed = false;
        self.channels.forget_rejections();
        if self.state.is_suspended() {
            self.backoff.restart();
        } else {
            self.backoff.reset();
            self.backoff.begin_outage(now.mono_ms);
        }
        self.begin_attempt(now, false);
    }
}
