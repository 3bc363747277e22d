//! The user's mutations that the server's state, as far as it is known here, does not hold yet.
//!
//! A mutation is shown on top of a resource until that resource's data have reached the version of the mutation's commit, and
//! stays in the log until that holds for every loaded resource that the commit touched. Neither a good reply alone nor
//! the passing of time takes a mutation out.

use std::rc::Rc;

use dashboard_protocol::Event;

use super::base::Base;
use super::entry::{Entity, Entry, Stage, guess_affected, primary_resource};
use super::rebase::Note;
use super::resources::ResourceSet;
use crate::flat::{FlatMap, FlatSet, sorted};

/// The ordered mutations.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    entries: FlatMap<u64, Box<Entry>>,
    positions: FlatMap<Rc<str>, u64>,
    /// Sorted.
    entities: Vec<(Entity, u64)>,
    next: u64,
}

impl Log {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        let position = self.next;
        self.next += 1;
        self.positions.insert(Rc::clone(&entry.id), position);
        let key = (entry.entity.clone(), position);
        let at = self.entities.partition_point(|other| *other < key);
        self.entities.insert(at, key);
        self.entries.insert(position, Box::new(entry));
    }

    /// Takes many at once: each table is sorted once, rather than moved for each of them.
    pub(super) fn extend(&mut self, entries: Vec<Entry>) {
        let first = self.next;
        self.next += entries.len() as u64;
        let positions = entries.iter().zip(first..);
        let ids = positions
            .clone()
            .map(|(entry, position)| (Rc::clone(&entry.id), position));
        let known = std::mem::take(&mut self.positions);
        self.positions = known.into_iter().chain(ids).collect();
        let mut entities = std::mem::take(&mut self.entities);
        entities.extend(positions.map(|(entry, position)| (entry.entity.clone(), position)));
        self.entities = sorted(entities, Ord::cmp);
        for (entry, position) in entries.into_iter().zip(first..) {
            self.entries.insert(position, Box::new(entry));
        }
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values().map(|entry| &**entry)
    }

    /// Oldest first, each with its place, which grows and never changes.
    pub(super) fn with_positions(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.iter().map(|(position, entry)| (*position, &**entry))
    }

    /// Takes what a fold learned.
    pub(super) fn take_notes(&mut self, notes: &[Note]) {
        for note in notes {
            if let Some(entry) = self.entries.get_mut(&note.position) {
                entry.conflicted = note.conflicted;
                entry.counted = note.counted;
                entry.moved |= note.counted != 0;
            }
        }
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.values_mut().map(|entry| &mut **entry)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.get(self.positions.get(id)?).map(|entry| &**entry)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries
            .get_mut(self.positions.get(id)?)
            .map(|entry| &mut **entry)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Entry> {
        let position = self.positions.remove(id)?;
        let entry = self.entries.remove(&position)?;
        let key = (entry.entity.clone(), position);
        if let Ok(at) = self.entities.binary_search(&key) {
            self.entities.remove(at);
        }
        Some(*entry)
    }

    /// The beats whose favorites have mutations, in order; one with several comes several times.
    pub(super) fn favorites(&self) -> impl Iterator<Item = &Rc<str>> {
        // They come first in the order of entities.
        self.entities.iter().map_while(|(entity, _)| match entity {
            Entity::Favorite(beat_id) => Some(beat_id),
            Entity::Order(_) | Entity::Download(_) => None,
        })
    }

    /// The place of a mutation, which grows and never changes.
    pub(super) fn position(&self, id: &str) -> Option<u64> {
        self.positions.get(id).copied()
    }

    /// The mutations of the act that a mutation belongs to, if it holds as a whole or not at all; else that mutation alone.
    pub(super) fn batch_siblings(&self, id: &str) -> Vec<Rc<str>> {
        let Some(entry) = self.get(id) else {
            return Vec::new();
        };
        if !entry.atomic {
            return vec![Rc::clone(&entry.id)];
        }
        let all = self.iter().filter(|other| other.batch_id == entry.batch_id);
        all.map(|other| Rc::clone(&other.id)).collect()
    }

    /// The mutations that others undo.
    pub(super) fn undone(&self) -> FlatSet<Rc<str>> {
        self.iter()
            .filter_map(|entry| entry.undoes.clone())
            .collect()
    }

    /// Mutations for one thing, oldest first.
    pub(super) fn of_entity<'a>(
        &'a self,
        entity: &'a Entity,
    ) -> impl DoubleEndedIterator<Item = &'a Entry> {
        let first = self.entities.partition_point(|(other, _)| other < entity);
        let same = self.entities[first..]
            .chunk_by(|(a, _), (b, _)| a == b)
            .next();
        let same = same.unwrap_or_default().iter();
        same.filter(move |(other, _)| other == entity)
            .filter_map(|(_, position)| self.entries.get(position).map(|entry| &**entry))
    }

    /// Resources that these mutations are shown on now.
    pub(super) fn guessed(&self, ids: &[String]) -> ResourceSet {
        let entries = ids.iter().filter_map(|id| self.get(id));
        entries.fold(ResourceSet::EMPTY, |set, entry| set.and(entry.affected))
    }

    /// An event names the mutations that its commit ran. Tells whether that is news.
    pub(super) fn name_commit(&mut self, event: &Event) -> bool {
        let mut updates = false;
        for id in &event.mutations {
            if let Some(entry) = self.get_mut(id).filter(|entry| !entry.is_id_taken()) {
                updates |= entry.commit.is_none();
                let mut affected: ResourceSet = event.resources.iter().copied().collect();
                affected.insert(event.resource);
                entry.accept(&event.epoch, event.version, affected);
            }
        }
        updates
    }

    /// Notes which resources' data have reached which mutations' versions; tells which resources look different now.
    pub(super) fn acknowledge(&mut self, base: &Base) -> ResourceSet {
        let mut changed = ResourceSet::EMPTY;
        for entry in self.entries.values_mut() {
            let Some((epoch, version)) = &entry.commit else {
                continue;
            };
            if base.epoch.as_ref() != Some(epoch) {
                continue;
            }
            let version = *version;
            // What it speaks of comes first: others may ride on it.
            let missing = entry.affected.without(entry.reflected);
            let primary_resource = ResourceSet::of(&[primary_resource(&entry.mutation.body)]);
            let rest = missing.without(primary_resource);
            for resource in missing.common(primary_resource).iter().chain(rest.iter()) {
                if entry.is_included_in(resource, version, base) {
                    entry.reflected.insert(resource);
                    changed.insert(resource);
                }
            }
        }
        changed.and(self.acknowledge_earlier())
    }

    /// The parts of a batch that are about one thing run in their order. So data that hold one of them hold those before
    /// it, of which no answer has come, or these were rejected: they are shown on them no longer.
    fn acknowledge_earlier(&mut self) -> ResourceSet {
        let mut changed = ResourceSet::EMPTY;
        let chunks = self.entities.chunk_by(|(a, _), (b, _)| a == b);
        for same in chunks.filter(|same| same.len() > 1) {
            let mut later = None;
            for (_, position) in same.iter().rev() {
                let Some(entry) = self.entries.get_mut(position) else {
                    continue;
                };
                if let Some((batch_id, held)) = later
                    && batch_id == entry.batch_id
                    && entry.commit.is_none()
                    && entry.is_open()
                {
                    let updates = entry.affected.common(held).without(entry.reflected);
                    entry.reflected = entry.reflected.and(updates);
                    changed = changed.and(updates);
                }
                later = Some((entry.batch_id, entry.reflected));
            }
        }
        changed
    }

    /// Takes out the mutations whose effect is in the data of every resource in `needed` that they touch.
    pub(super) fn drop_reflected(&mut self, needed: ResourceSet) -> Vec<Entry> {
        let done = |entry: &&Entry| {
            entry.stage == Stage::Accepted
                && entry.affected.common(needed).is_within(entry.reflected)
        };
        let done: Vec<Rc<str>> = self
            .iter()
            .filter(done)
            .map(|entry| Rc::clone(&entry.id))
            .collect();
        done.iter().filter_map(|id| self.remove(id)).collect()
    }

    /// An epoch holds: outcomes and versions of any other mean nothing in it.
    pub(super) fn begin_epoch(&mut self, epoch: &str) {
        for entry in self.entries.values_mut() {
            entry.reflected = ResourceSet::EMPTY;
            let other = entry.commit.as_ref().is_some_and(|(of, _)| **of != *epoch);
            if other {
                entry.commit = None;
                entry.stage = Stage::Unknown;
                entry.affected = guess_affected(&entry.mutation.body);
                entry.noop_resources = ResourceSet::EMPTY;
            }
        }
    }
}
