//! What the user asks for: recorded and shown at once, sent afterwards.

use std::rc::Rc;

use sync_protocol::{Json, Problem, ProblemCode, Timestamp};

use super::Store;
use super::failures::Failure;
use super::outbox::{self, MutationBatch, Outgoing};
use super::outcomes::error_of;
use super::pending::{Acknowledgement, BatchRef, Delivery, Optimistic, PendingMutation, Stage};
use super::rebase::shown_rows;
use crate::schema::{
    EntityKey, MutationId, MutationRef, MutationRole, NewMutation, ResourceId, ResourceSet,
};
use crate::state::{Effect, OptimisticRows, PreparedRows, Reader};
use crate::time::Now;
use crate::view::{FailedMutation, FailureView};

/// How long a mutation that says how something is to be waits for another one that replaces it, in milliseconds.
const COALESCE_MS: u64 = 150;

/// Most mutations that may be pending at once; one more is rejected visibly.
const PENDING_MAX: usize = 20_000;

/// What became of a mutation that was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Added {
    /// It was recorded under its id; a rejection of it is listed under that id too.
    New(MutationId),
    /// It repeats another one, as the second half of a double click does, or asks for something that is being made
    /// already: this is the id of the thing that already stands for it. Nothing was recorded.
    Duplicate(Rc<str>),
}

impl Added {
    /// The id under which the mutation was recorded.
    #[must_use]
    pub const fn id(&self) -> Option<&MutationId> {
        match self {
            Self::New(id) => Some(id),
            Self::Duplicate(_) => None,
        }
    }
}

impl Store {
    /// The user asks for changes: one action, shown at once and sent as one request (or several, if it is too large for
    /// one). Returns what became of each. Nothing is recorded unless somebody is signed in, nor for an id that is pending
    /// already.
    ///
    /// # Panics
    /// The kind of a mutation is not in the schema.
    pub fn mutate(&mut self, now: Now, mutations: Vec<NewMutation>, atomic: bool) -> Vec<Added> {
        self.now = now;
        let mut added = Vec::new();
        if self.identity.user.is_some() {
            added = self.record(mutations, atomic);
            self.pump();
        }
        self.commit();
        added
    }

    /// What already stands for a mutation, if it repeats another one or asks for something that is being made: the id of
    /// its entity.
    #[must_use]
    pub fn duplicate_of(&self, now: Now, mutation: &MutationRef) -> Option<Rc<str>> {
        if let Some(earlier) = self.outbox.repeated_by(now, mutation) {
            return Some(Rc::from(earlier.body.entity()));
        }
        let shown = |resource: ResourceId| {
            let rebased = self.shown.views.slots[resource.index()].rebased.as_ref();
            shown_rows(rebased, &self.pending, resource)
        };
        let reader = Reader {
            shown: Some(&shown),
            ..self.reader()
        };
        mutation.body.duplicate_of(&reader).map(Rc::from)
    }

    pub(super) fn record(&mut self, mutations: Vec<NewMutation>, atomic: bool) -> Vec<Added> {
        let mut added = Vec::with_capacity(mutations.len());
        let mut new = Vec::with_capacity(mutations.len());
        for mutation in mutations {
            if self.pending.get(&mutation.id).is_some() {
                added.push(Added::Duplicate(Rc::from(mutation.mutation.body.entity())));
            } else if let Some(entity) = self.duplicate_of(self.now, &mutation.mutation) {
                added.push(Added::Duplicate(entity));
            } else {
                added.push(Added::New(mutation.id.clone()));
                new.push(mutation);
            }
        }
        self.record_new(new, atomic);
        added
    }

    fn record_new(&mut self, mut new: Vec<NewMutation>, atomic: bool) {
        if self.pending.entries.len() + new.len() > PENDING_MAX {
            self.reject_locally(new);
            return;
        }
        self.io.batches += 1;
        let batch = BatchRef {
            id: self.io.batches,
            atomic,
        };
        if !atomic
            && new.len() == 1
            && self.schema().mutation_of(&new[0].mutation).role == MutationRole::Set
        {
            if let Some(new) = new.pop() {
                self.record_set(new, batch);
            }
            return;
        }
        let created = self.timestamp();
        let entries = new.iter().map(|new| self.entry(new, &created, batch));
        let Some(entries) = entries.collect::<Option<Vec<_>>>() else {
            self.reject_locally(new);
            return;
        };
        let chunks = outbox::chunks(entries.iter().map(Outgoing::of).collect());
        if atomic && chunks.len() > 1 {
            self.reject_locally(new);
            return;
        }
        for entry in entries {
            self.add(entry);
        }
        for chunk in chunks {
            let batch = MutationBatch::new(chunk, atomic, self.now.mono_ms);
            self.outbox.batches.push(batch);
        }
    }

    /// One mutation that says how something is to be: it replaces an unsent one, and both are void if that leads back.
    fn record_set(&mut self, new: NewMutation, batch: BatchRef) {
        let entity = self.schema().entity_of(&new.mutation);
        // Its view is listened to from now on.
        let _read = self.entity(&entity);
        let mut needed = self.replace_paused(&entity);
        let spaced = self.outbox.spaced_until(&entity);
        let mut not_before = spaced.max(self.now.mono_ms + COALESCE_MS);
        if let Some(replaced) = self.outbox.take_replaceable(&entity) {
            not_before = replaced.not_before;
            needed |= replaced.needed;
            for mutation in &replaced.mutations {
                self.forget(&mutation.id);
            }
            if !needed && self.leads_back(&entity, &new.mutation) {
                return;
            }
        }
        let created = self.timestamp();
        let Some(entry) = self.entry(&new, &created, batch) else {
            self.reject_locally(vec![new]);
            return;
        };
        let outgoing = Outgoing::of(&entry);
        self.add(entry);
        self.outbox.batches.push(MutationBatch {
            replaceable: true,
            needed,
            ..MutationBatch::new(vec![outgoing], false, not_before)
        });
    }

    /// Whether a mutation asks for what the last pending one about its entity, or the server's state, says already.
    fn leads_back(&self, entity: &EntityKey, mutation: &MutationRef) -> bool {
        match self.pending.of_entity(entity).next_back() {
            Some(last) => last.mutation == *mutation,
            None => mutation.body.is_satisfied(&self.reader()) == Some(true),
        }
    }

    /// A new mutation replaces paused ones about its entity. Returns whether the server may have seen one of them.
    fn replace_paused(&mut self, entity: &EntityKey) -> bool {
        let same = self.pending.of_entity(entity);
        let paused = same.filter(|entry| matches!(entry.stage, Stage::Paused { .. }));
        let paused: Vec<_> = paused.map(|entry| entry.id.clone()).collect();
        for id in &paused {
            self.forget(id);
        }
        !paused.is_empty()
    }

    /// The timestamp of the rows of a new mutation: now by the server's clock, and not before any that the server has named,
    /// so that they come first in any case.
    fn timestamp(&self) -> Timestamp {
        let now = Timestamp::from_unix_ms(self.server_ms());
        now.max(self.server.newest.clone())
    }

    /// A mutation as it becomes pending; `None` if its arguments cannot be encoded.
    pub(super) fn entry(
        &self,
        new: &NewMutation,
        created: &Timestamp,
        batch: BatchRef,
    ) -> Option<PendingMutation> {
        let definition = self.schema().mutation_of(&new.mutation);
        let args: Json = new.mutation.body.args()?;
        let mut prepared = PreparedRows::new();
        new.mutation.body.prepare(&mut OptimisticRows {
            reader: Reader {
                context: new.mutation.context(),
                ..self.reader()
            },
            id: &new.id,
            at: created,
            rows: &mut prepared,
        });
        Some(PendingMutation {
            id: new.id.clone(),
            mutation: new.mutation.clone(),
            args: Rc::new(args),
            role: definition.role,
            entity: self.schema().entity_of(&new.mutation),
            batch,
            stage: Stage::Queued,
            optimistic: Optimistic {
                created: created.clone(),
                prepared,
                effect: Effect {
                    conflicted: false,
                    delta: definition.assumed_delta,
                },
                moved: false,
            },
            ack: Acknowledgement::new(definition.primary, definition.affects),
            delivery: Delivery {
                asked: self.now,
                ..Delivery::default()
            },
            proposal: None,
            undoes: None,
        })
    }

    /// Makes a mutation pending.
    fn add(&mut self, entry: PendingMutation) {
        // The user acted on the entity again: it no longer shows its failure, which stays listed.
        self.failures.entities.remove(&entry.entity);
        // One that would not even repeat itself is never the first half of a double click.
        if entry.mutation.body.repeats(&*entry.mutation.body) {
            self.outbox
                .note_recent(self.now.mono_ms, &entry.id, &entry.mutation);
        }
        self.mark_dirty(entry.ack.affected);
        self.pending.push(entry);
    }

    /// Resources look different, and so does the list of mutations.
    pub(super) fn mark_dirty(&mut self, resources: ResourceSet) {
        self.shown.views.dirty.insert_all(resources);
        self.shown.views.mutations_dirty = true;
    }

    /// Takes a mutation out, so that it is neither shown nor sent.
    pub(super) fn forget(&mut self, id: &MutationId) -> Option<PendingMutation> {
        let entry = self.pending.remove(id)?;
        self.outbox.forget(id);
        self.mark_dirty(entry.ack.affected);
        Some(entry)
    }

    /// Too much at once: rejected visibly, and nothing of it is sent.
    fn reject_locally(&mut self, mutations: Vec<NewMutation>) {
        let problem = Problem::new(ProblemCode::PayloadTooLarge, 413, "too much at once");
        let mut failed = mutations.into_iter().map(|new| FailedMutation {
            id: new.id,
            mutation: new.mutation,
        });
        let Some(first) = failed.next() else {
            return;
        };
        let failure = Failure {
            view: Rc::new(FailureView {
                mutation: first,
                siblings: failed.collect(),
                subject: None,
                error: error_of(&problem),
                at_ms: self.now.wall_ms,
            }),
            atomic: false,
        };
        self.failures.push(&self.server.schema, failure);
        self.shown.views.mutations_dirty = true;
    }
}
