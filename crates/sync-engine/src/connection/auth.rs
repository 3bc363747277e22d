//! The token for the connection, and the question whether the user is still signed in.

use sync_protocol::Token;
use sync_protocol::centrifugo::{Command, RefreshRequest};

use super::Connection;
use super::calls::Call;
use super::io::ConnectionOutput;
use super::network::Network;
use super::state::{OffReason, cause_code};
use super::timers::Timer;
use super::transport::Purpose;
use crate::http::{HttpReply, HttpRequest, HttpResult};
use crate::time::Now;

/// Longest wait for a token, and for the answer whether the user is signed in, in milliseconds.
const CALL_MS: u64 = 4000;
/// Wait before a failed renewal of the token is retried, in milliseconds. The official clients wait as long.
const RENEW_AGAIN_MS: (u64, u64) = (5000, 10_000);

impl Connection {
    /// Makes a call, unless one of its kind is in flight.
    pub(super) fn call(&mut self, now: Now, call: Call) {
        if let Some(id) = self.calls.begin(call) {
            let request = match call {
                Call::Token => HttpRequest::Token,
                Call::Session => HttpRequest::Session,
            };
            self.outputs
                .push_back(ConnectionOutput::Http { id, request });
            self.timers.set(timer_of(call), now.mono_ms + CALL_MS);
        }
    }

    /// Aborts a call. Returns whether it was in flight.
    pub(super) fn cancel_call(&mut self, call: Call) -> bool {
        let id = self.calls.abort(call);
        if let Some(id) = id {
            self.timers.stop(timer_of(call));
            self.outputs.push_back(ConnectionOutput::CancelHttp { id });
        }
        id.is_some()
    }

    /// Aborts the call for a token, with the attempt that waits for it.
    pub(super) fn cancel_token_call(&mut self) {
        self.cancel_call(Call::Token);
        self.awaits_token = false;
    }

    /// Asks whether the user is still signed in, unless that is being asked.
    pub(super) fn ask_session(&mut self, now: Now) {
        if self.intent.signed_in {
            self.call(now, Call::Session);
        }
    }

    pub(super) fn handle_http(&mut self, now: Now, id: u64, result: HttpResult) {
        let Some(call) = self.calls.finish(id) else {
            self.counters.stale += 1;
            return;
        };
        self.timers.stop(timer_of(call));
        match &result {
            Err(failure) if failure.is_unauthenticated() => {
                self.end_session(now, OffReason::SessionEnded, "the server answered 401");
                self.outputs.push_back(ConnectionOutput::SignedOut);
                return;
            }
            Err(failure) if !failure.was_answered() => {}
            Ok(_) | Err(_) => self.note_arrival(),
        }
        match (call, result) {
            (Call::Token, Ok(HttpReply::Token(token))) => self.use_token(now, token),
            (Call::Token, Ok(_)) => self.handle_missing_token(now, None),
            (Call::Token, Err(failure)) => self.handle_missing_token(now, failure.retry_after_ms()),
            (Call::Session, result) => {
                let is_unanswered = result.is_err_and(|failure| !failure.was_answered());
                if self.network == Network::Verifying && is_unanswered {
                    self.handle_unverified_network();
                }
            }
        }
    }

    fn use_token(&mut self, now: Now, token: Token) {
        let refresh = RefreshRequest {
            token: token.token.clone(),
        };
        self.clock.learn(now, token.server_time.as_ref());
        self.tokens.hold(self.clock.at_server(now), token);
        if self.awaits_token {
            self.open(now);
        } else if let Some(transport) = self.ready_transport()
            && transport.expires
        {
            let command = Command {
                refresh: Some(refresh),
                ..Command::default()
            };
            transport.command(now.mono_ms, Purpose::Refresh, command);
            self.watch_commands();
        }
    }

    /// No token came.
    pub(super) fn handle_missing_token(&mut self, now: Now, wait_ms: Option<u64>) {
        if self.awaits_token {
            self.lose_for(
                now,
                cause_code::NO_TOKEN,
                "no token to connect with",
                wait_ms,
            );
        } else if self.ready_transport().is_some() {
            let (low, high) = RENEW_AGAIN_MS;
            let wait = self.attempts.between(low, high).max(wait_ms.unwrap_or(0));
            self.timers.set(Timer::Refresh, now.mono_ms + wait);
        }
    }

    pub(super) fn handle_token_timeout(&mut self, now: Now) {
        if self.cancel_call(Call::Token) {
            self.handle_missing_token(now, None);
        }
    }

    pub(super) fn handle_session_timeout(&mut self) {
        if self.cancel_call(Call::Session) {
            self.handle_unverified_network();
        }
    }

    /// The server said in how many seconds the connection's token ends; 0 if it does not.
    pub(super) fn plan_refresh(&mut self, now: Now, expires: bool, ttl_s: u32) {
        let expires = expires && ttl_s > 0;
        if let Some(transport) = self.ready_transport() {
            transport.expires = expires;
        }
        if !expires {
            self.timers.stop(Timer::Refresh);
            return;
        }
        let ttl = u64::from(ttl_s) * 1000;
        self.tokens.set_lifetime(now.mono_ms, ttl);
        // At a random time late in its life, so that many connections of one second do not renew in one second.
        let wait = self.attempts.between(ttl / 10 * 6, ttl / 10 * 9);
        self.timers.set(Timer::Refresh, now.mono_ms + wait);
    }
}

const fn timer_of(call: Call) -> Timer {
    match call {
        Call::Token => Timer::Token,
        Call::Session => Timer::Session,
    }
}
