//! What tests need of a store beyond its views: its state as text, calls in flight, and the past put to one value.

use std::fmt;

use super::entity_views::EntityViews;
use super::outbox::{MutationBatch, Outbox};
use super::views::Views;
use super::{Identity, Shown, Store};
use crate::event::Event;
use crate::map::Map;
use crate::random::Random;
use crate::schema::ResourceSet;
use crate::state::{ResourceData, ServerState};
use crate::time::Now;

/// The state of the random source once the past is forgotten.
const SEED: u64 = 7;

impl Store {
    /// Everything that makes a difference to what follows, for a fingerprint: two stores whose state reads the same go on
    /// alike. Left out: the time of the last call; views, which are rebased from the rest; the history of what can be
    /// undone, which matters only to [`Self::cancel`].
    #[must_use]
    pub fn state(&self) -> impl fmt::Debug + '_ {
        let Self {
            page_size,
            random,
            now: _,
            clock_offset_ms,
            identity,
            server,
            epochs,
            inbox,
            pending,
            outbox,
            reads,
            failures,
            history: _,
            shown: Shown { views: _, entities },
            io,
        } = self;
        let Identity {
            user,
            paused,
            signed_out,
        } = identity;
        let user = (user, paused, signed_out);
        let work = (pending, outbox, reads, failures);
        (
            (page_size, random, clock_offset_ms, user),
            (server, epochs, inbox),
            work,
            (entities, io),
        )
    }

    /// Puts to one value what lies in the past and makes no difference to what follows, so that stores that go on alike
    /// read alike: counts, how rows came to where they are, the state of the random source, and how long calls are in
    /// flight. Only for runs that last minutes, in which a call that takes too long is lost by the test.
    ///
    /// `memory_ms` is longer than anything that the store remembers for its timing.
    pub fn forget_past(&mut self, now: Now, memory_ms: u64) {
        let late = now.mono_ms + 10 * memory_ms;
        self.random = Random::new(SEED);
        forget_rows(&mut self.server);
        forget_rebases(&mut self.shown.views);
        forget_reads(&mut self.shown.entities);
        forget_waits(&mut self.outbox, now.mono_ms, memory_ms, late);
        self.number_reads(late);
    }

    /// Order numbers of reads are compared with each other. A resource is read by one at a time, so that each is later
    /// than the data that it finds.
    fn number_reads(&mut self, late: u64) {
        let rechecks = |batch: &MutationBatch| batch.recheck;
        let flights = self.reads.flights.iter().map(|flight| flight.read);
        let rechecks = self.outbox.batches.iter().filter_map(rechecks);
        let last = self.reads.last;
        let mut reads: Vec<u64> = flights.chain(rechecks).chain([last]).collect();
        reads.sort_unstable();
        reads.dedup();
        let number = |read: u64| reads.partition_point(|other| *other < read) as u64 + 1;
        for flight in &mut self.reads.flights {
            flight.read = number(flight.read);
            flight.deadline = late;
        }
        for batch in &mut self.outbox.batches {
            batch.recheck = batch.recheck.map(number);
        }
        self.reads.last = number(last);
        self.epochs.first_read = 0;
    }

    /// Gives the calls in flight other ids, by those that they have.
    ///
    /// # Panics
    /// A call in flight has no new id.
    pub fn renumber_calls(&mut self, ids: &Map<u64, u64>) {
        for batch in &mut self.outbox.batches {
            if let Some(flight) = &mut batch.flight {
                flight.request = ids[&flight.request];
            }
        }
        for flight in &mut self.reads.flights {
            flight.request = ids[&flight.request];
        }
        self.io.requests = ids.len() as u64;
    }

    /// One event alone.
    pub fn handle_event(&mut self, now: Now, event: Event) {
        self.handle_events(now, vec![event]);
    }

    /// Resources that are being read or will be.
    #[must_use]
    pub fn reading(&self) -> ResourceSet {
        self.reads.busy()
    }

    /// When the first of the calls in flight times out, pages apart.
    #[must_use]
    pub fn first_timeout(&self) -> Option<u64> {
        let sent = self.outbox.flights().map(|flight| flight.deadline);
        let read = self.reads.flights.iter().map(|flight| flight.deadline);
        sent.chain(read).min()
    }

    /// How often an entity's view was computed.
    #[must_use]
    pub const fn entities_computed(&self) -> usize {
        self.shown.entities.computed.get()
    }

    /// Rebases resources although nothing happened.
    pub fn rebase_for_test(&mut self, resources: ResourceSet) {
        self.shown.views.dirty.insert_all(resources);
        self.shown.views.mutations_dirty = true;
        self.commit();
    }
}

/// Forgets how the rows came here: any row that comes is newer than each of them, and no page is on its way.
fn forget_rows(server: &mut ServerState) {
    for state in &mut server.resources {
        state.version.read = 0;
        state.version.verified_at_ms = None;
        if let ResourceData::List { list, .. } = &mut state.data {
            list.end = 0;
            for held in &mut list.rows {
                held.version = 0;
            }
        }
    }
}

/// Forgets how often something was rebased.
fn forget_rebases(views: &mut Views) {
    for slot in &mut views.slots {
        slot.rebases = 0;
    }
}

/// Forgets when entities were read, as long as there are few.
fn forget_reads(entities: &mut EntityViews) {
    entities.reads.set(0);
    entities.computed.set(0);
    for (_, cached) in entities.emitted.get_mut().iter_mut() {
        cached.read = 0;
    }
}

/// Forgets for how long things wait: what is due is due, nothing was first sent hours ago, and calls time out late.
fn forget_waits(outbox: &mut Outbox, now: u64, memory_ms: u64, late: u64) {
    for batch in &mut outbox.batches {
        batch.not_before = batch.not_before.max(now);
        batch.first_sent = batch.first_sent.map(|_| now);
        if let Some(flight) = &mut batch.flight {
            flight.deadline = late;
        }
    }
    outbox.sent.retain(|_, sent| now < *sent + memory_ms);
    outbox.recent.retain(|(at, ..)| now < at + memory_ms);
}
