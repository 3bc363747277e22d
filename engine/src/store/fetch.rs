//! Reading resources whole: what is wanted is gathered and asked for in one snapshot request, one at a time for each
//! resource. What becomes wanted again while it is being read is read once more afterwards.

use std::rc::Rc;

use dashboard_protocol::{Outcome, Resource, Settled, SnapshotReply, SnapshotRequest, limits};

use super::base::Taken;
use super::log::Stage;
use super::older::Pages;
use super::resources::ResourceSet;
use super::verdicts::no_reason;
use super::views::Meta;
use super::{Count, Output, Store};
use crate::http::{HttpFailure, HttpRequest};
use crate::random::Random;
use crate::time::{Now, earliest};
use crate::view::{DataStatus, ErrorView, FetchStatus};

/// How long a snapshot may take before it is asked for again. Reading is harmless, so patience is short.
const SNAPSHOT_TIMEOUT_MS: u64 = 4000;

/// First and longest wait before a failed read is tried again; doubled each time, drawn from 0 up to it.
const RETRY_FIRST_MS: u64 = 500;
const RETRY_LONGEST_MS: u64 = 30_000;

/// Failed reads after which a resource without data counts as failed; it is still tried again.
const FAILURES_SHOWN: u32 = 3;

/// A snapshot request under way.
#[derive(Debug)]
struct Flight {
    request: u64,
    resources: ResourceSet,
    /// Order number of the read.
    read: u64,
    deadline: u64,
    /// Whether it was only a poll, whose failures the poller itself follows up.
    poll: bool,
    /// Mutations whose verdict was asked for.
    pending: Vec<Rc<str>>,
}

/// What went wrong with the last read of a resource.
#[derive(Clone, Debug, Default)]
struct Trouble {
    error: Option<ErrorView>,
    failures: u32,
    retry_at: Option<u64>,
}

/// What is wanted and what is under way.
#[derive(Debug, Default)]
pub(super) struct Fetches {
    wanted: ResourceSet,
    /// Those of `wanted` that only a poll wants.
    polled: ResourceSet,
    /// To be read once more after the read that is under way.
    again: ResourceSet,
    /// To be read without stating what is known, so that the rows come whole.
    whole: ResourceSet,
    flights: Vec<Flight>,
    trouble: [Trouble; 5],
    reads: u64,
    pub(super) pages: Pages,
}

impl Fetches {
    fn in_flight(&self) -> ResourceSet {
        self.flights
            .iter()
            .fold(ResourceSet::EMPTY, |set, flight| set.and(flight.resources))
    }

    /// Resources that are being read or will be.
    pub(super) fn busy(&self) -> ResourceSet {
        self.in_flight().and(self.wanted).and(self.retrying())
    }

    fn retrying(&self) -> ResourceSet {
        Resource::ALL
            .into_iter()
            .filter(|resource| self.trouble[resource.index()].retry_at.is_some())
            .collect()
    }

    /// The order number that the next read will have.
    pub(super) const fn next_read(&self) -> u64 {
        self.reads + 1
    }

    fn want(&mut self, resources: ResourceSet) {
        let flying = self.in_flight();
        self.again = self.again.and(resources.common(flying));
        self.wanted = self.wanted.and(resources.without(flying));
        self.polled = self.polled.without(resources);
        for resource in resources.iter() {
            self.trouble[resource.index()].retry_at = None;
        }
    }

    pub(super) fn next_deadline(&self, paused: bool) -> Option<u64> {
        let flights = self.flights.iter().map(|flight| flight.deadline).min();
        let retries = self.trouble.iter().filter_map(|trouble| trouble.retry_at);
        let retries = if paused { None } else { retries.min() };
        earliest(earliest(flights, retries), self.pages.next_deadline())
    }
}

impl Store {
    /// Reads resources: stream not recovered, or the person asks. One that is being read is read once more afterwards.
    pub fn fetch(&mut self, now: Now, resources: &[Resource]) {
        self.now = now;
        self.want(resources.iter().copied().collect());
        self.commit();
    }

    /// Sees to it that resources are loaded: reads those that are not and are not being read.
    pub fn ensure(&mut self, now: Now, resources: &[Resource]) {
        self.now = now;
        let missing = resources
            .iter()
            .copied()
            .filter(|resource| !self.base.mark(*resource).current)
            .collect::<ResourceSet>();
        self.want(missing.without(self.fetches.busy()));
        self.commit();
    }

    /// Reads resources as a poll: those being read are left alone, and a failure is not followed up here.
    pub fn poll(&mut self, now: Now, resources: &[Resource]) {
        self.now = now;
        let resources = resources.iter().copied().collect::<ResourceSet>();
        let fresh = resources.without(self.fetches.busy());
        if self.user.is_some() {
            self.fetches.wanted = self.fetches.wanted.and(fresh);
            self.fetches.polled = self.fetches.polled.and(fresh);
        }
        self.commit();
    }

    pub(super) fn want(&mut self, resources: ResourceSet) {
        if self.user.is_some() {
            self.fetches.want(resources);
        }
    }

    /// Reads resources because what is known of them is not enough, unless that is under way.
    pub(super) fn reread(&mut self, resources: ResourceSet) {
        let resources = resources.without(self.fetches.in_flight());
        for resource in resources.without(self.fetches.wanted).iter() {
            self.count(Count::Resync(resource));
        }
        self.want(resources);
    }

    /// Reads a list whole, without stating what is known.
    pub(super) fn reread_whole(&mut self, resource: Resource) {
        self.fetches.whole.insert(resource);
        self.want(ResourceSet::of(&[resource]));
    }

    /// Asks for whatever has become wanted, in one request.
    pub(super) fn send_wanted(&mut self) {
        if self.fetches.wanted.is_empty() || self.paused || self.user.is_none() {
            return;
        }
        let pending = self.pending_ids();
        let asked = self.fetches.wanted.and(self.touched_by(&pending));
        let resources = asked.without(self.fetches.in_flight());
        let poll = self.fetches.wanted.is_within(self.fetches.polled);
        self.fetches.wanted = ResourceSet::EMPTY;
        self.fetches.polled = ResourceSet::EMPTY;
        let known = |resource: &Resource| {
            let mark = self.base.mark(*resource);
            let stated = mark.current && !self.fetches.whole.has(*resource);
            (*resource, stated.then_some(mark.version))
        };
        let resources_asked: Vec<_> = resources.to_vec().iter().map(known).collect();
        let any_known = resources_asked.iter().any(|(_, version)| version.is_some());
        let epoch = self.base.epoch.as_deref().filter(|_| any_known);
        let request = SnapshotRequest {
            epoch: epoch.map(str::to_owned),
            pending: pending.iter().map(|id| (**id).to_owned()).collect(),
            limit: Some(self.rows_wanted(resources)),
            resources: resources_asked,
        };
        self.fetches.whole = self.fetches.whole.without(resources);
        self.fetches.reads += 1;
        let id = self.next_request();
        self.fetches.flights.push(Flight {
            request: id,
            resources,
            read: self.fetches.reads,
            deadline: self.now.mono_ms + SNAPSHOT_TIMEOUT_MS,
            poll,
            pending,
        });
        self.outputs.push_back(Output::Http {
            id,
            request: HttpRequest::Snapshot(request),
        });
        self.commit();
    }

    /// Mutations whose verdict a snapshot may tell: those that were sent and are not settled, oldest first.
    fn pending_ids(&self) -> Vec<Rc<str>> {
        let waits = |stage: &Stage| !matches!(stage, Stage::Queued | Stage::NeedsResolution);
        self.log
            .iter()
            .filter(|entry| entry.attempts > 0 && waits(&entry.stage))
            .map(|entry| Rc::clone(&entry.id))
            .take(limits::PENDING_IDS_MAX)
            .collect()
    }

    /// Loaded resources that wishes with these ids touch: read with them, the snapshot settles the wishes for all.
    fn touched_by(&self, ids: &[Rc<str>]) -> ResourceSet {
        let entries = ids.iter().filter_map(|id| self.log.get(id));
        let touched = entries
            .filter(|entry| entry.stage != Stage::Sent)
            .fold(ResourceSet::EMPTY, |set, entry| {
                set.and(entry.touched.without(entry.reflected))
            });
        touched.common(self.base.loaded())
    }

    fn rows_wanted(&self, resources: ResourceSet) -> usize {
        let loaded = |resource: Resource| match resource {
            Resource::Favorites => self.base.favorites.loaded(),
            Resource::Orders => self.base.orders.loaded(),
            Resource::Downloads => self.base.downloads.loaded(),
            Resource::Activity => self.base.activity.loaded(),
            Resource::Stats => 0,
        };
        let most = resources.iter().map(loaded).max().unwrap_or(0);
        most.max(self.page_size).min(limits::PAGE_ROWS_MAX)
    }

    /// The result of a snapshot request; `false` if the id is of none.
    pub(super) fn settle_snapshot(
        &mut self,
        id: u64,
        result: Result<Option<Box<SnapshotReply>>, HttpFailure>,
    ) -> bool {
        let place = self
            .fetches
            .flights
            .iter()
            .position(|flight| flight.request == id);
        let Some(place) = place else {
            return false;
        };
        let flight = self.fetches.flights.remove(place);
        let again = self.fetches.again.common(flight.resources);
        self.fetches.again = self.fetches.again.without(again);
        match result {
            Ok(reply) => {
                self.snapshot_arrived(&flight, reply);
                self.fetches.want(again);
                self.link_works();
            }
            Err(failure) => {
                self.snapshot_failed(&flight, &failure);
                let again = again.without(self.fetches.retrying());
                self.fetches.want(again);
            }
        }
        true
    }

    fn snapshot_arrived(&mut self, flight: &Flight, reply: Option<Box<SnapshotReply>>) {
        let unmodified = reply.is_none();
        match reply {
            Some(reply) => {
                if !self.take_snapshot(flight, *reply) {
                    // Of an epoch that has ended: read once more.
                    self.fetches.want(flight.resources);
                    return;
                }
            }
            // Nothing differs, and none of the mutations is known.
            None => self.settle_unknown(&flight.pending, flight.read),
        }
        for resource in flight.resources.iter() {
            if unmodified {
                self.count(Count::NotModified(resource));
            }
            self.fetches.trouble[resource.index()] = Trouble::default();
            self.inbox.restart_gap(resource, self.now.mono_ms);
            if self.base.mark(resource).loaded {
                self.base.mark_mut(resource).proved_at_ms = Some(self.now.wall_ms);
            }
        }
        self.drain();
        self.outputs.push_back(Output::FetchDone {
            resources: flight.resources.to_vec(),
            ok: true,
            retry_after_ms: None,
        });
    }

    /// Takes a reply into the base; `false` if it is of an epoch that has ended.
    fn take_snapshot(&mut self, flight: &Flight, reply: SnapshotReply) -> bool {
        if self.base.epoch.as_deref() != Some(reply.epoch.as_str()) {
            if self.base.epoch.is_some() && flight.read < self.epoch_read {
                return false;
            }
            self.past_epochs.remove(&reply.epoch);
            self.enter_epoch(&reply.epoch, flight.resources);
        }
        let from = Taken {
            read: flight.read,
            version: reply.version,
            now_ms: self.now.wall_ms,
            page_size: self.page_size,
        };
        let taken = self.base.take(from, reply.resources);
        self.views.dirty = self.views.dirty.and(taken);
        for list in taken.iter().filter_map(super::older::list_of) {
            self.restart_page(list);
        }
        // What was asked for and is not in the reply did not differ at the person's version of the reply.
        for resource in flight.resources.without(taken).iter() {
            let mark = self.base.mark_mut(resource);
            if mark.current {
                mark.complete = mark.complete.max(reply.version);
            }
        }
        let (mut refused, mut unknown) = (Vec::new(), Vec::new());
        for id in &flight.pending {
            match reply.settled.get(&**id) {
                Some(settled) if settled.outcome == Outcome::Rejected => {
                    let problem = settled.problem.clone();
                    refused.push((Rc::clone(id), problem.unwrap_or_else(no_reason)));
                }
                Some(settled) => self.settle_accepted(id, settled, &reply.epoch, flight),
                None => unknown.push(Rc::clone(id)),
            }
        }
        self.rejected(refused);
        self.settle_unknown(&unknown, flight.read);
        true
    }

    /// A snapshot is of another epoch than what is known, or the first of all.
    fn enter_epoch(&mut self, epoch: &str, covered: ResourceSet) {
        if self.base.loaded().is_empty() {
            self.base.begin_epoch(epoch);
            self.inbox.keep_epoch(epoch);
            self.log.begin_epoch(epoch);
            self.resume_unknown();
            return;
        }
        self.begin_epoch(epoch);
        // This very reply brings what it covers.
        self.fetches.wanted = self.fetches.wanted.without(covered);
    }

    /// A snapshot says that the server took a mutation: all that was read with it holds its effect.
    fn settle_accepted(&mut self, id: &Rc<str>, settled: &Settled, epoch: &str, flight: &Flight) {
        let Some(entry) = self.log.get_mut(id) else {
            return;
        };
        let before = entry.touched;
        entry.accept(epoch, settled.version, before);
        entry.reflected = entry.reflected.and(flight.resources);
        self.views.dirty = self.views.dirty.and(before);
        self.views.log_dirty = true;
        self.accepted(id);
    }

    fn snapshot_failed(&mut self, flight: &Flight, failure: &HttpFailure) {
        let error = ErrorView::from(failure);
        let signed_out = failure.is_unauthenticated();
        let retry_after_ms = error.retry_after_ms;
        // One wait for all of them, so that they are read together again.
        let failures = flight
            .resources
            .iter()
            .map(|resource| self.fetches.trouble[resource.index()].failures);
        let failures = failures.max().unwrap_or(0);
        let wait = backoff(&mut self.random, failures, RETRY_FIRST_MS, RETRY_LONGEST_MS);
        let retry_at = self.now.mono_ms + wait.max(retry_after_ms.unwrap_or(0));
        for resource in flight.resources.iter() {
            let gave_up = flight.poll && self.base.mark(resource).current;
            let trouble = &mut self.fetches.trouble[resource.index()];
            trouble.failures += 1;
            trouble.error = Some(error.clone());
            trouble.retry_at = (!gave_up && !signed_out).then_some(retry_at);
        }
        if signed_out {
            self.fetches.want(flight.resources);
            self.ask_for_sign_in();
        }
        self.outputs.push_back(Output::FetchDone {
            resources: flight.resources.to_vec(),
            ok: false,
            retry_after_ms,
        });
    }

    /// Gives up snapshot requests that take too long, and makes those that are due once more.
    pub(super) fn fetch_timeouts(&mut self) {
        let now = self.now.mono_ms;
        let late = self
            .fetches
            .flights
            .iter()
            .filter(|flight| flight.deadline <= now);
        let late: Vec<u64> = late.map(|flight| flight.request).collect();
        for id in late {
            self.outputs.push_back(Output::CancelHttp { id });
            self.settle_snapshot(id, Err(HttpFailure::Timeout));
        }
        if !self.paused {
            self.retry_fetches(|at| at <= now);
        }
    }

    /// Makes failed reads wanted again whose time `is_due`.
    pub(super) fn retry_fetches(&mut self, is_due: impl Fn(u64) -> bool) {
        let due = Resource::ALL.into_iter().filter(|resource| {
            let retry_at = self.fetches.trouble[resource.index()].retry_at;
            retry_at.is_some_and(&is_due)
        });
        let due: ResourceSet = due.collect();
        self.fetches.want(due);
    }

    /// What stands beside a resource's data.
    pub(super) fn meta(&self, resource: Resource) -> Meta {
        let mark = self.base.mark(resource);
        let trouble = &self.fetches.trouble[resource.index()];
        let status = if mark.loaded {
            DataStatus::Success
        } else if trouble.failures >= FAILURES_SHOWN {
            DataStatus::Error
        } else {
            DataStatus::Pending
        };
        let reads =
            |flight: &Flight| flight.resources.has(resource) && !(flight.poll && mark.loaded);
        let wanted = self.fetches.wanted.has(resource) || trouble.retry_at.is_some();
        let quiet = self.fetches.polled.has(resource) && mark.loaded;
        let fetch = if self.fetches.flights.iter().any(reads) {
            FetchStatus::Fetching
        } else if wanted && self.paused {
            FetchStatus::Paused
        } else if self.fetches.wanted.has(resource) && !quiet {
            FetchStatus::Fetching
        } else {
            FetchStatus::Idle
        };
        Meta {
            status,
            fetch,
            error: trouble.error.clone(),
        }
    }

    /// Gives up every read.
    pub(super) fn cancel_fetches(&mut self) {
        let fetches = std::mem::take(&mut self.fetches);
        let flights = fetches.flights.iter().map(|flight| flight.request);
        for id in flights.chain(fetches.pages.requests()) {
            self.outputs.push_back(Output::CancelHttp { id });
        }
        self.fetches.reads = fetches.reads;
    }
}

/// A wait before the next try: full jitter, so that many clients spread out.
pub(super) fn backoff(random: &mut Random, failures: u32, first_ms: u64, longest_ms: u64) -> u64 {
    let doubled = first_ms.saturating_mul(1 << failures.min(16));
    random.up_to(doubled.min(longest_ms))
}
