//! What a snapshot brings: newer data, another epoch, outcomes on mutations; or why it brought nothing.

use std::rc::Rc;

use dashboard_protocol::{Outcome, Resource, Settled, SnapshotReply};

use super::base::SnapshotMeta;
use super::entry::Stage;
use super::fetch::{Flight, RETRY_FIRST_MS, RETRY_LONGEST_MS, FetchError, backoff};
use super::resources::ResourceSet;
use super::outcomes::no_reason;
use super::{Count, StoreOutput, Store};
use crate::http::HttpFailure;
use crate::injected_faults::{InjectedFault, is_injected};
use crate::view::ErrorView;

impl Store {
    /// The result of a snapshot request; nothing if the id is of none.
    pub(super) fn on_snapshot_settled(
        &mut self,
        id: u64,
        result: Result<Option<Box<SnapshotReply>>, HttpFailure>,
    ) {
        let index = self
            .fetches
            .flights
            .iter()
            .position(|flight| flight.request == id);
        let Some(index) = index else {
            return;
        };
        let flight = self.fetches.flights.remove(index);
        let again = self.fetches.again.common(flight.resources);
        self.fetches.again = self.fetches.again.without(again);
        match result {
            Ok(reply) => {
                self.snapshot_arrived(&flight, reply);
                self.fetches.want(again);
                self.connection_restored();
            }
            Err(failure) => {
                self.snapshot_failed(&flight, &failure);
                let again = again.without(self.fetches.retrying());
                self.fetches.want(again);
            }
        }
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
            None => self.resolve_unknown(&flight.pending, flight.read),
        }
        for resource in flight.resources.iter() {
            if unmodified {
                self.count(Count::NotModified(resource));
            }
            self.fetches.fetch_error[resource.index()] = FetchError::default();
            self.inbox.restart_gap(resource, self.now.mono_ms);
            if self.base.version_of_base(resource).loaded {
                self.base.mark_mut(resource).proved_at_ms = Some(self.now.wall_ms);
            }
        }
        self.drain();
        self.outputs.push_back(StoreOutput::FetchDone {
            resources: flight.resources.to_vec(),
            ok: true,
            retry_after_ms: None,
        });
    }

    /// Takes a reply into the base; `false` if it is of an epoch that has ended.
    fn take_snapshot(&mut self, flight: &Flight, reply: SnapshotReply) -> bool {
        let is_other = self.base.epoch.as_deref() != Some(reply.epoch.as_str());
        if is_other && !(is_injected(InjectedFault::EpochIgnored) && self.base.epoch.is_some()) {
            if self.base.epoch.is_some() && flight.read < self.epoch_read {
                return false;
            }
            self.past_epochs.remove(&reply.epoch);
            self.enter_epoch(&reply.epoch, flight.resources);
        }
        let from = SnapshotMeta {
            read: flight.read,
            now_ms: self.now.wall_ms,
            page_size: self.page_size,
        };
        let known = self.base.version_of_base(Resource::Favorites).loaded;
        let before = self.base.favorite_ids.clone();
        let taken = self.base.take(from, reply.resources);
        if !known {
            self.favorite_states.touch_all();
        } else if taken.has(Resource::Favorites) {
            self.favorite_states.compare(&before, &self.base.favorite_ids);
        }
        self.views.dirty = self.views.dirty.and(taken);
        for list in taken.iter().filter_map(super::older::list_of) {
            self.restart_page(list);
        }
        let (mut rejected, mut unknown) = (Vec::new(), Vec::new());
        // What was rejected for its id or its price meanwhile waits for the user, whatever becomes of the id.
        let waits = |id: &&Rc<str>| {
            let entry = self.log.get(id);
            entry.is_some_and(|entry| !entry.is_id_taken() && entry.stage != Stage::NeedsResolution)
        };
        let pending: Vec<_> = flight.pending.iter().filter(waits).collect();
        for id in pending {
            match reply.settled.get(&**id) {
                Some(settled) if settled.outcome == Outcome::Rejected => {
                    let problem = settled.problem.clone();
                    rejected.push((Rc::clone(id), problem.unwrap_or_else(no_reason)));
                }
                Some(settled) => self.resolve_accepted(id, settled, &reply.epoch, flight),
                None => unknown.push(Rc::clone(id)),
            }
        }
        self.rejected(rejected);
        self.resolve_unknown(&unknown, flight.read);
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
    fn resolve_accepted(&mut self, id: &Rc<str>, settled: &Settled, epoch: &str, flight: &Flight) {
        let Some(entry) = self.log.get_mut(id) else {
            return;
        };
        let before = entry.affected;
        entry.accept(epoch, settled.version, before);
        entry.reflected = entry.reflected.and(flight.resources);
        self.views.dirty = self.views.dirty.and(before);
        self.views.log_dirty = true;
        // Whether it touched the others of which that is thought has to be read as well.
        let others = before.without(entry.reflected);
        self.accepted(id);
        let others = others.common(self.base.loaded());
        self.want(others.without(self.fetches.busy()));
    }

    fn snapshot_failed(&mut self, flight: &Flight, failure: &HttpFailure) {
        let error = ErrorView::from(failure);
        let signed_out = failure.is_unauthenticated();
        let retry_after_ms = error.retry_after_ms;
        // One wait for all of them, so that they are read together again: as short as any of them allows.
        let growth = flight
            .resources
            .iter()
            .map(|resource| self.fetches.fetch_error[resource.index()].growth);
        let growth = growth.min().unwrap_or(0);
        let wait = backoff(&mut self.random, growth, RETRY_FIRST_MS, RETRY_LONGEST_MS);
        let retry_at = self.now.mono_ms + wait.max(retry_after_ms.unwrap_or(0));
        for resource in flight.resources.iter() {
            let gave_up = flight.poll && self.base.version_of_base(resource).current;
            let fetch_error = &mut self.fetches.fetch_error[resource.index()];
            fetch_error.failures += 1;
            fetch_error.growth += 1;
            fetch_error.error = Some(error.clone());
            fetch_error.not_before = self.now.mono_ms + retry_after_ms.unwrap_or(0);
            fetch_error.retry_at = (!gave_up && !signed_out).then_some(retry_at);
        }
        if signed_out {
            self.fetches.want(flight.resources);
            self.ask_for_sign_in();
        }
        self.outputs.push_back(StoreOutput::FetchDone {
            resources: flight.resources.to_vec(),
            ok: false,
            retry_after_ms,
        });
    }
}
