//! What has been tells no two worlds apart, unless it matters for what comes.
//!
//! It is not left out of the fingerprint but put to one value in the world itself, so that the run really goes on from
//! there. Were something of it of importance after all, the run would go wrong, and not only be taken for another.

use std::collections::BTreeMap;

use super::sim::{WHILE_MS, Sim};
use crate::random::Random;

use dashboard_protocol::Resource;

impl Sim {
    pub(super) fn forget_past(&mut self) {
        self.bench.forget();
        self.bench.cancelled.clear();
        self.forget_counts();
        self.forget_age();
        self.number_calls();
        self.number_reads();
    }

    /// How often something was done, and how the rows came to where they are.
    fn forget_counts(&mut self) {
        let store = &mut self.bench.store;
        store.views.forget_past();
        store.favorite_states.forget_past();
        store.base.favorites.list.forget_past();
        store.base.orders.list.forget_past();
        store.base.downloads.list.forget_past();
        store.base.activity.list.forget_past();
        // How long the next wait is follows from how often something failed, and not from all waits before.
        store.random = Random::new(7);
    }

    /// Calls do not age, since they can be lost at any time; what is due is due; and what was first sent a moment ago is
    /// not yet hours old.
    fn forget_age(&mut self) {
        let now = self.bench.now.mono_ms;
        let store = &mut self.bench.store;
        for batch in &mut store.batches.list {
            batch.not_before = batch.not_before.max(now);
            batch.first_sent = batch.first_sent.map(|_| now);
            if let Some(flight) = &mut batch.flight {
                flight.deadline = now + 10 * WHILE_MS;
            }
        }
        for flight in &mut store.fetches.flights {
            flight.deadline = now + 10 * WHILE_MS;
        }
        store
            .sent_favorites
            .retain(|_, sent| now < *sent + WHILE_MS);
        store.ordered.retain(|(at, _)| now < at + WHILE_MS);
    }

    /// Ids of calls are only ever compared with each other: those under way are numbered in their order.
    fn number_calls(&mut self) {
        let store = &mut self.bench.store;
        self.late.sort_by_key(|late| late.call);
        let calls = self.bench.calls.iter().map(|(call, _)| *call);
        let mut ids: Vec<u64> = calls
            .chain(self.late.iter().map(|late| late.call))
            .collect();
        ids.sort_unstable();
        let numbers: BTreeMap<u64, u64> = ids.iter().copied().zip(1..).collect();
        let called = self.bench.calls.iter_mut().map(|(call, _)| call);
        for call in called.chain(self.late.iter_mut().map(|late| &mut late.call)) {
            *call = numbers[call];
        }
        for batch in &mut store.batches.list {
            if let Some(flight) = &mut batch.flight {
                flight.request = numbers[&flight.request];
            }
        }
        for flight in &mut store.fetches.flights {
            flight.request = numbers[&flight.request];
        }
        store.requests = numbers.len() as u64;
    }

    /// Numbers of reads are compared with each other too. A resource is read by one at a time, so that each is later than
    /// what it finds.
    fn number_reads(&mut self) {
        let store = &mut self.bench.store;
        for resource in Resource::ALL {
            store.base.mark_mut(resource).read = 0;
        }
        let flights = store.fetches.flights.iter().map(|flight| flight.read);
        let rechecks = store
            .batches
            .list
            .iter()
            .filter_map(|batch| batch.recheck);
        let mut reads: Vec<u64> = flights
            .chain(rechecks)
            .chain([store.fetches.reads])
            .collect();
        reads.sort_unstable();
        reads.dedup();
        let number = |read: u64| reads.partition_point(|other| *other < read) as u64 + 1;
        for flight in &mut store.fetches.flights {
            flight.read = number(flight.read);
        }
        for batch in &mut store.batches.list {
            batch.recheck = batch.recheck.map(number);
        }
        store.fetches.reads = number(store.fetches.reads);
        store.epoch_read = 0;
    }
}
