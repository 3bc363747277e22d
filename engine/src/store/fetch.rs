//! Reading resources whole: what is wanted is gathered and asked for in one snapshot request, one at a time for each
//! resource. What becomes wanted again while it is being read is read once more afterwards.

use std::rc::Rc;

use dashboard_protocol::{Resource, SnapshotRequest, limits};

use super::entry::Stage;
use super::catalog_updates::Missed;
use super::older::{Pages, list_of};
use super::resources::ResourceSet;
use super::views::Meta;
use super::{Count, StoreOutput, Store};
use crate::http::{HttpFailure, HttpRequest};
use crate::random::Random;
use crate::time::{Now, earliest};
use crate::view::{DataStatus, ErrorView, FetchStatus};

/// How long a snapshot may take before it is asked for again. Reading is harmless, so patience is short.
const SNAPSHOT_TIMEOUT_MS: u64 = 4000;

/// First and longest wait before a failed read is tried again; doubled each time, drawn from 0 up to it.
pub(super) const RETRY_FIRST_MS: u64 = 500;
pub(super) const RETRY_LONGEST_MS: u64 = 30_000;

/// Failed reads after which a resource without data counts as failed; it is still tried again.
const FAILURES_SHOWN: u32 = 3;

/// A snapshot request under way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) request: u64,
    pub(super) resources: ResourceSet,
    /// Order number of the read.
    pub(super) read: u64,
    pub(super) deadline: u64,
    /// Whether it was only a poll, whose failures the poller itself follows up.
    pub(super) poll: bool,
    /// Mutations whose outcome was asked for.
    pub(super) pending: Vec<Rc<str>>,
}

/// What went wrong with the last read of a resource.
#[derive(Clone, Debug, Default)]
pub(super) struct FetchError {
    pub(super) error: Option<ErrorView>,
    pub(super) failures: u32,
    /// How far the waits between the tries have grown.
    pub(super) growth: u32,
    pub(super) retry_at: Option<u64>,
    /// Not before this, since the server asked so; only a user's mutation is read for sooner.
    pub(super) not_before: u64,
}

/// What is wanted and what is under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetches {
    pub(super) wanted: ResourceSet,
    /// Those of `wanted` that only a poll wants.
    pub(super) polled: ResourceSet,
    /// To be read once more after the read that is under way.
    pub(super) again: ResourceSet,
    /// To be read without stating what is known, so that the rows come whole.
    pub(super) whole: ResourceSet,
    pub(super) flights: Vec<Flight>,
    pub(super) fetch_error: [FetchError; 5],
    pub(super) reads: u64,
    pub(super) pages: Pages,
    pub(super) missed: Missed,
}

impl Fetches {
    pub(super) fn in_flight(&self) -> ResourceSet {
        self.flights
            .iter()
            .fold(ResourceSet::EMPTY, |set, flight| set.and(flight.resources))
    }

    /// Resources that are being read or will be.
    pub(super) fn busy(&self) -> ResourceSet {
        self.in_flight().and(self.wanted).and(self.retrying())
    }

    pub(super) fn retrying(&self) -> ResourceSet {
        Resource::ALL
            .into_iter()
            .filter(|resource| self.fetch_error[resource.index()].retry_at.is_some())
            .collect()
    }

    /// Whether this call is a snapshot request.
    pub(super) fn is_snapshot(&self, id: u64) -> bool {
        self.flights.iter().any(|flight| flight.request == id)
    }

    /// The order number that the next read will have.
    pub(super) const fn next_read(&self) -> u64 {
        self.reads + 1
    }

    pub(super) fn want(&mut self, resources: ResourceSet) {
        let flying = self.in_flight();
        self.again = self.again.and(resources.common(flying));
        self.wanted = self.wanted.and(resources.without(flying));
        self.polled = self.polled.without(resources);
        for resource in resources.iter() {
            self.fetch_error[resource.index()].retry_at = None;
        }
    }

    pub(super) fn next_deadline(&self, paused: bool) -> Option<u64> {
        let flights = self.flights.iter().map(|flight| flight.deadline).min();
        let retries = self.fetch_error.iter().filter_map(|fetch_error| fetch_error.retry_at);
        let retries = if paused { None } else { retries.min() };
        earliest(earliest(flights, retries), self.pages.next_deadline(paused))
    }
}

impl Store {
    /// Reads resources that the user asks for, whatever the server asked.
    pub fn fetch_now(&mut self, now: Now, resources: &[Resource]) {
        for resource in resources {
            self.fetches.fetch_error[resource.index()].not_before = 0;
        }
        self.fetch(now, resources);
    }

    /// Reads resources whose streams were not recovered. One that is being read is read once more afterwards.
    ///
    /// There is a new reason, so that the waits after failures start small again.
    pub fn fetch(&mut self, now: Now, resources: &[Resource]) {
        self.now = now;
        for resource in resources {
            self.fetches.fetch_error[resource.index()].growth = 0;
        }
        self.want(resources.iter().copied().collect());
        self.commit();
    }

    /// Sees to it that resources are loaded: reads those that are not and are not being read.
    pub fn ensure(&mut self, now: Now, resources: &[Resource]) {
        self.now = now;
        let missing = resources
            .iter()
            .copied()
            .filter(|resource| !self.base.version_of_base(*resource).current)
            .collect::<ResourceSet>();
        self.want(missing.without(self.fetches.busy()));
        self.commit();
    }

    /// Reads resources as a poll: those being read are left alone, and a failure is not followed up here, except for
    /// what waits for another try anyway and now comes along.
    pub fn poll(&mut self, now: Now, resources: &[Resource]) {
        self.now = now;
        if self.user.is_some() {
            let fetches = &mut self.fetches;
            let busy = fetches.in_flight().and(fetches.wanted);
            let fresh = resources
                .iter()
                .copied()
                .collect::<ResourceSet>()
                .without(busy);
            let retried = fresh.common(fetches.retrying());
            fetches.want(retried);
            fetches.wanted = fetches.wanted.and(fresh);
            fetches.polled = fetches.polled.and(fresh.without(retried));
        }
        self.commit();
    }

    /// Reads resources as soon as the server wants to be asked.
    pub(super) fn want(&mut self, resources: ResourceSet) {
        if self.user.is_none() {
            return;
        }
        let now = self.now.mono_ms;
        let mut ready = resources;
        for resource in resources.without(self.fetches.in_flight()).iter() {
            let fetch_error = &mut self.fetches.fetch_error[resource.index()];
            if fetch_error.not_before > now {
                ready.remove(resource);
                // There is a new reason: the wait is the server's, however far those after failures had grown.
                let soon = fetch_error.not_before + self.random.up_to(RETRY_FIRST_MS);
                fetch_error.retry_at = Some(fetch_error.retry_at.map_or(soon, |at| at.min(soon)));
            }
        }
        self.fetches.want(ready);
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
        let asked = self.fetches.wanted.and(self.affected_by(&pending));
        let resources = asked.without(self.fetches.in_flight());
        let poll = self.fetches.wanted.is_within(self.fetches.polled);
        self.fetches.wanted = ResourceSet::EMPTY;
        self.fetches.polled = ResourceSet::EMPTY;
        let known = |resource: &Resource| {
            let version_of_base = self.base.version_of_base(*resource);
            let stated = version_of_base.current && !self.fetches.whole.has(*resource);
            (*resource, stated.then_some(version_of_base.version))
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
        self.outputs.push_back(StoreOutput::Http {
            id,
            request: HttpRequest::Snapshot(request),
        });
        self.commit();
    }

    /// Mutations whose outcome a snapshot may tell: those that were sent and are not settled, oldest first.
    fn pending_ids(&self) -> Vec<Rc<str>> {
        let waits = |stage: &Stage| !matches!(stage, Stage::Queued | Stage::NeedsResolution);
        self.log
            .iter()
            .filter(|entry| entry.attempts > 0 && waits(&entry.stage) && !entry.is_id_taken())
            .map(|entry| Rc::clone(&entry.id))
            .take(limits::PENDING_IDS_MAX)
            .collect()
    }

    /// Loaded resources that mutations with these ids touch: read with them, the snapshot settles the mutations for all.
    fn affected_by(&self, ids: &[Rc<str>]) -> ResourceSet {
        let entries = ids.iter().filter_map(|id| self.log.get(id));
        let affected = entries
            .filter(|entry| entry.stage != Stage::Sent)
            .fold(ResourceSet::EMPTY, |set, entry| {
                set.and(entry.affected.without(entry.reflected))
            });
        affected.common(self.base.loaded())
    }

    fn rows_wanted(&self, resources: ResourceSet) -> usize {
        let loaded = |resource| list_of(resource).map_or(0, |list| self.base.list(list).window());
        let most = resources.iter().map(loaded).max().unwrap_or(0);
        most.max(self.page_size).min(limits::PAGE_ROWS_MAX)
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
            self.outputs.push_back(StoreOutput::CancelHttp { id });
            self.on_snapshot_settled(id, Err(HttpFailure::Timeout));
        }
        if !self.paused {
            self.retry_fetches(false);
        }
    }

    /// Makes failed reads wanted again that are due, or `early`: all that the server does not want to wait.
    pub(super) fn retry_fetches(&mut self, early: bool) {
        let now = self.now.mono_ms;
        let due = Resource::ALL.into_iter().filter(|resource| {
            let fetch_error = &self.fetches.fetch_error[resource.index()];
            let is_due = |at| at <= now || early && fetch_error.not_before <= now;
            fetch_error.retry_at.is_some_and(is_due)
        });
        let due: ResourceSet = due.collect();
        self.fetches.want(due);
    }

    /// What stands beside a resource's data.
    pub(super) fn meta(&self, resource: Resource) -> Meta {
        let version_of_base = self.base.version_of_base(resource);
        let fetch_error = &self.fetches.fetch_error[resource.index()];
        let status = if version_of_base.loaded {
            DataStatus::Success
        } else if fetch_error.failures >= FAILURES_SHOWN {
            DataStatus::Error
        } else {
            DataStatus::Pending
        };
        let reads =
            |flight: &Flight| flight.resources.has(resource) && !(flight.poll && version_of_base.loaded);
        let wanted = self.fetches.wanted.has(resource) || fetch_error.retry_at.is_some();
        let quiet = self.fetches.polled.has(resource) && version_of_base.loaded;
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
            error: fetch_error.error.clone(),
        }
    }

    /// Gives up every read.
    pub(super) fn cancel_fetches(&mut self) {
        let fetches = std::mem::take(&mut self.fetches);
        let flights = fetches.flights.iter().map(|flight| flight.request);
        for id in flights.chain(fetches.pages.requests()) {
            self.outputs.push_back(StoreOutput::CancelHttp { id });
        }
        self.fetches.reads = fetches.reads;
    }
}

/// A wait before the next try: full jitter, so that many clients spread out.
pub(super) fn backoff(random: &mut Random, failures: u32, first_ms: u64, longest_ms: u64) -> u64 {
    let doubled = first_ms.saturating_mul(1 << failures.min(16));
    random.up_to(doubled.min(longest_ms))
}
