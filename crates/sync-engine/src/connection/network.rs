//! Whether there is a network. A browser's "offline" is a hint: it is verified before it is believed.

use super::io::ConnectionOutput;
use super::timers::Timer;
use super::{Connection, Work};
use crate::http::HttpRequest;
use crate::time::Now;

/// How long the browser's word stands before it is verified, in milliseconds: a flap is not worth a question.
const STANDS_MS: u64 = 1000;
/// How long the verification may take, in milliseconds.
const VERIFY_MS: u64 = 2000;

/// What is known about the network.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Network {
    /// There is one, or nobody doubts it.
    #[default]
    Trusted,
    /// The browser says that there is none.
    Doubted,
    /// The server is being asked.
    Verifying,
    /// The browser says that there is none, and the server did not answer.
    Offline,
}

impl Connection {
    /// There is a network: something arrived, or the browser takes its word back.
    pub(super) fn trust_network(&mut self) {
        self.network = Network::Trusted;
        self.timers.stop(Timer::OfflineCheck);
        self.timers.stop(Timer::OfflineProbe);
    }

    /// Something arrived. What arrives right after the browser's word may have been under way before.
    pub(super) fn note_arrival(&mut self) {
        if matches!(self.network, Network::Verifying | Network::Offline) {
            self.trust_network();
        }
    }

    pub(super) fn doubt_network(&mut self, now: Now) {
        if self.signed_in && self.network == Network::Trusted {
            self.network = Network::Doubted;
            self.timers
                .set(Timer::OfflineCheck, now.mono_ms + STANDS_MS);
        }
    }

    /// Asks the server: over the connection if there is one, else by a call.
    pub(super) fn verify_network(&mut self, now: Now) {
        self.network = Network::Verifying;
        if self.is_connected() {
            self.probe_after_wake(now);
        } else {
            self.verify_by_call(now);
        }
    }

    /// The connection that was being asked is gone: asks by a call.
    pub(super) fn go_on_verifying(&mut self, now: Now) {
        if self.network == Network::Verifying && !self.timers.is_running(Timer::OfflineProbe) {
            self.verify_by_call(now);
        }
    }

    fn verify_by_call(&mut self, now: Now) {
        self.timers
            .set(Timer::OfflineProbe, now.mono_ms + VERIFY_MS);
        self.ask_session(now);
    }

    /// The verification was not answered.
    pub(super) fn handle_unverified_network(&mut self) {
        if self.network == Network::Verifying {
            self.network = Network::Offline;
        }
        self.timers.stop(Timer::OfflineProbe);
    }

    /// Calls the session call off, if the session has one under way, and that for the token.
    pub(super) fn cancel_calls(&mut self) {
        self.cancel_token_call();
        if let Some(id) = self.ask.take() {
            self.timers.stop(Timer::Ask);
            self.outputs.push_back(ConnectionOutput::CancelHttp { id });
        }
    }

    pub(super) fn cancel_token_call(&mut self) {
        if let Some(id) = self.tokens.call.take() {
            self.timers.stop(Timer::Token);
            self.outputs.push_back(ConnectionOutput::CancelHttp { id });
        }
        if matches!(self.work, Work::Token) {
            self.work = Work::Idle;
        }
    }

    pub(super) fn call(&mut self, request: HttpRequest) -> u64 {
        let id = self.next_call();
        self.outputs
            .push_back(ConnectionOutput::Http { id, request });
        id
    }
}
