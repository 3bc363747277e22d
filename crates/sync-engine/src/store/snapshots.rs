//! Reading resources whole: wanted resources are gathered and asked for in one snapshot request, one at a time for each
//! resource. A resource that becomes wanted again while it is being read is read once more afterwards.

use std::rc::Rc;

use sync_protocol::{Outcome, Problem, Settled, limits};

use super::pending::Stage;
use super::reads::{FetchError, SnapshotRead};
use super::{Store, StoreOutput};
use crate::fetch::backoff;
use crate::http::{HttpFailure, HttpRequest, Snapshot, SnapshotRequest};
use crate::metrics::Counter;
use crate::schema::{EntityKey, MutationId, ResourceSet};
use crate::state::{IdSet, SnapshotMeta};
use crate::time::Now;
use crate::view::ErrorView;

/// How long a snapshot may take before it is asked for again, in milliseconds. Reading is harmless, so patience is short.
const SNAPSHOT_TIMEOUT_MS: u64 = 4000;

impl Store {
    /// Reads resources that the user asks for, whatever the server asked.
    pub fn fetch_now(&mut self, now: Now, resources: ResourceSet) {
        for resource in resources.iter() {
            self.reads.error_mut(resource).not_before = 0;
        }
        self.fetch(now, resources);
    }

    /// Reads resources whose channels were not recovered. One that is being read is read once more afterwards.
    ///
    /// There is a new reason, so the waits after failures start small again.
    pub fn fetch(&mut self, now: Now, resources: ResourceSet) {
        self.now = now;
        for resource in resources.iter() {
            self.reads.error_mut(resource).growth = 0;
        }
        self.want(resources);
        self.commit();
    }

    /// Loads resources: reads those that are not known and not being read.
    pub fn ensure(&mut self, now: Now, resources: ResourceSet) {
        self.now = now;
        let missing = resources
            .iter()
            .filter(|resource| !self.server.version(*resource).current);
        let missing: ResourceSet = missing.collect();
        self.want(missing - self.reads.busy());
        self.commit();
    }

    /// Reads resources as a poll: those being read are left alone, and a failure is not followed up here, except for
    /// resources that wait for a retry anyway and now come along.
    pub fn poll(&mut self, now: Now, resources: ResourceSet) {
        self.now = now;
        if self.identity.user.is_some() {
            self.reads.want_polled(resources);
        }
        self.commit();
    }

    /// Reads resources as soon as the server wants to be asked.
    pub(super) fn want(&mut self, resources: ResourceSet) {
        if self.identity.user.is_some() {
            self.reads
                .want_patiently(resources, self.now.mono_ms, &mut self.random);
        }
    }

    /// Reads resources because the known data are not enough, unless that is in flight.
    pub(super) fn reread(&mut self, resources: ResourceSet) {
        let resources = resources - self.reads.in_flight();
        for resource in (resources - self.reads.wanted).iter() {
            self.io.count(Counter::Resyncs, resource);
        }
        self.want(resources);
    }

    /// Reads resources whole, without stating known versions.
    pub(super) fn reread_whole(&mut self, resources: ResourceSet) {
        self.reads.whole.insert_all(resources);
        self.want(resources);
    }

    /// Asks for everything that has become wanted, in one request.
    pub(super) fn send_wanted(&mut self) {
        if self.reads.wanted.is_empty() || self.identity.paused || self.identity.user.is_none() {
            return;
        }
        let pending = self.unresolved_ids();
        let asked = self.reads.wanted | self.awaited_by(&pending);
        let resources = asked - self.reads.in_flight();
        let poll = self.reads.wanted.is_subset(self.reads.polled);
        self.reads.wanted = ResourceSet::EMPTY;
        self.reads.polled = ResourceSet::EMPTY;
        let request = self.snapshot_request(resources, &pending);
        let request = self.io.call(HttpRequest::Snapshot(request));
        self.reads.whole.remove_all(resources);
        self.reads.last = self.reads.next_read();
        self.reads.flights.push(SnapshotRead {
            request,
            resources,
            read: self.reads.last,
            asked: self.now,
            deadline: self.now.mono_ms + SNAPSHOT_TIMEOUT_MS,
            poll,
            pending,
        });
        self.commit();
    }

    fn snapshot_request(&self, resources: ResourceSet, pending: &[MutationId]) -> SnapshotRequest {
        let known = resources.iter().map(|resource| {
            let known = self.server.version(resource);
            let stated = known.current && !self.reads.whole.contains(resource);
            (resource, stated.then_some(known.version))
        });
        let known: Vec<_> = known.collect();
        let states_any = known.iter().any(|(_, version)| version.is_some());
        SnapshotRequest {
            resources: known,
            epoch: self.server.epoch.clone().filter(|_| states_any),
            pending: pending.to_vec(),
            limit: Some(self.rows_wanted(resources)),
        }
    }

    /// Mutations whose outcome a snapshot may tell: those that were sent and are not settled, oldest first.
    fn unresolved_ids(&self) -> Vec<MutationId> {
        let waits = |stage: &Stage| !matches!(stage, Stage::Queued | Stage::NeedsResolution);
        let sent = self.pending.iter().filter(|entry| {
            entry.delivery.attempts > 0 && waits(&entry.stage) && !entry.is_id_taken()
        });
        sent.map(|entry| entry.id.clone())
            .take(limits::PENDING_IDS_MAX)
            .collect()
    }

    /// Loaded resources that these mutations affect: read with them, the snapshot resolves the mutations for all.
    fn awaited_by(&self, ids: &[MutationId]) -> ResourceSet {
        let entries = ids.iter().filter_map(|id| self.pending.get(id));
        let affected = entries
            .filter(|entry| entry.stage != Stage::Sent)
            .fold(ResourceSet::EMPTY, |set, entry| {
                set | (entry.ack.affected - entry.ack.included)
            });
        affected & self.server.loaded()
    }

    fn rows_wanted(&self, resources: ResourceSet) -> usize {
        let lists = resources
            .iter()
            .filter_map(|resource| self.server.list(resource));
        let most = lists.map(|list| list.window).max().unwrap_or(0);
        most.max(self.page_size).min(limits::PAGE_ROWS_MAX)
    }

    /// Times out snapshot requests that take too long, and makes those that are due once more.
    pub(super) fn snapshot_timeouts(&mut self) {
        let now = self.now.mono_ms;
        let flights = self.reads.flights.iter();
        let late = flights.filter(|flight| flight.deadline <= now);
        let late: Vec<u64> = late.map(|flight| flight.request).collect();
        for id in late {
            self.io.cancel(id);
            self.on_snapshot(id, Err(HttpFailure::Timeout));
        }
        if !self.identity.paused {
            self.reads.retry_due(now, false);
        }
    }

    /// The result of a snapshot request; nothing happens if the id is of none.
    pub(super) fn on_snapshot(
        &mut self,
        id: u64,
        result: Result<Option<Box<Snapshot>>, HttpFailure>,
    ) {
        let flights = &mut self.reads.flights;
        let Some(index) = flights.iter().position(|flight| flight.request == id) else {
            return;
        };
        let flight = flights.remove(index);
        let again = self.reads.again & flight.resources;
        self.reads.again.remove_all(again);
        match result {
            Ok(snapshot) => {
                self.snapshot_arrived(&flight, snapshot);
                self.reads.want(again);
                self.outbox.connection_restored(self.now.mono_ms);
            }
            Err(failure) => {
                self.snapshot_failed(&flight, &failure);
                let again = again - self.reads.retrying();
                self.reads.want(again);
            }
        }
    }

    fn snapshot_arrived(&mut self, flight: &SnapshotRead, snapshot: Option<Box<Snapshot>>) {
        let unmodified = snapshot.is_none();
        match snapshot {
            Some(snapshot) => {
                if !self.take_snapshot(flight, *snapshot) {
                    // Of an epoch that has ended: read once more.
                    self.reads.want(flight.resources);
                    return;
                }
            }
            // Nothing differs, and none of the mutations is known.
            None => self.resolve_unknown(&flight.pending, flight.read),
        }
        for resource in flight.resources.iter() {
            if unmodified {
                self.io.count(Counter::NotModified, resource);
            }
            *self.reads.error_mut(resource) = FetchError::default();
            self.inbox.restart_gap(resource, self.now.mono_ms);
            self.server.verified(resource, self.now.wall_ms);
        }
        self.apply_ready();
        self.io.push(StoreOutput::FetchDone {
            resources: flight.resources,
            asked: flight.asked,
            ok: true,
            retry_after_ms: None,
        });
    }

    /// Takes a snapshot into the server state; `false` if it is of an epoch that has ended.
    fn take_snapshot(&mut self, flight: &SnapshotRead, snapshot: Snapshot) -> bool {
        let epoch: Rc<str> = Rc::from(snapshot.epoch);
        if self.server.epoch.as_ref() != Some(&epoch) {
            if self.server.epoch.is_some() && flight.read < self.epochs.first_read {
                return false;
            }
            self.epochs.past.remove(&epoch);
            self.enter_epoch(&epoch, flight.resources);
        }
        let meta = SnapshotMeta {
            read: flight.read,
            now_ms: self.now.wall_ms,
            server_ms: self.server_ms(),
            page_size: self.page_size,
        };
        let before = self.known_ids();
        let mut derived = Vec::new();
        let taken = self.server.take(meta, snapshot.resources, &mut derived);
        for event in derived {
            self.note_applied(&Rc::new(event), true);
        }
        self.compare_ids(&before, taken);
        self.shown.views.dirty.insert_all(taken);
        for resource in taken.iter() {
            self.restart_page(resource);
        }
        let (mut rejected, mut unknown) = (Vec::new(), Vec::new());
        // A mutation that was rejected for its id or its price meanwhile waits for the user, whatever the id says.
        let waits = |id: &&MutationId| {
            let entry = self.pending.get(id);
            entry.is_some_and(|entry| !entry.is_id_taken() && entry.stage != Stage::NeedsResolution)
        };
        let pending: Vec<_> = flight.pending.iter().filter(waits).cloned().collect();
        for id in pending {
            match snapshot.settled.get(id.as_str()) {
                Some(settled) if settled.outcome == Outcome::Rejected => {
                    let problem = settled.problem.clone();
                    rejected.push((id, problem.unwrap_or_else(Problem::without_reason)));
                }
                Some(settled) => self.resolve_settled(&id, settled, &epoch, flight),
                None => unknown.push(id),
            }
        }
        self.rejected(rejected);
        self.resolve_unknown(&unknown, flight.read);
        true
    }

    /// The tracked ids of each resource that is loaded.
    fn known_ids(&self) -> Vec<Option<Rc<IdSet>>> {
        let ids = |resource| {
            let loaded = self.server.version(resource).loaded;
            self.server.ids(resource).filter(|_| loaded).cloned()
        };
        self.schema().resources().map(ids).collect()
    }

    /// Notes which entities came or went with a snapshot.
    fn compare_ids(&mut self, before: &[Option<Rc<IdSet>>], taken: ResourceSet) {
        for resource in taken.iter() {
            let Some(now) = self.server.ids(resource) else {
                continue;
            };
            match &before[resource.index()] {
                Some(before) if Rc::ptr_eq(before, now) => {}
                Some(before) => {
                    let gone = before.difference(now);
                    for id in gone.chain(now.difference(before)) {
                        let id = Rc::clone(id);
                        self.shown.entities.touched.push(EntityKey { resource, id });
                    }
                }
                None => self.shown.entities.all = true,
            }
        }
    }

    /// A snapshot is of another epoch than the known one, or the first of all.
    fn enter_epoch(&mut self, epoch: &Rc<str>, covered: ResourceSet) {
        if self.server.loaded().is_empty() {
            self.server.begin_epoch(epoch);
            self.inbox.keep_epoch(epoch);
            self.pending.begin_epoch(epoch);
            self.resume_unknown();
            return;
        }
        self.begin_epoch(epoch);
        // This very snapshot brings what it covers.
        self.reads.wanted.remove_all(covered);
    }

    /// A snapshot says that the server accepted a mutation: everything that was read with it includes its effect.
    fn resolve_settled(
        &mut self,
        id: &MutationId,
        settled: &Settled,
        epoch: &Rc<str>,
        flight: &SnapshotRead,
    ) {
        let Some(entry) = self.pending.get_mut(id) else {
            return;
        };
        let before = entry.ack.affected;
        entry.accept(epoch, settled.version, before);
        entry.ack.included.insert_all(flight.resources);
        // Whether it affected the others of the guess has to be read as well.
        let others = before - entry.ack.included;
        self.mark_dirty(before);
        self.accepted(id);
        let others = others & self.server.loaded();
        self.want(others - self.reads.busy());
    }

    fn snapshot_failed(&mut self, flight: &SnapshotRead, failure: &HttpFailure) {
        let error = ErrorView::from(failure);
        let signed_out = failure.is_unauthenticated();
        let retry_after_ms = error.retry_after_ms;
        // One wait for all of them, so that they are read together again: as short as any of them allows.
        let growth = flight
            .resources
            .iter()
            .map(|resource| self.reads.error(resource).growth);
        let growth = growth.min().unwrap_or(0);
        let wait = backoff(&mut self.random, growth, retry_after_ms);
        let retry_at = self.now.mono_ms + wait;
        for resource in flight.resources.iter() {
            let gave_up = flight.poll && self.server.version(resource).current;
            let fetch_error = self.reads.error_mut(resource);
            fetch_error.failures += 1;
            fetch_error.growth += 1;
            fetch_error.error = Some(error.clone());
            fetch_error.not_before = self.now.mono_ms + retry_after_ms.unwrap_or(0);
            fetch_error.retry_at = (!gave_up && !signed_out).then_some(retry_at);
        }
        if signed_out {
            self.reads.want(flight.resources);
            self.ask_for_sign_in();
        }
        self.io.push(StoreOutput::FetchDone {
            resources: flight.resources,
            asked: flight.asked,
            ok: false,
            retry_after_ms,
        });
    }
}
