//! The user's mutations that the server's state, as far as it is known here, does not include yet.
//!
//! A mutation is shown on top of a resource until that resource's data have reached the version of the mutation's
//! commit, and stays pending until that holds for every loaded resource that the commit affected. Neither a good reply
//! alone nor the passing of time takes a mutation out.

use super::pending::{PendingMutation, Stage};
use crate::event::Event;
use crate::map::{Map, MapExt as _, Set};
use crate::schema::{EntityKey, FeedId, FeedUpdate, MutationId, ResourceSet, Schema};
use crate::state::{Effect, ServerState};

/// The pending mutations in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingMutations {
    /// By index, which grows and never changes.
    pub(super) entries: Map<u64, Box<PendingMutation>>,
    indices: Map<MutationId, u64>,
    /// By entity, in order; one with several mutations comes several times.
    pub(super) entities: Set<(EntityKey, u64)>,
    next: u64,
}

impl PendingMutations {
    pub(super) fn push(&mut self, entry: PendingMutation) {
        let index = self.next;
        self.next += 1;
        self.indices.insert(entry.id.clone(), index);
        self.entities.insert((entry.entity.clone(), index));
        self.entries.insert(index, Box::new(entry));
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &PendingMutation> {
        self.entries.values().map(|entry| &**entry)
    }

    /// Takes over what rebasing learned. Returns the resources that depend on it.
    pub(super) fn take_notes(&mut self, notes: &[(u64, Effect)]) -> ResourceSet {
        let mut dependent = ResourceSet::EMPTY;
        for (index, effect) in notes {
            if let Some(entry) = self.entries.get_mut(index) {
                entry.optimistic.effect = *effect;
                entry.optimistic.moved |= effect.delta != 0;
                dependent.insert_all(entry.ack.affected);
                dependent.remove(entry.ack.primary);
            }
        }
        dependent
    }

    pub(super) fn get(&self, id: &MutationId) -> Option<&PendingMutation> {
        Some(self.entries.get(self.indices.get(id)?)?)
    }

    pub(super) fn get_mut(&mut self, id: &MutationId) -> Option<&mut PendingMutation> {
        Some(self.entries.get_mut(self.indices.get(id)?)?)
    }

    pub(super) fn remove(&mut self, id: &MutationId) -> Option<PendingMutation> {
        let index = self.indices.remove(id)?;
        let entry = self.entries.remove(&index)?;
        self.entities.remove(&(entry.entity.clone(), index));
        Some(*entry)
    }

    /// The index of a mutation.
    pub(super) fn index(&self, id: &MutationId) -> Option<u64> {
        self.indices.get(id).copied()
    }

    /// The mutations of the batch of a mutation, if that is atomic; else that mutation alone.
    pub(super) fn batch_siblings(&self, id: &MutationId) -> Vec<MutationId> {
        let Some(entry) = self.get(id) else {
            return Vec::new();
        };
        if !entry.batch.atomic {
            return vec![entry.id.clone()];
        }
        let all = self.iter().filter(|other| other.batch.id == entry.batch.id);
        all.map(|other| other.id.clone()).collect()
    }

    /// The mutations that others undo.
    pub(super) fn undone(&self) -> Set<MutationId> {
        self.iter()
            .filter_map(|entry| entry.undoes.clone())
            .collect()
    }

    /// Mutations about one entity, oldest first.
    pub(super) fn of_entity(
        &self,
        entity: &EntityKey,
    ) -> impl DoubleEndedIterator<Item = &PendingMutation> {
        let range = (entity.clone(), 0)..=(entity.clone(), u64::MAX);
        let indices = self.entities.range(range);
        indices.filter_map(|(_, index)| self.entries.get(index).map(|entry| &**entry))
    }

    /// Mutations about the same entity that were made after this one, oldest first.
    pub(super) fn later(&self, entry: &PendingMutation) -> impl Iterator<Item = &PendingMutation> {
        let mut is_later = false;
        let same = self.of_entity(&entry.entity);
        same.filter(move |other| {
            let later = is_later;
            is_later |= other.id == entry.id;
            later
        })
    }

    /// Later mutations about the same entity that were not sent.
    pub(super) fn unsent_after(&self, entry: &PendingMutation) -> Vec<MutationId> {
        let unsent =
            |other: &&PendingMutation| other.stage == Stage::Queued && other.delivery.attempts == 0;
        self.later(entry)
            .filter(unsent)
            .map(|other| other.id.clone())
            .collect()
    }

    /// Mutations that make no sense without this one: they are about the thing that it would have created.
    pub(super) fn dependents_of(&self, id: &MutationId) -> Vec<MutationId> {
        let creator = self.get(id).filter(|entry| entry.creates());
        let unsent = creator.map_or_else(Vec::new, |entry| self.unsent_after(entry));
        let siblings = unsent.iter().flat_map(|id| self.batch_siblings(id));
        siblings.filter(|other| other != id).collect()
    }

    /// The unsent mutation that would undo this one.
    pub(super) fn undoing(&self, id: &MutationId) -> Option<MutationId> {
        let unsent = self.unsent_after(self.get(id)?);
        let mut undoing = unsent.into_iter();
        undoing.find(|other| {
            let other = self.get(other);
            other.and_then(|other| other.undoes.as_ref()) == Some(id)
        })
    }

    /// An event names the mutations that its commit ran. Returns the resources that they were shown on, if that is new.
    pub(super) fn name_commit(&mut self, event: &Event) -> Option<ResourceSet> {
        let mut new = false;
        let mut before = ResourceSet::EMPTY;
        for id in &event.mutations {
            let Some(entry) = self.get_mut(id) else {
                continue;
            };
            before.insert_all(entry.ack.affected);
            if !entry.is_id_taken() {
                new |= entry.ack.commit.is_none();
                let affected = event.resources | ResourceSet::one(event.resource);
                entry.accept(&event.epoch, event.version, affected);
            }
        }
        new.then_some(before)
    }

    /// Notes which resources' data include which mutations by now; returns the resources that look different.
    pub(super) fn acknowledge(&mut self, server: &ServerState) -> ResourceSet {
        let mut changed = ResourceSet::EMPTY;
        for entry in self.entries.values_mut() {
            changed.insert_all(entry.ack.advance(server));
        }
        changed | self.acknowledge_earlier_parts()
    }

    /// The parts of a batch that are about one entity run in their order. So data that include one of them include those
    /// before it that were not answered, or these were rejected: they are no longer shown on such data.
    fn acknowledge_earlier_parts(&mut self) -> ResourceSet {
        let mut changed = ResourceSet::EMPTY;
        let mut later: Option<(&EntityKey, u64, ResourceSet)> = None;
        for (entity, index) in self.entities.iter().rev() {
            let Some(entry) = self.entries.get_mut(index) else {
                continue;
            };
            if let Some((of, batch, included)) = later
                && of == entity
                && batch == entry.batch.id
                && entry.ack.commit.is_none()
                && entry.is_open()
            {
                let new = (entry.ack.affected & included) - entry.ack.included;
                entry.ack.included.insert_all(new);
                changed.insert_all(new);
            }
            later = Some((entity, entry.batch.id, entry.ack.included));
        }
        changed
    }

    /// Takes out the mutations whose effect is in the data of every resource in `needed` that they affect.
    pub(super) fn drop_included(&mut self, needed: ResourceSet) -> Vec<PendingMutation> {
        let done = |entry: &&PendingMutation| {
            entry.stage == Stage::Accepted
                && (entry.ack.affected & needed).is_subset(entry.ack.included)
        };
        let done = self.iter().filter(done).map(|entry| entry.id.clone());
        let done: Vec<_> = done.collect();
        done.iter().filter_map(|id| self.remove(id)).collect()
    }

    /// An epoch begins: outcomes and versions of any other mean nothing in it.
    pub(super) fn begin_epoch(&mut self, epoch: &str) {
        for entry in self.entries.values_mut() {
            entry.ack.included = ResourceSet::EMPTY;
            let commit = entry.ack.commit.as_ref();
            if commit.is_some_and(|(of, _)| **of != *epoch) {
                entry.ack.reset();
                entry.stage = Stage::Unknown;
            }
        }
    }

    /// A feed brought updates: prepared rows show them too. Returns the resources of the rows that changed.
    pub(super) fn patch(
        &mut self,
        schema: &Schema,
        feed: FeedId,
        updates: &[FeedUpdate],
    ) -> ResourceSet {
        let mut changed = ResourceSet::EMPTY;
        let entries = self.entries.values_mut();
        for (resource, row) in entries.flat_map(|entry| &mut entry.optimistic.prepared) {
            let definition = schema.definition(*resource);
            if let Some(patched) = definition.patch_row(feed, &**row, updates) {
                *row = patched;
                changed.insert(*resource);
            }
        }
        changed
    }
}
