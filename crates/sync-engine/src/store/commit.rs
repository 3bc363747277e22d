//! The one place where a change becomes visible.
//!
//! Every call into the store ends in at most one commit: mutations whose effect has arrived are no longer pending, the
//! affected resources are rebased, and each key whose value is another one is emitted once. So no listener ever sees half
//! of a change, and equal data keep their pointer.

use std::rc::Rc;

use super::Store;
use super::StoreOutput;
use super::pending::PendingMutation;
use super::reads::SnapshotRead;
use super::rebase::rebase;
use super::undo_history::Undo;
use super::views::QueryStatus;
use crate::map::Set;
use crate::schema::{Collection, EntityKey, ResourceId, ResourceSet, Value};
use crate::state::Reader;
use crate::view::{
    DataStatus, EntityView, FetchStatus, Key, ListView, MutationsView, PendingView, QueryView,
    ValueView,
};

/// Failed reads after which a resource without data counts as failed; it is still retried.
const FAILURES_SHOWN: u32 = 3;

impl Store {
    /// A collection as it is on screen.
    ///
    /// # Panics
    /// The collection is not in the schema.
    #[must_use]
    pub fn collection<C: Collection>(&self) -> QueryView<ListView<C::Row>> {
        self.query(self.schema().resource_id::<C>())
    }

    /// A value as it is on screen.
    ///
    /// # Panics
    /// The value is not in the schema.
    #[must_use]
    pub fn value<V: Value>(&self) -> QueryView<ValueView<V::Data>> {
        self.query(self.schema().resource_id::<V>())
    }

    fn query<T: 'static>(&self, resource: ResourceId) -> QueryView<T> {
        let slot = &self.shown.views.slots[resource.index()];
        let data = slot.view.clone();
        QueryView {
            data: data.and_then(|view| view.downcast().ok()),
            status: slot.status.status,
            fetch: slot.status.fetch,
            error: slot.status.error.clone(),
            updated_at_ms: self.server.version(resource).verified_at_ms,
        }
    }

    /// The pending mutations, and those that failed.
    #[must_use]
    pub fn mutations(&self) -> Rc<MutationsView> {
        Rc::clone(&self.shown.views.mutations)
    }

    /// Whether one row is in a collection that tracks ids. From the first read on, [`Key::Entity`] is emitted when that
    /// changes.
    #[must_use]
    pub fn entity(&self, entity: &EntityKey) -> EntityView {
        self.shown
            .entities
            .read(entity, || self.compute_entity(entity))
    }

    /// How often a resource was rebased: only affected resources are.
    #[must_use]
    pub fn rebases(&self, resource: ResourceId) -> u64 {
        self.shown.views.slots[resource.index()].rebases
    }

    /// What mutations may read of this state.
    pub(super) const fn reader(&self) -> Reader<'_> {
        Reader::new(&self.server)
    }

    /// Makes visible what has changed since the last commit, once and as a whole.
    pub(super) fn commit(&mut self) {
        self.retire();
        self.show();
    }

    /// Drops mutations whose effect has arrived, and requests that have nothing left to learn.
    pub(super) fn retire(&mut self) {
        let acknowledged = self.pending.acknowledge(&self.server);
        self.shown.views.dirty.insert_all(acknowledged);
        let needed = self.server.loaded() | self.reads.busy();
        for entry in self.pending.drop_included(needed) {
            let undo = Undo::of(&entry).filter(|_| !self.changed_nothing(&entry));
            self.history.note(&entry.entity, undo);
            self.shown.views.mutations_dirty = true;
        }
        self.outbox.release_resolved(&self.pending);
        self.read_what_nobody_brings();
    }

    /// Emits each key whose value is another one.
    fn show(&mut self) {
        let rebased = self.shown.views.dirty;
        let tracking = self.tracking();
        self.rebase_dirty();
        if self.shown.views.mutations_dirty || !(rebased & tracking).is_empty() {
            self.show_entities(tracking);
        }
        if self.shown.views.mutations_dirty {
            self.show_mutations();
        }
        let applied = self.io.applied.drain(..).map(StoreOutput::Applied);
        self.io.queue.extend(applied);
    }

    /// The collections that track ids.
    fn tracking(&self) -> ResourceSet {
        let tracks = |one: &ResourceId| self.server.ids(*one).is_some();
        self.schema().resources().filter(tracks).collect()
    }

    fn rebase_dirty(&mut self) {
        // Primary resources say what their mutations add to the counters of others, so those are rebased after them.
        for resource in self.schema().resources() {
            let is_dirty = self.shown.views.dirty.contains(resource);
            let changed = is_dirty && self.rebase_one(resource);
            let status = self.status_of(resource);
            let former = &mut self.shown.views.slots[resource.index()].status;
            if changed || *former != status {
                *former = status;
                self.io.changed(Key::Resource(resource));
            }
        }
        if !self.shown.views.dirty.is_empty() {
            self.rebase_dirty();
        }
    }

    fn rebase_one(&mut self, resource: ResourceId) -> bool {
        let views = &mut self.shown.views;
        views.dirty.remove(resource);
        let slot = &mut views.slots[resource.index()];
        slot.rebases += 1;
        if !self.server.version(resource).loaded {
            return false;
        }
        let former = slot.rebased.as_ref();
        let loading_older = self.reads.pages.contains_key(&resource);
        let (server, pending) = (&self.server, &self.pending);
        let (rebased, notes) = rebase(server, pending, resource, former, loading_older);
        let changed = views.set(&self.server.schema, resource, rebased);
        if !notes.is_empty() {
            let dependent = self.pending.take_notes(&notes);
            views.dirty.insert_all(dependent);
            views.mutations_dirty = true;
        }
        changed
    }

    /// What is shown beside a resource's data.
    fn status_of(&self, resource: ResourceId) -> QueryStatus {
        let loaded = self.server.version(resource).loaded;
        let error = self.reads.error(resource);
        let status = if loaded {
            DataStatus::Success
        } else if error.failures >= FAILURES_SHOWN {
            DataStatus::Error
        } else {
            DataStatus::Pending
        };
        let is_shown =
            |read: &SnapshotRead| read.resources.contains(resource) && !(read.poll && loaded);
        let wanted = self.reads.wanted.contains(resource);
        let is_silent = self.reads.polled.contains(resource) && loaded;
        let fetch = if self.reads.flights.iter().any(is_shown) {
            FetchStatus::Fetching
        } else if (wanted || error.retry_at.is_some()) && self.identity.paused {
            FetchStatus::Paused
        } else if wanted && !is_silent {
            FetchStatus::Fetching
        } else {
            FetchStatus::Idle
        };
        QueryStatus {
            status,
            fetch,
            error: error.error.clone(),
        }
    }

    /// Nothing is known any more. Listeners are notified; entities that were read are still listened to.
    pub(super) fn forget_views(&mut self) {
        let (had_view, had_mutations) = self.shown.views.forget();
        for resource in had_view.iter() {
            self.io.changed(Key::Resource(resource));
        }
        if had_mutations {
            self.io.changed(Key::Mutations);
        }
        self.shown.entities.all = true;
    }

    fn show_mutations(&mut self) {
        self.shown.views.mutations_dirty = false;
        let undone = self.pending.undone();
        let pending = self.pending.iter();
        let view = MutationsView {
            pending: pending
                .map(|entry| entry.view(undone.contains(&entry.id)))
                .collect(),
            failures: self
                .failures
                .list
                .iter()
                .map(|failure| Rc::clone(&failure.view))
                .collect(),
        };
        if *self.shown.views.mutations != view {
            self.shown.views.mutations = Rc::new(view);
            self.io.changed(Key::Mutations);
        }
    }

    fn show_entities(&mut self, tracking: ResourceSet) {
        let pending = self.pending.entities.iter().map(|(entity, _)| entity);
        let marked = pending.chain(self.failures.entities.keys());
        let marked: Set<EntityKey> = marked
            .filter(|entity| tracking.contains(entity.resource))
            .cloned()
            .collect();
        let mut entities = std::mem::take(&mut self.shown.entities);
        let changed = entities.refresh(marked, |entity| self.compute_entity(entity));
        self.shown.entities = entities;
        for EntityKey { resource, id } in changed {
            self.io.changed(Key::Entity(resource, id));
        }
    }

    fn compute_entity(&self, entity: &EntityKey) -> EntityView {
        let EntityKey { resource, id } = entity;
        let last = self.pending.of_entity(entity);
        let last = last.rev().find(|entry| entry.shows_on(*resource));
        let predicted = last.and_then(|entry| entry.mutation.body.presence());
        EntityView {
            present: predicted.unwrap_or_else(|| self.server.has_row(*resource, id)),
            known: self.server.version(*resource).loaded,
            pending: last.map(|entry| self.shown_pending(entry)),
            failure: self.failures.entities.get(entity).cloned(),
        }
    }

    /// What is shown of the last mutation about an entity. While a mutation is being cancelled, that is shown, rather
    /// than the mutation that undoes it: so cancelling twice is cancelling once.
    fn shown_pending(&self, entry: &PendingMutation) -> PendingView {
        let undone = entry.undoes.as_ref().and_then(|id| self.pending.get(id));
        undone.map_or_else(|| entry.view(false), |undone| undone.view(true))
    }
}
