//! A backend whose answers a test gives.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use sync_protocol::{Problem, ProblemCode, Session, Timestamp, Token, User};
use sync_web::task::LocalBoxFuture;

use super::START_MS;
use crate::Backend;

/// A server of which a test decides everything. Clones are the same server.
///
/// It answers by itself who is signed in and which token opens the socket. Requests with mutations wait until the test
/// answers them; all others go to the closure.
#[derive(Clone)]
pub struct ScriptedBackend {
    server: Rc<Server>,
}

struct Server {
    session: RefCell<Option<Session>>,
    /// Responses for the next calls, before any other response.
    scripted: RefCell<VecDeque<HttpResult>>,
    /// Whether the next call waits for the test's response.
    holds_next: Cell<bool>,
    /// Requests that wait for the test's response.
    waiting: RefCell<VecDeque<(HttpRequest, Rc<RefCell<Answer>>)>>,
    calls: RefCell<Vec<HttpRequest>>,
    down: Cell<bool>,
    /// What its clock shows, if it says so.
    time_ms: Cell<Option<i64>>,
    answer: Box<dyn Fn(&HttpRequest) -> HttpResult>,
}

impl ScriptedBackend {
    /// A server without a session, which answers reads with `answer`.
    pub fn new(answer: impl Fn(&HttpRequest) -> HttpResult + 'static) -> Self {
        Self {
            server: Rc::new(Server {
                session: RefCell::default(),
                scripted: RefCell::default(),
                holds_next: Cell::default(),
                waiting: RefCell::default(),
                calls: RefCell::default(),
                down: Cell::default(),
                time_ms: Cell::default(),
                answer: Box::new(answer),
            }),
        }
    }

    /// Begins a session, or ends it.
    pub fn set_session(&self, session: Option<Session>) {
        self.server.session.replace(session);
    }

    /// The next call gets this response.
    pub fn script(&self, result: HttpResult) {
        self.server.scripted.borrow_mut().push_back(result);
    }

    /// Takes the response for the next call, for a call of the application's own.
    #[must_use]
    pub fn take_scripted(&self) -> Option<HttpResult> {
        self.server.scripted.borrow_mut().pop_front()
    }

    /// The next call waits until the test answers it, as mutations do.
    pub fn hold_next(&self) {
        self.server.holds_next.set(true);
    }

    /// Whether all calls fail without reaching the server.
    pub fn set_down(&self, is_down: bool) {
        self.server.down.set(is_down);
    }

    /// The time that it names with each token, in milliseconds since 1970.
    pub fn set_time(&self, unix_ms: i64) {
        self.server.time_ms.set(Some(unix_ms));
    }

    /// The calls since the last time.
    pub fn take_calls(&self) -> Vec<HttpRequest> {
        self.server.calls.take()
    }

    /// Whether a request waits for a response.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        !self.server.waiting.borrow().is_empty()
    }

    /// The oldest request that waits for a response.
    #[must_use]
    pub fn take_waiting(&self) -> Option<(HttpRequest, Reply)> {
        let (request, answer) = self.server.waiting.borrow_mut().pop_front()?;
        Some((request, Reply(answer)))
    }
}

impl fmt::Debug for ScriptedBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedBackend").finish_non_exhaustive()
    }
}

impl Server {
    fn answer(&self, request: &HttpRequest) -> HttpResult {
        let Some(session) = self.session.borrow().clone() else {
            return Err(problem(ProblemCode::Unauthenticated, 401));
        };
        match request {
            HttpRequest::Session => Ok(HttpReply::Session(session)),
            HttpRequest::Token => Ok(HttpReply::Token(Token {
                token: format!("token of {}", session.user.id),
                expires_at: Timestamp::from_unix_ms(START_MS + 600_000),
                url: None,
                server_time: self.time_ms.get().map(Timestamp::from_unix_ms),
            })),
            _ => (self.answer)(request),
        }
    }
}

impl Backend for ScriptedBackend {
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult> {
        self.server.calls.borrow_mut().push(request.clone());
        let is_held = self.server.holds_next.take();
        let result = if let Some(result) = self.take_scripted() {
            result
        } else if self.server.down.get() {
            Err(HttpFailure::Network)
        } else if is_held || matches!(request, HttpRequest::Mutations(_)) {
            let answer = Rc::default();
            let waiting = (request, Rc::clone(&answer));
            self.server.waiting.borrow_mut().push_back(waiting);
            return Box::pin(Waiting(answer));
        } else {
            self.server.answer(&request)
        };
        Box::pin(async { result })
    }
}

/// Answers one waiting call.
pub struct Reply(Rc<RefCell<Answer>>);

impl Reply {
    /// Sends the response.
    pub fn send(self, result: HttpResult) {
        let waker = {
            let mut answer = self.0.borrow_mut();
            answer.result = Some(result);
            answer.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Answer {
    result: Option<HttpResult>,
    waker: Option<Waker>,
}

struct Waiting(Rc<RefCell<Answer>>);

impl Future for Waiting {
    type Output = HttpResult;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<HttpResult> {
        let mut answer = self.0.borrow_mut();
        match answer.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                answer.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// The session of a user with this id, for a day.
#[must_use]
pub fn session(id: &str) -> Session {
    Session {
        user: User {
            id: id.to_owned(),
            email: format!("{id}@demo.test"),
            name: id.to_owned(),
        },
        expires_at: Timestamp::from_unix_ms(START_MS + 86_400_000),
    }
}

/// A response that reports a problem.
#[must_use]
pub fn problem(code: ProblemCode, status: u16) -> HttpFailure {
    HttpFailure::Status {
        status,
        problem: Some(Box::new(Problem::new(code, status, "refused"))),
        retry_after_ms: None,
    }
}
