//! Which resources are being read, which are wanted, and what went wrong with the last read of each.

use super::pages::PageRead;
use crate::feed_log::FeedLog;
use crate::fetch::backoff;
use crate::map::Map;
use crate::random::Random;
use crate::schema::{MutationId, ResourceId, ResourceSet, Schema};
use crate::time::{Now, earliest};
use crate::view::ErrorView;

/// A snapshot request in flight.
#[derive(Clone, Debug)]
pub(super) struct SnapshotRead {
    pub(super) request: u64,
    pub(super) resources: ResourceSet,
    /// Order number of the read.
    pub(super) read: u64,
    /// When it was asked for: what the answer says may be that old, as the device may have slept.
    pub(super) asked: Now,
    pub(super) deadline: u64,
    /// Whether it was only a poll, whose failures the poller itself follows up.
    pub(super) poll: bool,
    /// Mutations whose outcome was asked for.
    pub(super) pending: Vec<MutationId>,
}

/// What went wrong with the last read of a resource.
#[derive(Clone, Debug, Default)]
pub(super) struct FetchError {
    pub(super) error: Option<ErrorView>,
    pub(super) failures: u32,
    /// How far the waits between the attempts have grown.
    pub(super) growth: u32,
    pub(super) retry_at: Option<u64>,
    /// Not before this, since the server asked so; only a user's request is read for sooner.
    pub(super) not_before: u64,
}

/// What is wanted and what is in flight.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    pub(super) wanted: ResourceSet,
    /// Those of `wanted` that only a poll wants.
    pub(super) polled: ResourceSet,
    /// To be read once more after the read that is in flight.
    pub(super) again: ResourceSet,
    /// To be read without stating known versions, so that the rows come whole.
    pub(super) whole: ResourceSet,
    pub(super) flights: Vec<SnapshotRead>,
    errors: Vec<FetchError>,
    /// Order number of the last read.
    pub(super) last: u64,
    /// Pages of older rows, one for each collection at most.
    pub(super) pages: Map<ResourceId, PageRead>,
    pub(super) feed_log: FeedLog,
}

impl Reads {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            errors: vec![FetchError::default(); schema.resource_count()],
            ..Self::default()
        }
    }

    pub(super) fn error(&self, resource: ResourceId) -> &FetchError {
        &self.errors[resource.index()]
    }

    pub(super) fn error_mut(&mut self, resource: ResourceId) -> &mut FetchError {
        &mut self.errors[resource.index()]
    }

    pub(super) fn in_flight(&self) -> ResourceSet {
        let flights = self.flights.iter();
        flights.fold(ResourceSet::EMPTY, |set, flight| set | flight.resources)
    }

    /// Resources that are being read or will be.
    pub(super) fn busy(&self) -> ResourceSet {
        self.in_flight() | self.wanted | self.retrying()
    }

    /// Resources whose failed read is retried in its time.
    pub(super) fn retrying(&self) -> ResourceSet {
        self.with_error(|error| error.retry_at.is_some())
    }

    fn with_error(&self, is_so: impl Fn(&FetchError) -> bool) -> ResourceSet {
        let errors = self.errors.iter().enumerate();
        errors
            .filter(|(_, error)| is_so(error))
            .map(|(index, _)| ResourceId::new(index))
            .collect()
    }

    /// The order number that the next read will have.
    pub(super) const fn next_read(&self) -> u64 {
        self.last + 1
    }

    pub(super) fn want(&mut self, resources: ResourceSet) {
        let in_flight = self.in_flight();
        self.again.insert_all(resources & in_flight);
        self.wanted.insert_all(resources - in_flight);
        self.polled.remove_all(resources);
        for resource in resources.iter() {
            self.error_mut(resource).retry_at = None;
        }
    }

    /// Reads resources as soon as the server wants to be asked.
    pub(super) fn want_patiently(&mut self, resources: ResourceSet, now: u64, random: &mut Random) {
        let mut ready = resources;
        for resource in (resources - self.in_flight()).iter() {
            let error = self.error_mut(resource);
            if error.not_before > now {
                ready.remove(resource);
                // There is a new reason: the wait is the server's, however far those after failures had grown.
                let soon = error.not_before + backoff(random, 0, None);
                error.retry_at = Some(error.retry_at.map_or(soon, |at| at.min(soon)));
            }
        }
        self.want(ready);
    }

    /// Wants resources for a poll: those being read are left alone, and a failure is not followed up here, except for
    /// resources that wait for a retry anyway and now come along.
    pub(super) fn want_polled(&mut self, resources: ResourceSet) {
        let fresh = resources - (self.in_flight() | self.wanted);
        let retried = fresh & self.retrying();
        self.want(retried);
        self.wanted.insert_all(fresh);
        self.polled.insert_all(fresh - retried);
    }

    /// Makes failed reads wanted again that are due, or `early`: all that the server does not want to wait.
    pub(super) fn retry_due(&mut self, now: u64, early: bool) {
        let due = self.with_error(|error| {
            let is_due = |at| at <= now || early && error.not_before <= now;
            error.retry_at.is_some_and(is_due)
        });
        self.want(due);
    }

    pub(super) fn next_deadline(&self, paused: bool) -> Option<u64> {
        let flights = self.flights.iter().map(|flight| flight.deadline).min();
        let retries = self.errors.iter().filter_map(|error| error.retry_at);
        let retries = if paused { None } else { retries.min() };
        let pages = self.pages.values();
        let pages = pages.filter_map(|read| read.fetcher.next_deadline());
        earliest(earliest(flights, retries), pages.min())
    }

    /// Aborts everything. Returns the requests that were in flight. Order numbers of reads go on growing.
    pub(super) fn abort(&mut self, schema: &Schema) -> Vec<u64> {
        let last = self.last;
        let aborted = std::mem::replace(self, Self::new(schema));
        self.last = last;
        let flights = aborted.flights.iter().map(|flight| flight.request);
        let pages = aborted.pages.values();
        let pages = pages.filter_map(|read| read.fetcher.running());
        flights.chain(pages).collect()
    }
}
