//! A fake server that a test controls.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use dashboard_model::{
    Beat, Favorite, MutationBody, Resource, SignIn, SnapshotReply, Stats, snapshot,
};
use realtime_dashboard::contexts::{DashboardBackend, DemoCall};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, HttpResult, SnapshotRequest};
use sync_engine::schema::ItemPage;
use sync_protocol::{
    ListSnapshot, Page, ProblemCode, RawMutation, Session, Timestamp, ValueSnapshot,
};
use sync_web::task::LocalBoxFuture;
use sync_yew::Backend;
use sync_yew::test_util::{START_MS, ScriptedBackend, problem, session};

/// The server. Clones are the same server.
#[derive(Clone)]
pub(crate) struct FakeBackend {
    server: Rc<Server>,
}

struct Server {
    scripted: ScriptedBackend,
    store: Rc<Store>,
    /// Requests to the demonstration's controls; `None` for a server without them.
    demo: RefCell<Option<Vec<DemoCall>>>,
}

/// What the server has.
#[derive(Default)]
struct Store {
    favorites: RefCell<Vec<Favorite>>,
    catalog: RefCell<Vec<Beat>>,
}

impl FakeBackend {
    pub(crate) fn new() -> Self {
        let store = Rc::new(Store::default());
        let scripted = {
            let store = Rc::clone(&store);
            ScriptedBackend::new(move |request| store.answer(request))
        };
        let server = Server {
            scripted,
            store,
            demo: RefCell::default(),
        };
        Self {
            server: Rc::new(server),
        }
    }

    /// A server with a session of this user.
    pub(crate) fn signed_in(id: &str) -> Self {
        let backend = Self::new();
        backend.set_session(Some(session(id)));
        backend
    }

    /// The backend, for a component.
    pub(crate) fn shared(&self) -> Rc<dyn DashboardBackend> {
        Rc::clone(&self.server) as Rc<dyn DashboardBackend>
    }

    /// The session ends on the server.
    pub(crate) fn end_session(&self) {
        self.set_session(None);
    }

    /// The user has these favorites.
    pub(crate) fn set_favorites(&self, beats: &[Rc<Beat>]) {
        let favorites = beats.iter().map(favorite).collect();
        self.server.store.favorites.replace(favorites);
    }

    /// The store has these beats.
    pub(crate) fn set_catalog(&self, beats: &[Rc<Beat>]) {
        let beats = beats.iter().map(|beat| Beat::clone(beat));
        self.server.store.catalog.replace(beats.collect());
    }

    /// The server has the controls of a demonstration.
    pub(crate) fn allow_demo(&self) {
        self.server.demo.replace(Some(Vec::new()));
    }

    /// The requests to those controls.
    pub(crate) fn demo_calls(&self) -> Vec<DemoCall> {
        self.server.demo.borrow().clone().unwrap_or_default()
    }
}

impl Deref for FakeBackend {
    type Target = ScriptedBackend;

    fn deref(&self) -> &ScriptedBackend {
        &self.server.scripted
    }
}

impl Store {
    fn answer(&self, request: &HttpRequest) -> HttpResult {
        Ok(match request {
            HttpRequest::Snapshot(request) => {
                let reply = snapshot::decoded(self.snapshot(request));
                HttpReply::Snapshot(Some(Box::new(reply)))
            }
            HttpRequest::Query { .. } => HttpReply::Query(ItemPage::new(Page {
                items: self.catalog.borrow().clone(),
                next_cursor: None,
            })),
            _ => return Err(HttpFailure::Network),
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
        self.scripted.call(request)
    }
}

impl DashboardBackend for Server {
    fn sign_in(
        &self,
        credentials: SignIn,
    ) -> LocalBoxFuture<'static, Result<Session, HttpFailure>> {
        if credentials.password == "slow" {
            self.scripted.hold_next();
            let answer = self.scripted.call(HttpRequest::Session);
            return Box::pin(async {
                match answer.await? {
                    HttpReply::Session(session) => Ok(session),
                    _ => Err(HttpFailure::Malformed { status: 200 }),
                }
            });
        }
        let result = if credentials.password == "right" {
            let id = credentials.email.split('@').next().unwrap_or_default();
            self.scripted.set_session(Some(session(id)));
            Ok(session(id))
        } else {
            Err(problem(ProblemCode::InvalidCredentials, 401))
        };
        Box::pin(async { result })
    }

    fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        if let Some(Err(failure)) = self.scripted.take_scripted() {
            return Box::pin(async { Err(failure) });
        }
        self.scripted.set_session(None);
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
        added_at: Timestamp::from_unix_ms(START_MS),
    }
}

/// The kind of a mutation, in words.
pub(crate) fn body_of(mutation: &RawMutation) -> MutationBody {
    MutationBody::decode(&mutation.kind, &mutation.args).unwrap()
}
