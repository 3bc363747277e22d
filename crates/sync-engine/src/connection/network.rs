//! Whether there is a network. A browser's "offline" is a hint: it is verified before it is believed.

use super::Connection;
use super::timers::Timer;
use crate::time::Now;

/// How long a browser must say "offline" before that is verified, in milliseconds: a flap is not worth a request.
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
    /// There is a network: something arrived, or the browser says so.
    pub(super) fn trust_network(&mut self) {
        self.network = Network::Trusted;
        self.timers.stop(Timer::OfflineCheck);
        self.timers.stop(Timer::OfflineProbe);
    }

    /// Something arrived from the server. Right after the browser's claim it may have been in flight since before, so that it
    /// refutes the claim only once the server was asked.
    pub(super) fn note_arrival(&mut self) {
        if matches!(self.network, Network::Verifying | Network::Offline) {
            self.trust_network();
        }
    }

    /// The browser says that there is no network.
    pub(super) fn doubt_network(&mut self, now: Now) {
        if self.intent.signed_in && self.network == Network::Trusted {
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
    pub(super) fn continue_verifying(&mut self, now: Now) {
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
}
