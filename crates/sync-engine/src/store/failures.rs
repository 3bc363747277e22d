//! Rejected mutations, kept so that they can be read and retried after the user went elsewhere and came back.

use std::rc::Rc;

use crate::map::Map;
use crate::schema::{EntityKey, MutationId, Schema};
use crate::view::FailureView;

/// Most failures that are kept.
const FAILURES_MAX: usize = 200;

/// A rejected action, with what a retry needs.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) view: Rc<FailureView>,
    /// Whether its mutations were one atomic batch.
    pub(super) atomic: bool,
}

/// Failures, newest first, and those that entities still show.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    list: Vec<Failure>,
    entities: Map<EntityKey, Rc<FailureView>>,
}

impl Failures {
    pub(super) fn push(&mut self, schema: &Schema, failure: Failure) {
        for failed in failure.view.mutations() {
            if failed.mutation.body.presence().is_some() {
                let entity = EntityKey {
                    resource: schema.mutation_of(&failed.mutation).primary,
                    id: Rc::from(failed.mutation.body.entity()),
                };
                self.entities.insert(entity, Rc::clone(&failure.view));
            }
        }
        self.list.insert(0, failure);
        if let Some(oldest) = self
            .list
            .get(FAILURES_MAX)
            .map(|failure| Rc::clone(&failure.view))
        {
            self.list.truncate(FAILURES_MAX);
            self.entities.retain(|_, shown| !Rc::ptr_eq(shown, &oldest));
        }
    }

    pub(super) fn views(&self) -> Vec<Rc<FailureView>> {
        self.list
            .iter()
            .map(|failure| Rc::clone(&failure.view))
            .collect()
    }

    /// The entities that show a failure.
    pub(super) fn entities(&self) -> impl Iterator<Item = &EntityKey> {
        self.entities.keys()
    }

    /// The failure that an entity shows.
    pub(super) fn of_entity(&self, entity: &EntityKey) -> Option<&Rc<FailureView>> {
        self.entities.get(entity)
    }

    /// The user acted on an entity again: it no longer shows its failure, which stays listed.
    pub(super) fn acted_on(&mut self, entity: &EntityKey) {
        self.entities.remove(entity);
    }

    /// Takes the action with this mutation off the list.
    pub(super) fn take(&mut self, id: &MutationId) -> Option<Failure> {
        let has_id = |failure: &Failure| failure.view.mutations().any(|failed| failed.id == *id);
        let index = self.list.iter().position(has_id)?;
        let failure = self.list.remove(index);
        self.entities
            .retain(|_, shown| !Rc::ptr_eq(shown, &failure.view));
        Some(failure)
    }

    /// Takes all off the list; returns whether there were any.
    pub(super) fn clear(&mut self) -> bool {
        let some = !self.list.is_empty();
        self.list.clear();
        self.entities.clear();
        some
    }
}
