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

impl Network {
    /// The browser says that there is no network. Returns whether that is new.
    fn doubt(&mut self) -> bool {
        let is_new = *self == Self::Trusted;
        if is_new {
            *self = Self::Doubted;
        }
        is_new
    }

    /// The verification was not answered.
    fn fail_verification(&mut self) {
        if *self == Self::Verifying {
            *self = Self::Offline;
        }
    }

    /// Whether something that arrives now is an answer to the browser's claim. Right after the claim it may have been in
    /// flight since before.
    const fn is_refuted_by_arrival(self) -> bool {
        matches!(self, Self::Verifying | Self::Offline)
    }
}

impl Connection {
    /// There is a network: something arrived, or the browser says so.
    pub(super) fn trust_network(&mut self) {
        self.network = Network::Trusted;
        self.timers.stop(Timer::OfflineCheck);
        self.timers.stop(Timer::OfflineProbe);
    }

    /// Something arrived from the server.
    pub(super) fn note_arrival(&mut self) {
        if self.network.is_refuted_by_arrival() {
            self.trust_network();
        }
    }

    pub(super) fn doubt_network(&mut self, now: Now) {
        if self.intent.is_signed_in() && self.network.doubt() {
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
        self.network.fail_verification();
        self.timers.stop(Timer::OfflineProbe);
    }
}
