//! What the store knows of users: their data with every version's image, their sign-ins, the catalog.

use std::collections::BTreeMap;

use dashboard_model::{Beat, Event, MutationReply, Resource};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, HttpResult, SnapshotRequest};
use sync_engine::schema::ItemPage;
use sync_protocol::{
    MutationRequest, Outcome, Page, Problem, ProblemCode, Session, Timestamp, Token, User,
};

use crate::image::{Image, of_model};
use crate::model::{Server as Model, beat, decoded_reply};

/// The wall clock of the server at the start: 2026-11-23T10:00:00Z.
pub(crate) const START_MS: i64 = 1_795_428_000_000;

/// The beats on sale.
pub(crate) const BEATS: [&str; 6] = ["b0", "b1", "b2", "b3", "b4", "b5"];

/// The users with an account.
pub(crate) const NAMES: [&str; 2] = ["ada", "ben"];

/// One user's data.
pub(crate) struct Account {
    pub(crate) model: Model,
    /// An earlier state, to which the server can be restored.
    backup: Model,
    images: BTreeMap<(String, Resource, u64), Image>,
    /// Which beats were favorites, from each version on that changed it.
    favorites: BTreeMap<(String, u64), Vec<String>>,
    restored: bool,
    /// The next request with fresh ids finds them taken by another mutation.
    pub(crate) finds_id_taken: bool,
}

impl Account {
    fn new() -> Self {
        let model = Model::new(START_MS - 1_000_000);
        let mut user = Self {
            backup: model.clone(),
            model,
            images: BTreeMap::new(),
            favorites: BTreeMap::new(),
            restored: false,
            finds_id_taken: false,
        };
        user.model.quota = 4;
        user.keep_all();
        user
    }

    /// The image of a resource at a version.
    pub(crate) fn image(&self, epoch: &str, resource: Resource, version: u64) -> Option<&Image> {
        self.images.get(&(epoch.to_owned(), resource, version))
    }

    /// The version that a resource had right after a commit of the epoch that holds.
    pub(crate) fn version_by(&self, resource: Resource, commit: u64) -> u64 {
        let key = (self.model.epoch.clone(), resource, commit);
        let found = self.images.range(..=key).next_back();
        let found =
            found.filter(|((epoch, of, _), _)| *epoch == self.model.epoch && *of == resource);
        found.map_or(0, |((.., version), _)| *version)
    }

    /// The beats that were favorites at a version of the epoch that holds.
    pub(crate) fn favorites(&self, version: u64) -> Option<&Vec<String>> {
        let key = (self.model.epoch.clone(), version);
        let (found, favorites) = self.favorites.range(..=key).next_back()?;
        (found.0 == self.model.epoch).then_some(favorites)
    }

    /// Whether the data of a version include a mutation.
    pub(crate) fn holds(&self, id: &str, version: u64) -> bool {
        let outcome = self.model.outcomes.get(id);
        outcome.is_some_and(|(_, settled, _)| {
            settled.outcome == Outcome::Accepted && settled.version <= version
        })
    }

    /// Whether accepted mutations may be lost.
    pub(crate) const fn has_been_restored(&self) -> bool {
        self.restored
    }

    /// Keeps the images that a commit made.
    fn keep(&mut self, events: &[Event]) {
        for event in events {
            self.keep_one(event.resource);
        }
    }

    fn keep_one(&mut self, resource: Resource) {
        let Model { epoch, .. } = &self.model;
        let version = self.model.versions[resource.index()];
        let image = of_model(&self.model, resource);
        self.images
            .insert((epoch.clone(), resource, version), image);
        if resource == Resource::Favorites {
            let ids = self.model.favorites.iter().map(|row| row.beat_id.clone());
            self.favorites
                .insert((epoch.clone(), version), ids.collect());
        }
    }

    fn keep_all(&mut self) {
        Resource::ALL
            .into_iter()
            .for_each(|resource| self.keep_one(resource));
    }

    fn restore(&mut self, epoch: &str) {
        self.restored = true;
        self.model = self.backup.clone();
        epoch.clone_into(&mut self.model.epoch);
        self.keep_all();
    }
}

/// A call's answer, and the events of the commit that it made.
pub(crate) struct Answer {
    pub(crate) result: HttpResult,
    pub(crate) events: Vec<Event>,
}

impl From<HttpResult> for Answer {
    fn from(result: HttpResult) -> Self {
        Self {
            result,
            events: Vec::new(),
        }
    }
}

/// Everything behind the calls.
pub(crate) struct Users {
    pub(crate) users: Vec<Account>,
    /// Valid sign-ins, with their users.
    sessions: BTreeMap<u64, usize>,
    last_session: u64,
    epochs: u64,
    /// How often each beat was played.
    pub(crate) plays: Vec<u64>,
    token_ms: u64,
}

impl Users {
    pub(crate) fn new(token_ms: u64) -> Self {
        Self {
            users: NAMES.iter().map(|_| Account::new()).collect(),
            sessions: BTreeMap::new(),
            last_session: 0,
            epochs: 1,
            plays: vec![0; BEATS.len()],
            token_ms,
        }
    }

    /// A user signs in.
    pub(crate) fn sign_in(&mut self, now: u64, user: usize) -> (u64, Vec<Event>) {
        self.last_session += 1;
        self.sessions.insert(self.last_session, user);
        let events = self.commit(now, user, |model| model.log("signed in"));
        (self.last_session, events)
    }

    /// A sign-in ends.
    pub(crate) fn end_session(&mut self, session: u64) {
        self.sessions.remove(&session);
    }

    /// The user of a sign-in, if it is valid.
    pub(crate) fn owner(&self, session: u64) -> Option<usize> {
        self.sessions.get(&session).copied()
    }

    /// A commit that no client of this simulation asked for.
    pub(crate) fn commit(
        &mut self,
        now: u64,
        user: usize,
        change: impl FnOnce(&mut Model) -> Vec<Event>,
    ) -> Vec<Event> {
        let user = &mut self.users[user];
        user.model.now_ms = user.model.now_ms.max(wall(now));
        let events = change(&mut user.model);
        user.keep(&events);
        events
    }

    /// Keeps what is there as the state to restore.
    pub(crate) fn back_up(&mut self) {
        for user in &mut self.users {
            user.backup = user.model.clone();
        }
    }

    /// Goes back to what was kept, as another epoch.
    pub(crate) fn restore(&mut self) {
        self.epochs += 1;
        let epoch = format!("e{}", self.epochs);
        for user in &mut self.users {
            user.restore(&epoch);
        }
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, now: u64, session: u64, request: &HttpRequest) -> Answer {
        let Some(owner) = self.owner(session) else {
            return Err(status(401, None)).into();
        };
        Ok(match request {
            HttpRequest::Session => HttpReply::Session(Session {
                user: profile(owner),
                expires_at: Timestamp::from_unix_ms(wall(now) + 86_400_000),
            }),
            HttpRequest::Token => HttpReply::Token(self.token(now, session)),
            HttpRequest::Snapshot(request) => self.snapshot(owner, request),
            HttpRequest::Mutations(request) => return self.run(now, owner, request),
            HttpRequest::Query { .. } => HttpReply::Query(ItemPage::new(self.catalog())),
            HttpRequest::Older {
                resource,
                cursor,
                limit,
            } => HttpReply::Older(self.users[owner].model.older(*resource, cursor, *limit)),
        })
        .into()
    }

    /// Runs mutations, one commit after the other, so that the image of each is kept.
    fn run(&mut self, now: u64, owner: usize, request: &MutationRequest) -> Answer {
        let user = &mut self.users[owner];
        let mut mutations = request.mutations.iter();
        let is_fresh = mutations.all(|mutation| !user.model.outcomes.contains_key(&mutation.id));
        if is_fresh && std::mem::take(&mut user.finds_id_taken) {
            let problem = Problem::new(ProblemCode::MutationIdReused, 409, "taken");
            return Err(HttpFailure::Status {
                status: 409,
                problem: Some(Box::new(problem)),
                retry_after_ms: None,
            })
            .into();
        }
        let parts: Vec<_> = if request.atomic {
            vec![request.clone()]
        } else {
            let mutations = request.mutations.iter().cloned();
            let alone = mutations.map(|mutation| MutationRequest {
                mutations: vec![mutation],
                atomic: false,
            });
            alone.collect()
        };
        let mut whole = MutationReply {
            epoch: self.users[owner].model.epoch.clone(),
            results: Vec::new(),
        };
        let mut events = Vec::new();
        for part in parts {
            events.extend(self.commit(now, owner, |model| {
                let (reply, events) = model.run(&part);
                whole.results.extend(reply.results);
                events
            }));
        }
        Answer {
            result: Ok(HttpReply::Mutations(decoded_reply(whole))),
            events,
        }
    }

    fn snapshot(&self, owner: usize, request: &SnapshotRequest) -> HttpReply {
        HttpReply::Snapshot(self.users[owner].model.snapshot(request))
    }

    fn token(&self, now: u64, session: u64) -> Token {
        let end = now + self.token_ms;
        Token {
            token: format!("{session}.{end}"),
            expires_at: Timestamp::from_unix_ms(wall(end)),
            url: None,
            server_time: None,
        }
    }

    /// The sign-in and the end of a token; `None` if it was not made here or its sign-in has ended.
    pub(crate) fn read_token(&self, token: &str) -> Option<(u64, u64)> {
        let (session, end) = token.split_once('.')?;
        let session = session.parse().ok()?;
        self.owner(session)?;
        Some((session, end.parse().ok()?))
    }

    fn catalog(&self) -> Page<Beat> {
        let beats = BEATS.iter().zip(&self.plays).map(|(id, plays)| Beat {
            plays: *plays,
            ..beat(id)
        });
        Page {
            items: beats.collect(),
            next_cursor: None,
        }
    }
}

/// A user as a client knows them.
pub(crate) fn profile(user: usize) -> User {
    User {
        id: NAMES[user].to_owned(),
        ..User::default()
    }
}

/// The server's wall clock.
pub(crate) fn wall(now: u64) -> i64 {
    START_MS + i64::try_from(now).expect("simulated times are short")
}

/// An answer with nothing but a status.
pub(crate) fn status(status: u16, retry_after_ms: Option<u64>) -> HttpFailure {
    HttpFailure::Status {
        status,
        problem: None,
        retry_after_ms,
    }
}
