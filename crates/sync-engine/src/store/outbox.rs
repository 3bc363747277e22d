//! What is to be sent: mutation batches in the order of the user's actions.
//!
//! A batch that may have been sent never changes, so that sending it again means the same.

use std::rc::Rc;

use sync_protocol::{Json, Problem, RawMutation, limits};

use super::pending::PendingMutation;
use super::pending_mutations::PendingMutations;
use crate::map::{Map, Set};
use crate::schema::{EntityKey, MutationId, MutationRef, MutationRole, ResourceSet};
use crate::time::Now;

/// Most requests with mutations in flight at once.
pub(super) const IN_FLIGHT_MAX: usize = 4;

/// Largest body that a batch grows to, in bytes, with room under the server's limit for the envelope.
const BATCH_BYTES_MAX: usize = limits::REQUEST_BYTES_MAX - 4096;

/// Shortest time between two requests that say how the same entity is to be, in milliseconds: a user who plays with a
/// favorite costs one request a second, not ten.
pub(super) const SET_SPACING_MS: u64 = 1000;

/// Two repeated mutations within this time are one double click, in milliseconds.
const DOUBLE_CLICK_MS: u64 = 500;

/// A request that is in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) request: u64,
    /// When it counts as unanswered, by `Now::mono_ms`.
    pub(super) deadline: u64,
}

/// A mutation as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) id: MutationId,
    kind: &'static str,
    args: Rc<Json>,
    pub(super) entity: EntityKey,
    pub(super) role: MutationRole,
}

impl Outgoing {
    pub(super) fn of(entry: &PendingMutation) -> Self {
        Self {
            id: entry.id.clone(),
            kind: entry.mutation.kind(),
            args: Rc::clone(&entry.args),
            entity: entry.entity.clone(),
            role: entry.role,
        }
    }

    /// Its size in a request, in bytes.
    fn size(&self) -> usize {
        const ENVELOPE: usize = r#"{"id":"","kind":"","args":},"#.len();
        ENVELOPE + self.id.as_str().len() + self.kind.len() + self.args.as_str().len()
    }

    pub(super) fn raw(&self) -> RawMutation {
        RawMutation {
            id: self.id.as_str().to_owned(),
            kind: self.kind.to_owned(),
            args: (*self.args).clone(),
        }
    }
}

/// One request with mutations.
#[derive(Clone, Debug, Default)]
pub(super) struct MutationBatch {
    pub(super) mutations: Vec<Outgoing>,
    pub(super) atomic: bool,
    /// Whether a later mutation about the same entity may still replace it.
    pub(super) replaceable: bool,
    /// Whether it has to be sent even if it leads back to what is known: the server may have seen another mutation.
    pub(super) needed: bool,
    /// Not to be sent before this, by `Now::mono_ms`.
    pub(super) not_before: u64,
    pub(super) attempts: u32,
    /// When it was first sent, by `Now::mono_ms`.
    pub(super) first_sent: Option<u64>,
    /// Whether an attempt that brought no answer may have had its effect.
    pub(super) may_have_run: bool,
    /// It is older than the server remembers, or was rejected after an attempt without an answer: a snapshot has to say
    /// what its outcome was. Holds the order number of the first read that can.
    pub(super) recheck: Option<u64>,
    /// The rejection that holds if that snapshot does not know it.
    pub(super) rejection: Option<Box<Problem>>,
    /// Whether it only waits for the connection to come back.
    pub(super) waits_for_connection: bool,
    pub(super) flight: Option<Flight>,
    /// Whether every outcome is known, so that it no longer holds up later ones.
    pub(super) resolved: bool,
}

impl MutationBatch {
    pub(super) fn new(mutations: Vec<Outgoing>, atomic: bool, not_before: u64) -> Self {
        Self {
            mutations,
            atomic,
            not_before,
            ..Self::default()
        }
    }
}

/// Splits an action into chunks that the server takes, in order.
pub(super) fn chunks(mutations: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut chunks: Vec<Vec<Outgoing>> = Vec::new();
    let mut bytes = 0;
    for mutation in mutations {
        let size = mutation.size();
        match chunks.last_mut().filter(|chunk| {
            chunk.len() < limits::MUTATIONS_PER_REQUEST_MAX && bytes + size <= BATCH_BYTES_MAX
        }) {
            Some(chunk) => {
                bytes += size;
                chunk.push(mutation);
            }
            None => {
                bytes = size;
                chunks.push(vec![mutation]);
            }
        }
    }
    chunks
}

/// Batches in the order of their actions, and what was sent lately.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    pub(super) batches: Vec<MutationBatch>,
    /// When a replaceable mutation about an entity was last sent, by `Now::mono_ms`, for [`SET_SPACING_MS`].
    pub(super) sent: Map<EntityKey, u64>,
    /// Mutations of the last half second, by `Now::mono_ms`.
    pub(super) recent: Vec<(u64, MutationId, MutationRef)>,
}

impl Outbox {
    /// The requests that are in flight.
    pub(super) fn flights(&self) -> impl Iterator<Item = Flight> {
        self.batches.iter().filter_map(|batch| batch.flight)
    }

    pub(super) fn by_request(&self, request: u64) -> Option<usize> {
        self.batches
            .iter()
            .position(|batch| batch.flight.is_some_and(|flight| flight.request == request))
    }

    pub(super) fn by_mutation(&self, id: &MutationId) -> Option<usize> {
        self.batches.iter().position(|batch| {
            let mut mutations = batch.mutations.iter();
            mutations.any(|mutation| mutation.id == *id)
        })
    }

    /// The mutations that the server cannot have seen.
    pub(super) fn unsent(&self) -> Set<MutationId> {
        let batches = self.batches.iter();
        let unsent = batches.filter(|batch| batch.attempts == 0 && !batch.may_have_run);
        let mutations = unsent.flat_map(|batch| &batch.mutations);
        mutations.map(|mutation| mutation.id.clone()).collect()
    }

    /// Whether mutations whose primary resource is one of these are in flight.
    pub(super) fn sends_any_of(&self, resources: ResourceSet) -> bool {
        let sent = self.batches.iter().filter(|batch| batch.flight.is_some());
        let mut mutations = sent.flat_map(|batch| &batch.mutations);
        mutations.any(|mutation| resources.contains(mutation.entity.resource))
    }

    /// Puts a batch where its mutations are in their order, so that those about one entity keep theirs.
    pub(super) fn insert(&mut self, batch: MutationBatch, pending: &PendingMutations) {
        let index_of = |batch: &MutationBatch| {
            let mut mutations = batch.mutations.iter();
            mutations.find_map(|mutation| pending.index(&mutation.id))
        };
        let mine = index_of(&batch);
        let later = self.batches.iter().position(|other| index_of(other) > mine);
        self.batches
            .insert(later.unwrap_or(self.batches.len()), batch);
    }

    /// Whether an answer about a mutation may still come.
    pub(super) fn is_in_flight(&self, id: &MutationId) -> bool {
        self.by_mutation(id)
            .is_some_and(|index| self.batches[index].flight.is_some())
    }

    /// The first `most` of the waiting batches that `wanted` names and that no earlier batch for the same entity holds up.
    pub(super) fn unblocked(
        &self,
        most: usize,
        wanted: impl Fn(&MutationBatch) -> bool,
    ) -> Vec<usize> {
        let mut claimed: Set<&EntityKey> = Set::new();
        let mut free = Vec::new();
        for (index, batch) in self.batches.iter().enumerate() {
            if free.len() >= most {
                break;
            }
            if batch.resolved {
                continue;
            }
            let mut entities = batch.mutations.iter().map(|mutation| &mutation.entity);
            let blocked = entities.any(|entity| claimed.contains(entity));
            if !blocked && batch.flight.is_none() && wanted(batch) {
                free.push(index);
            }
            claimed.extend(batch.mutations.iter().map(|mutation| &mutation.entity));
        }
        free
    }

    /// Takes out the unsent replaceable batch about an entity.
    pub(super) fn take_replaceable(&mut self, entity: &EntityKey) -> Option<MutationBatch> {
        let index = self.batches.iter().position(|batch| {
            let mut entities = batch.mutations.iter().map(|mutation| &mutation.entity);
            batch.replaceable && batch.attempts == 0 && entities.any(|other| other == entity)
        })?;
        Some(self.batches.remove(index))
    }

    /// When another replaceable mutation about an entity may be sent, by `Now::mono_ms`.
    pub(super) fn spaced_until(&self, entity: &EntityKey) -> u64 {
        let sent = self.sent.get(entity);
        sent.map_or(0, |sent| sent + SET_SPACING_MS)
    }

    /// Puts a batch in flight.
    pub(super) fn send(&mut self, index: usize, flight: Flight, now: u64) {
        let batch = &mut self.batches[index];
        batch.attempts += 1;
        batch.first_sent.get_or_insert(now);
        batch.flight = Some(flight);
        if batch.replaceable {
            let mutations = batch.mutations.iter();
            let sent = mutations.map(|mutation| (mutation.entity.clone(), now));
            self.sent.extend(sent);
        }
    }

    /// Batches whose outcomes are all known are done; one that is still in flight holds nothing up.
    pub(super) fn release_resolved(&mut self, pending: &PendingMutations) {
        let is_open = |id: &MutationId| pending.get(id).is_some_and(PendingMutation::is_open);
        self.batches.retain_mut(|batch| {
            batch.resolved = !batch.mutations.iter().any(|mutation| is_open(&mutation.id));
            !batch.resolved || batch.flight.is_some()
        });
    }

    /// A mutation is no longer pending: it is not sent, and nothing repeats it.
    pub(super) fn forget(&mut self, id: &MutationId) {
        self.recent.retain(|(_, recent, _)| recent != id);
        if let Some(index) = self.by_mutation(id)
            && self.batches[index].attempts == 0
        {
            let mutations = &mut self.batches[index].mutations;
            mutations.retain(|mutation| mutation.id != *id);
        }
    }

    /// Remembers a mutation for as long as another one may be the second half of a double click.
    pub(super) fn note_recent(&mut self, now: u64, id: &MutationId, mutation: &MutationRef) {
        self.recent.retain(|(at, ..)| now < at + DOUBLE_CLICK_MS);
        self.recent.push((now, id.clone(), mutation.clone()));
    }

    /// The mutation of the last half second that this one repeats.
    pub(super) fn repeated_by(&self, now: Now, mutation: &MutationRef) -> Option<&MutationRef> {
        let recent = self.recent.iter();
        let recent = recent.filter(|(at, ..)| now.mono_ms < at + DOUBLE_CLICK_MS);
        let mut earlier = recent.map(|(.., earlier)| earlier);
        earlier.find(|earlier| mutation.body.repeats(&*earlier.body))
    }

    /// Nothing that was never sent waits any longer for another mutation that may replace it.
    pub(super) fn release_unsent(&mut self, now: u64) {
        for batch in &mut self.batches {
            if batch.attempts == 0 {
                batch.not_before = batch.not_before.min(now);
            }
        }
    }

    /// The connection is back: batches that only waited for it go now.
    pub(super) fn connection_restored(&mut self, now: u64) {
        for batch in &mut self.batches {
            if batch.waits_for_connection {
                batch.not_before = batch.not_before.min(now);
                batch.waits_for_connection = false;
            }
        }
    }

    /// How long ago a batch was first sent, in milliseconds: by whichever clock says more, since one may have been set
    /// back and the other may stand still while the device sleeps.
    pub(super) fn age_of(&self, index: usize, pending: &PendingMutations, now: Now) -> u64 {
        let batch = &self.batches[index];
        let mutations = batch.mutations.iter();
        let entries = mutations.filter_map(|mutation| pending.get(&mutation.id));
        let first = entries.filter_map(|entry| entry.delivery.first_sent_ms);
        let wall = first
            .min()
            .map_or(0, |first| now.wall_ms.saturating_sub(first));
        let mono = batch.first_sent.map_or(0, |first| now.mono_ms - first);
        mono.max(u64::try_from(wall).unwrap_or(0))
    }

    /// Whether nothing but time holds up a batch: something is left in it, no question about it is open, and the thing it
    /// builds on does not wait for the user.
    pub(super) fn is_sendable(batch: &MutationBatch, pending: &PendingMutations) -> bool {
        let waits = |mutation: &Outgoing| {
            mutation.role != MutationRole::Create
                && pending
                    .of_entity(&mutation.entity)
                    .take_while(|earlier| earlier.id != mutation.id)
                    .any(|earlier| earlier.creates() && earlier.waits_for_user())
        };
        !batch.mutations.is_empty() && batch.recheck.is_none() && !batch.mutations.iter().any(waits)
    }
}
