//! The question who is signed in, for an application that leaves the sign-in to its server. It is asked until the server
//! has answered, since without the answer the application has nothing to show.

use super::{Core, CoreOutput, Part};
use crate::connection::ConnectionInput;
use crate::fetch::{FetchPolicy, Fetcher, TimerEvent};
use crate::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use crate::random::Random;
use crate::time::Now;

/// As for a query, but without a last retry.
const POLICY: FetchPolicy = FetchPolicy {
    retries: u32::MAX,
    timeout_ms: 15_000,
};

/// The state of the question.
#[derive(Debug)]
pub(super) struct SessionCheck {
    pub(super) fetcher: Fetcher,
    random: Random,
    last_id: u64,
    /// Asked, and neither answered nor cancelled.
    is_open: bool,
    /// It was answered, or the user signed out: nobody is signed in.
    pub(super) found_nobody: bool,
    /// When calls of other parts that were answered with 401 may go on, by `Now::mono_ms`.
    pub(super) resume_at: Option<u64>,
    /// When such calls last went on.
    pub(super) resumed_at: Option<u64>,
}

impl SessionCheck {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            fetcher: Fetcher::default(),
            random: Random::new(seed),
            last_id: 0,
            is_open: false,
            found_nobody: false,
            resume_at: None,
            resumed_at: None,
        }
    }

    const fn close(&mut self) {
        self.is_open = false;
        self.fetcher.finish();
    }
}

impl Core {
    /// Asks the server who is signed in, until it answers: [`CoreOutput::SignedIn`] or [`CoreOutput::SignedOut`]. Signing
    /// in or out ends the question.
    pub fn check_session(&mut self, now: Now) {
        self.session_check.found_nobody = false;
        self.session_check.is_open = true;
        self.wake_session_check(now);
        self.drain(now);
    }

    /// The answer to [`Self::check_session`] no longer matters.
    pub fn cancel_session_check(&mut self) {
        if let Some(id) = self.session_check.fetcher.running() {
            self.cancel_call(Part::Session, id);
        }
        self.session_check.close();
    }

    /// There is a reason to ask at once, also where the server had answered with nonsense.
    pub(super) fn wake_session_check(&mut self, now: Now) {
        if self.session_check.is_open {
            self.session_check.fetcher.want_now();
            self.start_session_check(now);
        }
    }

    fn start_session_check(&mut self, now: Now) {
        let check = &mut self.session_check;
        if check.fetcher.is_wanted() {
            check.last_id += 1;
            check.fetcher.start(now, check.last_id, &POLICY);
            let id = check.last_id;
            self.call(Part::Session, id, HttpRequest::Session);
        }
    }

    pub(super) fn session_check_http(&mut self, now: Now, id: u64, result: HttpResult) {
        if self.session_check.fetcher.running() != Some(id) {
            return;
        }
        match result {
            Ok(HttpReply::Session(session)) => {
                self.session_check.close();
                self.outputs.push_back(CoreOutput::SignedIn(session.user));
            }
            Err(failure) if failure.is_unauthenticated() => {
                self.session_check.close();
                if self.user.is_some() {
                    // The connection verifies it, and ends the session.
                    self.connection
                        .handle(now, ConnectionInput::Unauthenticated);
                } else {
                    self.session_check.found_nobody = true;
                    self.outputs.push_back(CoreOutput::SignedOut);
                }
            }
            Ok(_) => self.session_check_failed(now, &HttpFailure::Malformed { status: 200 }),
            Err(failure) => self.session_check_failed(now, &failure),
        }
    }

    fn session_check_failed(&mut self, now: Now, failure: &HttpFailure) {
        let check = &mut self.session_check;
        // An answer that would be the same is not asked for again before the page gives a reason.
        let _will_retry = check.fetcher.fail(now, failure, &mut check.random, &POLICY);
    }

    pub(super) fn session_check_timeout(&mut self, now: Now) {
        match self.session_check.fetcher.handle_timeout(now) {
            TimerEvent::Nothing => {}
            TimerEvent::Retry => self.start_session_check(now),
            TimerEvent::TimedOut(id) => {
                self.cancel_call(Part::Session, id);
                self.session_check_failed(now, &HttpFailure::Timeout);
            }
        }
    }
}
