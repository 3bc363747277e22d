//! What goes to the server together: one act of the user, or a chunk of a large one.
//!
//! A batch that may have been sent never changes, so that sending it again means the same.

use std::rc::Rc;

use dashboard_protocol::{Mutation, Problem, limits};

use super::entry::Entity;
use super::log::Log;
use crate::flat::FlatSet;
use crate::injected_faults::{InjectedFault, is_injected};

/// Most requests with mutations on their way at once.
pub(super) const IN_FLIGHT_MAX: usize = 4;

/// Largest body that a batch grows to, in bytes, with room under the server's limit for the envelope.
const BATCH_BYTES_MAX: usize = limits::REQUEST_BYTES_MAX - 4096;

/// A request that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) request: u64,
    /// When it counts as unanswered, by `Now::mono_ms`.
    pub(super) deadline: u64,
}

/// One request with mutations.
#[derive(Clone, Debug)]
pub(super) struct MutationBatch {
    pub(super) mutations: Vec<Rc<Mutation>>,
    pub(super) entities: Vec<Entity>,
    pub(super) atomic: bool,
    /// Whether a later mutation for the same favorite may still replace it.
    pub(super) replaceable: bool,
    /// Whether it has to be sent even if it leads back to what is known: the server may have seen another mutation.
    pub(super) needed: bool,
    /// Not to be sent before this, by `Now::mono_ms`.
    pub(super) not_before: u64,
    pub(super) attempts: u32,
    /// When it was first sent, by `Now::mono_ms`.
    pub(super) first_sent: Option<u64>,
    /// Whether a try that brought no answer may have had its effect.
    pub(super) may_have_run: bool,
    /// It is older than the server remembers, or was rejected after a try without an answer: a snapshot has to say what
    /// became of it. Holds the order number of the first read that can.
    pub(super) recheck: Option<u64>,
    /// The rejection that holds if that snapshot does not know it.
    pub(super) rejection: Option<Box<Problem>>,
    /// Whether the answer it waits for is only that the way is open again.
    pub(super) waits_for_connection: bool,
    pub(super) flight: Option<Flight>,
}

impl MutationBatch {
    pub(super) fn new(mutations: Vec<Rc<Mutation>>, atomic: bool, not_before: u64) -> Self {
        let entities = mutations
            .iter()
            .map(|mutation| Entity::of(&mutation.body))
            .collect();
        Self {
            mutations,
            entities,
            atomic,
            replaceable: false,
            needed: false,
            not_before,
            attempts: 0,
            first_sent: None,
            may_have_run: false,
            recheck: None,
            rejection: None,
            waits_for_connection: false,
            flight: None,
        }
    }

    /// Whether the server cannot have seen it.
    pub(super) const fn is_unsent(&self) -> bool {
        self.attempts == 0 && !self.may_have_run
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.mutations.iter().any(|mutation| mutation.id == id)
    }

    /// Takes a mutation out of a batch that was never sent.
    pub(super) fn remove(&mut self, id: &str) {
        if self.attempts == 0
            && let Some(index) = self.mutations.iter().position(|mutation| mutation.id == id)
        {
            self.mutations.remove(index);
            self.entities.remove(index);
        }
    }
}

/// Splits an act into chunks that the server takes, in order.
pub(super) fn chunks(mutations: &[Rc<Mutation>]) -> Vec<Vec<Rc<Mutation>>> {
    let mut chunks: Vec<Vec<Rc<Mutation>>> = Vec::new();
    let mut bytes = 0;
    for mutation in mutations {
        let size = serde_json::to_vec(&**mutation).map_or(0, |body| body.len() + 1);
        let full = chunks.last().is_none_or(|chunk| {
            chunk.len() >= limits::MUTATIONS_PER_REQUEST_MAX || bytes + size > BATCH_BYTES_MAX
        });
        if full {
            chunks.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(Rc::clone(mutation));
        }
    }
    chunks
}

/// Batches in the order of their acts.
#[derive(Clone, Debug, Default)]
pub(super) struct MutationBatches {
    pub(super) list: Vec<MutationBatch>,
}

impl MutationBatches {
    pub(super) fn in_flight(&self) -> usize {
        self.list
            .iter()
            .filter(|batch| batch.flight.is_some())
            .count()
    }

    pub(super) fn by_request(&self, request: u64) -> Option<usize> {
        self.list.iter().position(|batch| {
            batch
                .flight
                .is_some_and(|flight| flight.request == request)
        })
    }

    pub(super) fn by_mutation(&self, id: &str) -> Option<usize> {
        self.list.iter().position(|batch| batch.has(id))
    }

    /// The mutations that the server cannot have seen.
    pub(super) fn unsent(&self) -> FlatSet<Rc<str>> {
        let unsent = self.list.iter().filter(|batch| batch.is_unsent());
        let mutations = unsent.flat_map(|batch| &batch.mutations);
        mutations
            .map(|mutation| Rc::from(mutation.id.as_str()))
            .collect()
    }

    /// Whether a mutation for a favorite is on its way.
    pub(super) fn sends_favorites(&self) -> bool {
        let sent = self.list.iter().filter(|batch| batch.flight.is_some());
        let mut entities = sent.flat_map(|batch| &batch.entities);
        entities.any(|entity| matches!(entity, Entity::Favorite(_)))
    }

    /// Puts a batch where its mutations stand in the log, so that those for one thing keep their order.
    pub(super) fn insert(&mut self, batch: MutationBatch, log: &Log) {
        let index_of = |batch: &MutationBatch| {
            let mut indices = batch.mutations.iter();
            indices.find_map(|mutation| log.position(&mutation.id))
        };
        let mine = index_of(&batch);
        let later = self.list.iter().position(|other| index_of(other) > mine);
        self.list.insert(later.unwrap_or(self.list.len()), batch);
    }

    /// Whether an answer about a mutation may still come.
    pub(super) fn is_on_its_way(&self, id: &str) -> bool {
        self.by_mutation(id)
            .is_some_and(|index| self.list[index].flight.is_some())
    }

    /// The first `most` of the batches that wait as `wanted` says and before which nothing stands for the same entity.
    pub(super) fn unblocked(&self, most: usize, wanted: impl Fn(&MutationBatch) -> bool) -> Vec<usize> {
        let mut claimed: FlatSet<&Entity> = FlatSet::new();
        let mut free = Vec::new();
        for (index, batch) in self.list.iter().enumerate() {
            if free.len() >= most {
                break;
            }
            let blocked = batch
                .entities
                .iter()
                .any(|entity| claimed.contains(entity))
                && !is_injected(InjectedFault::OrderIgnored);
            if !blocked && batch.flight.is_none() && wanted(batch) {
                free.push(index);
            }
            for entity in &batch.entities {
                claimed.insert(entity);
            }
        }
        free
    }
}
