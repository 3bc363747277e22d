//! The token for the connection, and the question whether the user is still signed in.

use sync_protocol::Token;
use sync_protocol::centrifugo::{Command, RefreshRequest};

use super::io::ConnectionOutput;
use super::network::Network;
use super::state::{OffReason, cause_code};
use super::timers::Timer;
use super::transport::{Purpose, Stage};
use super::{Connection, Work};
use crate::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use crate::time::Now;

/// Longest wait for a token, and for the answer whether the user is signed in, in milliseconds.
const CALL_MS: u64 = 4000;
/// Wait before a failed renewal of the token is tried again, in milliseconds. The official clients wait as long.
const RENEW_AGAIN_MS: (u64, u64) = (5000, 10_000);

impl Connection {
    /// Asks for a token, unless one is on its way.
    pub(super) fn fetch_token(&mut self, now: Now) {
        if self.tokens.call.is_none() {
            self.tokens.call = Some(self.call(HttpRequest::Token));
            self.timers.set(Timer::Token, now.mono_ms + CALL_MS);
        }
    }

    /// Asks whether the user is still signed in, unless that is being asked.
    pub(super) fn ask_session(&mut self, now: Now) {
        if self.signed_in && self.ask.is_none() {
            self.ask = Some(self.call(HttpRequest::Session));
            self.timers.set(Timer::Ask, now.mono_ms + CALL_MS);
        }
    }

    pub(super) fn handle_http(&mut self, now: Now, id: u64, result: HttpResult) {
        let is_token = self.tokens.call == Some(id);
        let is_answer_to_ask = self.ask == Some(id);
        if !is_token && !is_answer_to_ask {
            self.counters.stale += 1;
            return;
        }
        match &result {
            Err(failure) if failure.is_unauthenticated() => {
                self.tokens.call = self.tokens.call.filter(|call| *call != id);
                self.ask = self.ask.filter(|call| *call != id);
                self.end_session(now, OffReason::SessionEnded, "the server answered 401");
                self.outputs.push_back(ConnectionOutput::SignedOut);
                return;
            }
            Err(failure) if !failure.was_answered() => {}
            Ok(_) | Err(_) => self.note_arrival(),
        }
        if is_token {
            self.tokens.call = None;
            self.timers.stop(Timer::Token);
            match result {
                Ok(HttpReply::Token(token)) => self.use_token(now, token),
                Ok(_) => self.miss_token(now, None),
                Err(failure) => self.miss_token(now, retry_after(&failure)),
            }
        } else {
            self.ask = None;
            self.timers.stop(Timer::Ask);
            if self.network == Network::Verifying && result.is_err_and(|f| !f.was_answered()) {
                self.handle_unverified_network();
            }
        }
    }

    fn use_token(&mut self, now: Now, token: Token) {
        self.tokens.hold(now, token);
        if matches!(self.work, Work::Token) {
            self.open(now);
        } else {
            self.refresh(now);
        }
    }

    /// Hands a new token in over the connection.
    fn refresh(&mut self, now: Now) {
        let Some(token) = self.tokens.held().map(|token| token.token.clone()) else {
            return;
        };
        if let Some(transport) = self.ready_transport() {
            let refresh = Some(RefreshRequest { token });
            let command = Command {
                refresh,
                ..Command::default()
            };
            transport.command(now.mono_ms, Purpose::Refresh, command);
            self.watch_commands();
        }
    }

    /// No token came.
    pub(super) fn miss_token(&mut self, now: Now, wait_ms: Option<u64>) {
        if matches!(self.work, Work::Token) {
            self.lose_for(
                now,
                cause_code::NO_TOKEN,
                "no token to connect with",
                wait_ms,
            );
        } else if self
            .transport()
            .is_some_and(|transport| transport.stage == Stage::Ready)
        {
            let (low, high) = RENEW_AGAIN_MS;
            let wait = self.backoff.between(low, high).max(wait_ms.unwrap_or(0));
            self.timers.set(Timer::Refresh, now.mono_ms + wait);
        }
    }

    pub(super) fn handle_token_timeout(&mut self, now: Now) {
        if let Some(id) = self.tokens.call.take() {
            self.outputs.push_back(ConnectionOutput::CancelHttp { id });
            self.miss_token(now, None);
        }
    }

    pub(super) fn handle_ask_timeout(&mut self) {
        if let Some(id) = self.ask.take() {
            self.outputs.push_back(ConnectionOutput::CancelHttp { id });
            self.handle_unverified_network();
        }
    }

    /// The server told in how many seconds the connection's token ends; 0 if it does not.
    pub(super) fn plan_refresh(&mut self, now: Now, expires: bool, ttl_s: u32) {
        if !expires || ttl_s == 0 {
            self.timers.stop(Timer::Refresh);
            return;
        }
        let ttl = u64::from(ttl_s) * 1000;
        self.tokens.lasts(now.mono_ms, ttl);
        // In the last third but one of its time, so that many connections of one second do not renew in one second.
        let wait = self.backoff.between(ttl / 10 * 6, ttl / 10 * 9);
        self.timers.set(Timer::Refresh, now.mono_ms + wait);
    }
}

const fn retry_after(failure: &HttpFailure) -> Option<u64> {
    match failure {
        HttpFailure::Status { retry_after_ms, .. } => *retry_after_ms,
        HttpFailure::Network | HttpFailure::Timeout | HttpFailure::Malformed { .. } => None,
    }
}
