//! A store, its server and all that is on its way between them: what can happen, one step at a time, and what must hold
//! after each.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dashboard_protocol::{
    DownloadStatus, Event, OrderStatus, Outcome, ProblemCode, Resource, MutationBody,
};

use super::super::bench::{Bench, like};
use super::fingerprint::Notified;
use crate::http::{HttpFailure, HttpReply, HttpRequest};
use crate::store::entry::Entity;

/// What the user does at once.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) mutations: Vec<MutationBody>,
    pub(super) atomic: bool,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The user's next act.
    Action,
    /// A call reaches the server, which does what it is asked for; the reply is on its way.
    Run(usize),
    /// The server refuses the first mutation of a call.
    Reject(usize),
    /// Somebody on the way refuses a whole call.
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
    /// Everything is read as by a poll.
    Poll,
    /// Everything is read as after a hole in a stream.
    Fetch,
    /// Time goes on to the store's next deadline, or for a while if it has none.
    Wait,
    /// Time goes on, over all deadlines on the way.
    Pass(u64),
    /// Somebody else changes something.
    Elsewhere,
}

/// What is shown of a thing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum RowState {
    FavoriteState(bool),
    Order(OrderStatus),
    Download(DownloadStatus),
}

/// How often a run may meet with what could go on for ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Calls and replies that are lost, or given up because they take too long.
    pub(super) losses: u8,
    /// Reads without a reason, as polls and after holes.
    pub(super) reads: u8,
    /// Calls rejected as a whole.
    pub(super) forbidden: u8,
    /// Whether events of one commit may arrive apart.
    pub(super) apart: bool,
}

/// Longer than anything that the store remembers of the past for its timing: the spacing of one favorite's requests.
pub(super) const WHILE_MS: u64 = 1000;

/// Later than any retry: what is planned for then is not planned.
const NEVER_MS: u64 = 3_600_000;

const BEATS: [&str; 3] = ["b1", "b2", "b3"];

/// A reply on its way.
#[derive(Clone)]
pub(super) struct Late {
    pub(super) call: u64,
    pub(super) reply: Rc<HttpReply>,
    /// What fingerprints have of it.
    pub(super) notified: Rc<Notified>,
}

#[derive(Clone)]
pub(super) struct Sim {
    pub(super) bench: Bench,
    /// What the user will do, first first.
    pub(super) batch_ids: Rc<[Action]>,
    pub(super) acted: usize,
    /// All commits since the beginning, each of whose events can arrive at any time and any number of times.
    pub(super) commits: Vec<Rc<[Event]>>,
    /// What fingerprints have of the server and its commits; made anew whenever the server does something.
    pub(super) notified: Rc<Notified>,
    /// Replies on their way.
    pub(super) late: Vec<Late>,
    /// What is shown of each thing.
    pub(super) shown: BTreeMap<Entity, RowState>,
    /// Things that may look different after this step.
    pub(super) asked: BTreeSet<Entity>,
    /// How many rejections the user was told of.
    pub(super) failures: usize,
    /// Versions of a list and of the statistics that the server had at the same time.
    pub(super) moments: BTreeSet<(Resource, Option<u64>, Option<u64>)>,
    pub(super) elsewhere: usize,
    pub(super) left: Bounds,
}

impl Sim {
    pub(super) fn new(batch_ids: &[Action], bounds: Bounds) -> Self {
        let bench = Bench::loaded();
        let notified = Rc::new(Notified::of_server(&bench.server, &[]));
        let mut sim = Self {
            bench,
            batch_ids: Rc::from(batch_ids),
            acted: 0,
            commits: Vec::new(),
            notified,
            late: Vec::new(),
            shown: BTreeMap::new(),
            asked: BTreeSet::new(),
            failures: 0,
            moments: BTreeSet::new(),
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
        if self.acted < self.batch_ids.len() {
            steps.push(Step::Action);
        }
        for (index, (_, request)) in self.bench.calls.iter().enumerate() {
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
            if self.bench.store.fetches.busy().is_empty() {
                steps.push(Step::Poll);
            }
        }
        if self.can_wait() {
            steps.push(Step::Wait);
        }
        steps
    }

    /// Whether the server may still refuse a call: an outcome once given stays.
    fn can_reject(&self, request: &HttpRequest) -> bool {
        let HttpRequest::Mutations(body) = request else {
            return false;
        };
        let outcomes = &self.bench.server.outcomes;
        let mut ids = body.mutations.iter().map(|mutation| &mutation.id);
        ids.all(|id| !outcomes.contains_key(id))
    }

    /// When the store wants to be called next.
    fn deadline(&self) -> Option<u64> {
        let soon = self.bench.now.mono_ms + NEVER_MS;
        self.bench.store.next_deadline().filter(|at| *at < soon)
    }

    fn can_wait(&self) -> bool {
        let store = &self.bench.store;
        let batches = store.batches.list.iter();
        let sent = batches.filter_map(|batch| batch.flight.map(|flight| flight.deadline));
        let read = store.fetches.flights.iter().map(|flight| flight.deadline);
        let first = sent.chain(read).min();
        match self.deadline() {
            // That a call takes too long is among the losses.
            Some(at) => first != Some(at),
            // It makes a difference to nobody but the next act.
            None => self.acted < self.batch_ids.len(),
        }
    }

    /// Whether nothing is on its way and nothing is planned.
    pub(super) fn is_at_rest(&self) -> bool {
        self.bench.calls.is_empty() && self.late.is_empty() && self.deadline().is_none()
    }

    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Action => self.batch_id(),
            Step::Run(index) => self.run(index),
            Step::Reject(index) => {
                self.bench.server.reject.push(ProblemCode::Invalid);
                self.run(index);
                self.bench.server.reject.clear();
            }
            Step::Forbid(index) => {
                self.left.forbidden -= 1;
                let call = self.bench.calls[index].0;
                self.bench.status(call, 400, None);
            }
            Step::LoseRequest(index) => {
                self.left.losses -= 1;
                let call = self.bench.calls[index].0;
                self.bench.fail(call, HttpFailure::Network);
            }
            Step::Arrive(index) => {
                let late = self.late.remove(index);
                self.bench.reply(late.call, (*late.reply).clone());
            }
            Step::LoseReply(index) => {
                self.left.losses -= 1;
                let late = self.late.remove(index);
                self.bench.fail(late.call, HttpFailure::Network);
            }
            Step::Deliver(index) => self.deliver(self.commits[index].to_vec()),
            Step::Part(index, part) => self.deliver(vec![self.commits[index][part].clone()]),
            Step::Poll => {
                self.left.reads -= 1;
                self.bench.store.poll(self.bench.now, &Resource::ALL);
                self.bench.collect();
            }
            Step::Fetch => {
                self.left.reads -= 1;
                self.fetch();
            }
            Step::Wait => self.wait(),
            Step::Pass(ms) => self.bench.advance(ms),
            Step::Elsewhere => {
                self.elsewhere += 1;
                let server = &mut self.bench.server;
                server.now_ms = server.now_ms.max(self.bench.now.wall_ms);
                let events = server.elsewhere(like(&format!("x{}", self.elsewhere)));
                self.commits.push(events.into());
                self.update_server();
            }
        }
        self.check();
        self.asked.clear();
    }

    fn batch_id(&mut self) {
        let Action { mutations, atomic } = self.batch_ids[self.acted].clone();
        self.acted += 1;
        self.asked.extend(mutations.iter().map(Entity::of));
        self.bench.batch(mutations.clone(), atomic);
        let favorites = mutations.into_iter().filter_map(|body| match body {
            MutationBody::SetFavorite { beat_id, favorite } => Some((beat_id, favorite)),
            _ => None,
        });
        // The last word on each.
        for (beat_id, favorite) in favorites.collect::<BTreeMap<_, _>>() {
            assert_eq!(self.bench.favorite(&beat_id), favorite, "not shown at once");
        }
    }

    fn run(&mut self, index: usize) {
        let (call, request) = self.bench.calls.remove(index).unwrap();
        let before = self.bench.server.version;
        let (reply, events) = self.bench.serve(&request);
        for commit in events.chunk_by(|a, b| a.version == b.version) {
            assert!(commit[0].version > before, "a commit that was there");
            self.commits.push(commit.into());
        }
        let notified = Rc::new(Notified::of(&reply));
        let reply = Rc::new(reply);
        self.late.push(Late { call, reply, notified });
        self.update_server();
    }

    fn update_server(&mut self) {
        self.notified = Rc::new(Notified::of_server(&self.bench.server, &self.commits));
    }

    fn deliver(&mut self, events: Vec<Event>) {
        self.bench.store.handle_events(self.bench.now, events);
        self.bench.collect();
    }

    fn fetch(&mut self) {
        self.bench.store.fetch(self.bench.now, &Resource::ALL);
        self.bench.collect();
    }

    fn wait(&mut self) {
        let now = self.bench.now.mono_ms;
        let at = self.deadline().unwrap_or(now + WHILE_MS);
        self.bench.now = self.bench.now.after(at.saturating_sub(now));
        self.bench.store.handle_timeout(self.bench.now);
        self.bench.collect();
    }

    /// A rejection takes a value back, of which the user is told.
    fn allow_rejected(&mut self) {
        let failures = &self.bench.store.mutations().failures;
        // Newest first.
        for failure in &failures[..failures.len() - self.failures] {
            let mutations = std::iter::once(&failure.mutation).chain(&failure.also);
            let things = mutations.map(|mutation| Entity::of(&mutation.body));
            self.asked.extend(things);
        }
        self.failures = failures.len();
    }

    /// What is shown of each thing that there is.
    fn look(&self) -> BTreeMap<Entity, RowState> {
        let store = &self.bench.store;
        let favorites = BEATS.iter().map(|beat| {
            let favorite = self.bench.favorite(beat);
            let entity = Entity::Favorite(Rc::from(*beat));
            (entity, RowState::FavoriteState(favorite))
        });
        let orders = store.orders().data.unwrap();
        let orders = orders.rows.iter().map(|row| {
            let entity = Entity::Order(Rc::from(row.item.id.as_str()));
            (entity, RowState::Order(row.item.status))
        });
        let downloads = store.downloads().data.unwrap();
        let downloads = downloads.rows.iter().map(|row| {
            let entity = Entity::Download(Rc::from(row.item.id.as_str()));
            (entity, RowState::Download(row.item.status))
        });
        favorites.chain(orders).chain(downloads).collect()
    }

    /// What every frame must hold.
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
        let store = &self.bench.store;
        let favorites = store.favorites().data.unwrap();
        for beat in BEATS {
            let listed = favorites.ids.contains(beat);
            assert_eq!(listed, self.bench.favorite(beat), "list and heart of {beat}");
        }
        let orders = store.orders().data.unwrap();
        let downloads = store.downloads().data.unwrap();
        let stats = store.stats().data.unwrap().stats.clone();
        let ids: BTreeSet<_> = orders.rows.iter().map(|row| &row.item.id).collect();
        assert_eq!(ids.len(), orders.rows.len(), "an order twice");
        let activity = store.activity().data.unwrap();
        let ids: BTreeSet<_> = activity.rows.iter().map(|row| &row.item.id).collect();
        assert_eq!(ids.len(), activity.rows.len(), "an activity twice");
        self.check_counter(Resource::Favorites, favorites.ids.len(), stats.favorites);
        self.check_counter(Resource::Downloads, downloads.rows.len(), stats.downloads);
        self.check_rebases();
    }

    /// A list and its counter say the same if they are of one moment of the server.
    fn check_counter(&mut self, list: Resource, length: usize, counter: u32) {
        let server = |of: Resource| Some(self.bench.server.versions[of.index()]);
        self.moments
            .insert((list, server(list), server(Resource::Stats)));
        let known = |of| self.bench.store.version_of(of);
        if self
            .moments
            .contains(&(list, known(list), known(Resource::Stats)))
        {
            assert_eq!(
                usize::try_from(counter).unwrap(),
                length,
                "{list:?} and their counter"
            );
        }
    }

    /// What is shown is what comes out if all is folded afresh.
    fn check_rebases(&mut self) {
        self.bench.forget();
        self.bench.store.rebase_all_for_test();
        self.bench.collect();
        assert_eq!(self.bench.notified(), [], "not shown before");
    }

    /// The end, if every event arrives: nothing else is needed, and reading everything changes nothing.
    pub(super) fn finish(mut self) {
        while !self.late.is_empty() {
            self.take(Step::Arrive(0));
        }
        for index in 0..self.commits.len() {
            self.take(Step::Deliver(index));
        }
        self.bench.drain();
        self.check_end();
        self.finish_by_reading();
    }

    /// The end, if what has not arrived never does: one read makes up for it.
    pub(super) fn finish_by_reading(mut self) {
        self.fetch();
        self.bench.drain();
        self.check_end();
    }

    /// What is shown is what the server has, no mutation is left, and each rejection is told, once and no other.
    fn check_end(&self) {
        let bench = &self.bench;
        bench.assert_same("at the end");
        let view = bench.store.mutations();
        assert_eq!(view.pending.len(), 0, "still pending");
        let failures = view.failures.iter();
        let notified =
            failures.flat_map(|failure| std::iter::once(&failure.mutation).chain(&failure.also));
        let mut notified: Vec<_> = notified.map(|mutation| &mutation.id).collect();
        notified.sort();
        for (id, (_, settled, _)) in &bench.server.outcomes {
            let count = notified.iter().filter(|other| **other == id).count();
            let rejected = settled.outcome == Outcome::Rejected;
            assert_eq!(count, usize::from(rejected), "told of {id}: {settled:?}");
        }
    }
}
