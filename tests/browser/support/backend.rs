//! A fake server that a test controls.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use dashboard_model::{
    Beat, Favorite, MutationBody, Resource, SignIn, SnapshotReply, Stats, snapshot,
};
use realtime_dashboard::contexts::{DashboardBackend, DemoCall};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, HttpResult, SnapshotRequest};
use sync_engine::schema::ItemPage;
use sync_protocol::{
    ListSnapshot, Page, Problem, ProblemCode, RawMutation, Session, Timestamp, Token, User,
    ValueSnapshot,
};
use sync_web::task::LocalBoxFuture;
use sync_yew::Backend;

/// The server. Clones are the same server.
#[derive(Clone, Default)]
pub(crate) struct FakeBackend {
    server: Rc<Server>,
}

#[derive(Default)]
struct Server {
    session: RefCell<Option<Session>>,
    favorites: RefCell<Vec<Favorite>>,
    /// Responses for the next calls, before any other response.
    scripted: RefCell<VecDeque<HttpResult>>,
    /// Mutation requests that wait for the test's response.
    waiting: RefCell<VecDeque<(HttpRequest, Rc<RefCell<Answer>>)>>,
    calls: RefCell<Vec<HttpRequest>>,
    catalog: RefCell<Vec<Beat>>,
    /// Requests to the demonstration's controls; `None` for a server without them.
    demo: RefCell<Option<Vec<DemoCall>>>,
    down: Cell<bool>,
}

impl FakeBackend {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A server with a session of this user.
    pub(crate) fn signed_in(id: &str) -> Self {
        let backend = Self::new();
        backend.server.session.replace(Some(session(id)));
        backend
    }

    /// The backend, for a component.
    pub(crate) fn shared(&self) -> Rc<dyn DashboardBackend> {
        Rc::clone(&self.server) as Rc<dyn DashboardBackend>
    }

    /// The next call gets this response.
    pub(crate) fn script(&self, result: HttpResult) {
        self.server.scripted.borrow_mut().push_back(result);
    }

    /// Whether all calls fail without reaching the server.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.server.down.set(is_down);
    }

    /// The session ends on the server.
    pub(crate) fn end_session(&self) {
        self.server.session.replace(None);
    }

    /// The user has these favorites.
    pub(crate) fn set_favorites(&self, beats: &[Rc<Beat>]) {
        self.server
            .favorites
            .replace(beats.iter().map(favorite).collect());
    }

    /// The store has these beats.
    pub(crate) fn set_catalog(&self, beats: &[Rc<Beat>]) {
        let beats = beats.iter().map(|beat| Beat::clone(beat));
        self.server.catalog.replace(beats.collect());
    }

    /// The server has the controls of a demonstration.
    pub(crate) fn allow_demo(&self) {
        self.server.demo.replace(Some(Vec::new()));
    }

    /// The requests to those controls.
    pub(crate) fn demo_calls(&self) -> Vec<DemoCall> {
        self.server.demo.borrow().clone().unwrap_or_default()
    }

    /// The calls since the last time.
    pub(crate) fn take_calls(&self) -> Vec<HttpRequest> {
        self.server.calls.take()
    }

    /// Whether a mutation request waits for a response.
    pub(crate) fn has_mutations(&self) -> bool {
        !self.server.waiting.borrow().is_empty()
    }

    /// The oldest mutation request that waits for a response.
    pub(crate) fn take_mutations(&self) -> Option<(HttpRequest, Reply)> {
        let (request, answer) = self.server.waiting.borrow_mut().pop_front()?;
        Some((request, Reply(answer)))
    }
}

/// Answers one waiting call.
pub(crate) struct Reply(Rc<RefCell<Answer>>);

impl Reply {
    pub(crate) fn send(self, result: HttpResult) {
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

impl Server {
    fn answer(&self, request: &HttpRequest) -> HttpResult {
        let Some(session) = self.session.borrow().clone() else {
            return Err(unauthenticated());
        };
        Ok(match request {
            HttpRequest::Session => HttpReply::Session(session),
            HttpRequest::Token => HttpReply::Token(Token {
                token: format!("token of {}", session.user.id),
                expires_at: Timestamp::from_unix_ms(super::platform::START_MS + 600_000),
                url: None,
            }),
            HttpRequest::Snapshot(request) => {
                let reply = snapshot::decoded(self.snapshot(request));
                HttpReply::Snapshot(Some(Box::new(reply)))
            }
            HttpRequest::Query { .. } => HttpReply::Query(ItemPage::new(Page {
                items: self.catalog.borrow().clone(),
                next_cursor: None,
            })),
            HttpRequest::Mutations(_) | HttpRequest::Older { .. } => {
                return Err(HttpFailure::Network);
            }
        })
    }

    fn snapshot(&self, request: &SnapshotRequest) -> SnapshotReply {
        let mut reply = SnapshotReply {
            epoch: "E1".to_owned(),
            version: 1,
            ..SnapshotReply::default()
        };
        let favorites = self.favorites.borrow();
        for (resource, _) in &request.resources {
            match Resource::of(*resource).expect("a resource of the schema") {
                Resource::Favorites => {
                    let ids = favorites.iter().map(|row| row.beat_id.clone());
                    reply.resources.favorites = Some(ListSnapshot {
                        version: 1,
                        items: favorites.clone(),
                        next_cursor: None,
                        ids: Some(ids.collect()),
                    });
                }
                Resource::Stats => {
                    reply.resources.stats = Some(ValueSnapshot {
                        version: 1,
                        data: Stats {
                            favorites: favorites.len() as u32,
                            ..Stats::default()
                        },
                    });
                }
                Resource::Orders => reply.resources.orders = Some(ListSnapshot::default()),
                Resource::Downloads => reply.resources.downloads = Some(ListSnapshot::default()),
                Resource::Activity => reply.resources.activity = Some(ListSnapshot::default()),
            }
        }
        reply
    }
}

impl Backend for Server {
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult> {
        self.calls.borrow_mut().push(request.clone());
        if let Some(result) = self.scripted.borrow_mut().pop_front() {
            return Box::pin(async { result });
        }
        if self.down.get() {
            return Box::pin(async { Err(HttpFailure::Network) });
        }
        if matches!(request, HttpRequest::Mutations(_)) {
            let answer = Rc::default();
            let waiting = (request, Rc::clone(&answer));
            self.waiting.borrow_mut().push_back(waiting);
            return Box::pin(Waiting(answer));
        }
        let result = self.answer(&request);
        Box::pin(async { result })
    }
}

impl DashboardBackend for Server {
    fn sign_in(
        &self,
        credentials: SignIn,
    ) -> LocalBoxFuture<'static, Result<Session, HttpFailure>> {
        let result = if credentials.password == "right" {
            let id = credentials.email.split('@').next().unwrap_or_default();
            self.session.replace(Some(session(id)));
            Ok(session(id))
        } else {
            Err(problem(ProblemCode::InvalidCredentials, 401))
        };
        Box::pin(async { result })
    }

    fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        let scripted = self.scripted.borrow_mut().pop_front();
        if let Some(Err(failure)) = scripted {
            return Box::pin(async { Err(failure) });
        }
        self.session.replace(None);
        Box::pin(async { Ok(()) })
    }

    fn demo(&self, call: DemoCall) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        let result = match &mut *self.demo.borrow_mut() {
            Some(calls) => {
                calls.push(call);
                Ok(())
            }
            None => Err(problem(ProblemCode::NotFound, 404)),
        };
        Box::pin(async { result })
    }
}

pub(crate) fn session(id: &str) -> Session {
    Session {
        user: User {
            id: id.to_owned(),
            email: format!("{id}@demo.test"),
            name: id.to_owned(),
        },
        expires_at: Timestamp::from_unix_ms(super::platform::START_MS + 86_400_000),
    }
}

pub(crate) fn beat(id: &str) -> Rc<Beat> {
    Rc::new(Beat {
        id: id.to_owned(),
        title: format!("Beat {id}"),
        ..Beat::default()
    })
}

pub(crate) fn favorite(beat: &Rc<Beat>) -> Favorite {
    Favorite {
        beat_id: beat.id.clone(),
        beat: Beat::clone(beat),
        added_at: Timestamp::from_unix_ms(super::platform::START_MS),
    }
}

/// The kind of a mutation, in words.
pub(crate) fn body_of(mutation: &RawMutation) -> MutationBody {
    MutationBody::decode(&mutation.kind, &mutation.args).unwrap()
}

pub(crate) fn unauthenticated() -> HttpFailure {
    problem(ProblemCode::Unauthenticated, 401)
}

fn problem(code: ProblemCode, status: u16) -> HttpFailure {
    HttpFailure::Status {
        status,
        problem: Some(Box::new(Problem::new(code, status, "refused"))),
        retry_after_ms: None,
    }
}
