//! A store, its server and everything on its way between them: what can happen, one step at a time, and what holds after
//! each step.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dashboard_model::views::{DashboardStore, favorite_of};
use dashboard_model::{DownloadStatus, MutationBody, OrderStatus, Resource, SetFavorite};
use sync_engine::event::Event;
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest};
use sync_engine::map::Map;
use sync_engine::schema::EntityKey;
use sync_protocol::{Outcome, ProblemCode};

use super::fingerprint::PartPrint;
use crate::fixture::{Fixture, all, like};
use crate::server::{decoded, entity_id, primary_resource};

/// What the user does in one action.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) mutations: Vec<MutationBody>,
    pub(super) atomic: bool,
}

/// One step of a run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The user's next action.
    Action,
    /// A call reaches the server, which does what it is asked for; the reply is on its way.
    Run(usize),
    /// The server rejects the first mutation of a call.
    Reject(usize),
    /// Something on the way rejects a whole call.
    Forbid(usize),
    /// A call does not reach the server.
    LoseRequest(usize),
    /// A reply arrives.
    Arrive(usize),
    /// A reply is lost.
    LoseReply(usize),
    /// The events of a commit arrive, for the first time or again.
    Deliver(usize),
    /// One event of a commit arrives without the others.
    Part(usize, usize),
    /// Everything is read, as by a poll.
    Poll,
    /// Everything is read, as after a gap in a channel.
    Fetch,
    /// Time goes on to the store's next deadline, or for a while if there is none.
    Wait,
    /// Time goes on, over all deadlines on the way.
    Pass(u64),
    /// Something changes on another device.
    Elsewhere,
}

/// The state of one entity on screen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum RowState {
    Favorite(bool),
    Order(OrderStatus),
    Download(DownloadStatus),
}

/// How often a run may meet with what could go on forever.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Calls and replies that are lost, or aborted because they take too long.
    pub(super) losses: u8,
    /// Reads without a reason, as polls and after gaps.
    pub(super) reads: u8,
    /// Calls rejected as a whole.
    pub(super) forbidden: u8,
    /// Whether events of one commit may arrive apart.
    pub(super) apart: bool,
}

/// At least as long as anything that the store remembers for its timing: the spacing of one favorite's requests.
pub(super) const MEMORY_MS: u64 = 1000;

/// Later than any retry: what is planned for then is not planned.
const NEVER_MS: u64 = 3_600_000;

const BEATS: [&str; 3] = ["b1", "b2", "b3"];

/// The entity of a mutation.
pub(super) fn entity_of(body: &MutationBody) -> EntityKey {
    entity(primary_resource(body), entity_id(body))
}

fn entity(resource: Resource, id: &str) -> EntityKey {
    EntityKey {
        resource: resource.into(),
        id: Rc::from(id),
    }
}

/// A reply on its way.
#[derive(Clone)]
pub(super) struct Late {
    pub(super) call: u64,
    pub(super) reply: Rc<HttpReply>,
    pub(super) print: Rc<PartPrint>,
}

#[derive(Clone)]
pub(super) struct Sim {
    pub(super) fixture: Fixture,
    /// What the user does, in order.
    pub(super) actions: Rc<[Action]>,
    /// How many of the actions the user has done.
    pub(super) acted: usize,
    /// All commits since the beginning, each of whose events can arrive at any time and any number of times.
    pub(super) commits: Vec<Rc<[Event]>>,
    /// Of the server and its commits; made again whenever the server does something.
    pub(super) server_print: Rc<PartPrint>,
    /// Replies on their way.
    pub(super) late: Vec<Late>,
    /// What is on screen.
    pub(super) shown: BTreeMap<EntityKey, RowState>,
    /// Entities that may look different after this step.
    pub(super) asked: BTreeSet<EntityKey>,
    /// How many rejections are listed.
    pub(super) failures: usize,
    /// Versions of a list and of the statistics that the server had at the same time.
    pub(super) same_time: BTreeSet<(Resource, Option<u64>, Option<u64>)>,
    pub(super) elsewhere: usize,
    pub(super) left: Bounds,
}

impl Sim {
    pub(super) fn new(actions: &[Action], bounds: Bounds) -> Self {
        let fixture = Fixture::loaded();
        let server_print = Rc::new(PartPrint::of_server(&fixture.server, &[]));
        let mut sim = Self {
            fixture,
            actions: Rc::from(actions),
            acted: 0,
            commits: Vec::new(),
            server_print,
            late: Vec::new(),
            shown: BTreeMap::new(),
            asked: BTreeSet::new(),
            failures: 0,
            same_time: BTreeSet::new(),
            elsewhere: 0,
            left: bounds,
        };
        sim.shown = sim.look();
        sim.check();
        sim
    }

    /// Everything that can happen now.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.acted < self.actions.len() {
            steps.push(Step::Action);
        }
        for (index, (_, request)) in self.fixture.calls.iter().enumerate() {
            steps.push(Step::Run(index));
            if self.can_reject(request) {
                steps.push(Step::Reject(index));
            }
            if self.left.forbidden > 0 && matches!(request, HttpRequest::Mutations(_)) {
                steps.push(Step::Forbid(index));
            }
            if self.left.losses > 0 {
                steps.push(Step::LoseRequest(index));
            }
        }
        for index in 0..self.late.len() {
            steps.push(Step::Arrive(index));
            if self.left.losses > 0 {
                steps.push(Step::LoseReply(index));
            }
        }
        for (index, commit) in self.commits.iter().enumerate() {
            steps.push(Step::Deliver(index));
            if self.left.apart && commit.len() > 1 {
                steps.extend((0..commit.len()).map(|part| Step::Part(index, part)));
            }
        }
        if self.left.reads > 0 {
            steps.push(Step::Fetch);
            if self.fixture.store.reading().is_empty() {
                steps.push(Step::Poll);
            }
        }
        if self.can_wait() {
            steps.push(Step::Wait);
        }
        steps
    }

    /// Whether the server may still reject a call: an outcome never changes.
    fn can_reject(&self, request: &HttpRequest) -> bool {
        let HttpRequest::Mutations(body) = request else {
            return false;
        };
        let outcomes = &self.fixture.server.outcomes;
        let mut ids = body.mutations.iter().map(|mutation| &mutation.id);
        ids.all(|id| !outcomes.contains_key(id))
    }

    /// When the store wants to be called next.
    fn deadline(&self) -> Option<u64> {
        let soon = self.fixture.now.mono_ms + NEVER_MS;
        self.fixture.store.next_deadline().filter(|at| *at < soon)
    }

    fn can_wait(&self) -> bool {
        match self.deadline() {
            // A call that takes too long is among the losses.
            Some(at) => self.fixture.store.first_timeout() != Some(at),
            // It makes a difference only to the next action.
            None => self.acted < self.actions.len(),
        }
    }

    /// Whether nothing is on its way and nothing is planned.
    pub(super) fn is_at_rest(&self) -> bool {
        self.fixture.calls.is_empty() && self.late.is_empty() && self.deadline().is_none()
    }

    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Action => self.act(),
            Step::Run(index) => self.run(index),
            Step::Reject(index) => {
                self.fixture.server.reject.push(ProblemCode::Invalid);
                self.run(index);
                self.fixture.server.reject.clear();
            }
            Step::Forbid(index) => {
                self.left.forbidden -= 1;
                let call = self.fixture.calls[index].0;
                self.fixture.status(call, 400, None);
            }
            Step::LoseRequest(index) => {
                self.left.losses -= 1;
                let call = self.fixture.calls[index].0;
                self.fixture.fail(call, HttpFailure::Network);
            }
            Step::Arrive(index) => {
                let late = self.late.remove(index);
                self.fixture.reply(late.call, (*late.reply).clone());
            }
            Step::LoseReply(index) => {
                self.left.losses -= 1;
                let late = self.late.remove(index);
                self.fixture.fail(late.call, HttpFailure::Network);
            }
            Step::Deliver(index) => self.deliver(self.commits[index].to_vec()),
            Step::Part(index, part) => self.deliver(vec![self.commits[index][part].clone()]),
            Step::Poll => {
                self.left.reads -= 1;
                self.fixture.store.poll(self.fixture.now, all());
                self.fixture.collect();
            }
            Step::Fetch => {
                self.left.reads -= 1;
                self.fetch();
            }
            Step::Wait => self.wait(),
            Step::Pass(ms) => self.fixture.advance(ms),
            Step::Elsewhere => {
                self.elsewhere += 1;
                let server = &mut self.fixture.server;
                server.now_ms = server.now_ms.max(self.fixture.now.wall_ms);
                let events = server.elsewhere(like(&format!("x{}", self.elsewhere)));
                self.commits.push(decoded(&events).into());
                self.update_server();
            }
        }
        self.check();
        self.asked.clear();
    }

    fn act(&mut self) {
        let Action { mutations, atomic } = self.actions[self.acted].clone();
        self.acted += 1;
        self.asked.extend(mutations.iter().map(entity_of));
        self.fixture.batch(mutations.clone(), atomic);
        let favorites = mutations.into_iter().filter_map(|body| match body {
            MutationBody::SetFavorite(SetFavorite { beat_id, favorite }) => {
                Some((beat_id, favorite))
            }
            _ => None,
        });
        // The last one counts.
        for (beat_id, favorite) in favorites.collect::<BTreeMap<_, _>>() {
            assert_eq!(
                self.fixture.favorite(&beat_id),
                favorite,
                "not shown at once"
            );
        }
    }

    fn run(&mut self, index: usize) {
        let (call, request) = self.fixture.calls.remove(index).unwrap();
        let before = self.fixture.server.version;
        let (reply, events) = self.fixture.serve(&request);
        for commit in events.chunk_by(|a, b| a.version == b.version) {
            assert!(commit[0].version > before, "a commit that was there");
            self.commits.push(decoded(commit).into());
        }
        let print = Rc::new(PartPrint::of(&reply));
        let reply = Rc::new(reply);
        self.late.push(Late { call, reply, print });
        self.update_server();
    }

    fn update_server(&mut self) {
        self.server_print = Rc::new(PartPrint::of_server(&self.fixture.server, &self.commits));
    }

    fn deliver(&mut self, events: Vec<Event>) {
        self.fixture.store.handle_events(self.fixture.now, events);
        self.fixture.collect();
    }

    fn fetch(&mut self) {
        self.fixture.store.fetch(self.fixture.now, all());
        self.fixture.collect();
    }

    fn wait(&mut self) {
        let now = self.fixture.now.mono_ms;
        let at = self.deadline().unwrap_or(now + MEMORY_MS);
        self.fixture.now = self.fixture.now.after(at.saturating_sub(now));
        self.fixture.store.handle_timeout(self.fixture.now);
        self.fixture.collect();
    }

    /// A rejection rolls a value back, and is listed.
    fn allow_rejected(&mut self) {
        let failures = &self.fixture.store.mutations().failures;
        // Newest first.
        for failure in &failures[..failures.len() - self.failures] {
            let bodies = failure
                .mutations()
                .filter_map(|failed| MutationBody::of(&failed.mutation));
            self.asked.extend(bodies.map(|body| entity_of(&body)));
        }
        self.failures = failures.len();
    }

    /// The state of each entity on screen.
    fn look(&self) -> BTreeMap<EntityKey, RowState> {
        let store = &self.fixture.store;
        let favorites = BEATS.iter().map(|beat| {
            let favorite = self.fixture.favorite(beat);
            (favorite_of(beat), RowState::Favorite(favorite))
        });
        let orders = store.orders().data.unwrap();
        let orders = orders.rows.iter().map(|row| {
            (
                entity(Resource::Orders, &row.item.id),
                RowState::Order(row.item.status),
            )
        });
        let downloads = store.downloads().data.unwrap();
        let downloads = downloads.rows.iter().map(|row| {
            (
                entity(Resource::Downloads, &row.item.id),
                RowState::Download(row.item.status),
            )
        });
        favorites.chain(orders).chain(downloads).collect()
    }

    /// What holds in every frame.
    fn check(&mut self) {
        self.allow_rejected();
        let shown = self.look();
        let before = std::mem::replace(&mut self.shown, shown);
        for entity in before.keys().chain(self.shown.keys()) {
            assert!(
                before.get(entity) == self.shown.get(entity) || self.asked.contains(entity),
                "{entity:?} flickers: {:?}, then {:?}",
                before.get(entity),
                self.shown.get(entity)
            );
        }
        let store = &self.fixture.store;
        let favorites = store.favorites().data.unwrap();
        let ids = favorites.ids.as_ref().unwrap();
        for beat in BEATS {
            let listed = ids.contains(beat);
            let favorite = self.fixture.favorite(beat);
            assert_eq!(listed, favorite, "list and favorite of {beat}");
        }
        let orders = store.orders().data.unwrap();
        let downloads = store.downloads().data.unwrap();
        let stats = Rc::clone(&store.stats().data.unwrap().data);
        let rows: BTreeSet<_> = orders.rows.iter().map(|row| &row.item.id).collect();
        assert_eq!(rows.len(), orders.rows.len(), "an order twice");
        let activity = store.activity().data.unwrap();
        let rows: BTreeSet<_> = activity.rows.iter().map(|row| &row.item.id).collect();
        assert_eq!(rows.len(), activity.rows.len(), "an activity twice");
        self.check_counter(Resource::Favorites, ids.len(), stats.favorites);
        self.check_counter(Resource::Downloads, downloads.rows.len(), stats.downloads);
        self.check_rebases();
    }

    /// A list and its counter agree if they are of the same time on the server.
    fn check_counter(&mut self, list: Resource, length: usize, counter: u32) {
        let server = |of: Resource| Some(self.fixture.server.versions[of.index()]);
        self.same_time
            .insert((list, server(list), server(Resource::Stats)));
        let known = |of: Resource| self.fixture.store.version_of(of.into());
        if self
            .same_time
            .contains(&(list, known(list), known(Resource::Stats)))
        {
            assert_eq!(
                usize::try_from(counter).unwrap(),
                length,
                "{list:?} and their counter"
            );
        }
    }

    /// Rebasing everything again changes nothing.
    fn check_rebases(&mut self) {
        self.fixture.forget();
        self.fixture.store.rebase_for_test(all());
        self.fixture.collect();
        assert_eq!(self.fixture.notified(), [], "not shown before");
    }

    /// Puts to one value what lies in the past, unless it makes a difference to what follows. The run goes on from there:
    /// if any of it did matter, the run goes wrong, rather than being taken for another one.
    pub(super) fn forget_past(&mut self) {
        let now = self.fixture.now;
        self.fixture.forget();
        self.fixture.aborted.clear();
        self.fixture.store.forget_past(now, MEMORY_MS);
        self.number_calls();
    }

    /// Ids of calls are only ever compared with each other: those in flight are numbered in their order.
    fn number_calls(&mut self) {
        self.late.sort_by_key(|late| late.call);
        let calls = self.fixture.calls.iter().map(|(call, _)| *call);
        let late = self.late.iter().map(|late| late.call);
        let mut ids: Vec<u64> = calls.chain(late).collect();
        ids.sort_unstable();
        let numbers: Map<u64, u64> = ids.iter().copied().zip(1..).collect();
        let calls = self.fixture.calls.iter_mut().map(|(call, _)| call);
        for call in calls.chain(self.late.iter_mut().map(|late| &mut late.call)) {
            *call = numbers[call];
        }
        self.fixture.store.renumber_calls(&numbers);
    }

    /// The end, if every event arrives: nothing else is needed, and reading everything changes nothing.
    pub(super) fn finish(mut self) {
        while !self.late.is_empty() {
            self.take(Step::Arrive(0));
        }
        for index in 0..self.commits.len() {
            self.take(Step::Deliver(index));
        }
        self.fixture.drain();
        self.check_end();
        self.finish_by_reading();
    }

    /// The end, if nothing else arrives: one read makes up for it.
    pub(super) fn finish_by_reading(mut self) {
        self.fetch();
        self.fixture.drain();
        self.check_end();
    }

    /// The screen shows the server's state, no mutation is left, and each rejection is listed once, and nothing else.
    fn check_end(&self) {
        let fixture = &self.fixture;
        fixture.assert_same("at the end");
        let view = fixture.store.mutations();
        assert_eq!(view.pending.len(), 0, "still pending");
        let failed = view.failures.iter().flat_map(|failure| failure.mutations());
        let listed: Vec<_> = failed.map(|failed| failed.id.as_str()).collect();
        for (id, (_, settled, _)) in &fixture.server.outcomes {
            let count = listed.iter().filter(|other| **other == id).count();
            let rejected = settled.outcome == Outcome::Rejected;
            assert_eq!(count, usize::from(rejected), "listed for {id}: {settled:?}");
        }
    }
}
