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
    pub(super) list: Vec<Failure>,
    pub(super) entities: Map<EntityKey, Rc<FailureView>>,
}

impl Failures {
    pub(super) fn push(&mut self, schema: &Schema, failure: Failure) {
        for failed in failure.view.mutations() {
            if failed.mutation.body.presence().is_some() {
                let entity = schema.entity_of(&failed.mutation);
                self.entities.insert(entity, Rc::clone(&failure.view));
            }
        }
        self.list.insert(0, failure);
        if self.list.len() > FAILURES_MAX
            && let Some(oldest) = self.list.pop()
        {
            self.hide(&oldest);
        }
    }

    /// Takes the action with this mutation off the list.
    pub(super) fn take(&mut self, id: &MutationId) -> Option<Failure> {
        let has_id = |failure: &Failure| failure.view.mutations().any(|failed| failed.id == *id);
        let index = self.list.iter().position(has_id)?;
        let failure = self.list.remove(index);
        self.hide(&failure);
        Some(failure)
    }

    /// Entities no longer show a failure.
    fn hide(&mut self, failure: &Failure) {
        self.entities
            .retain(|_, shown| !Rc::ptr_eq(shown, &failure.view));
    }

    /// Takes all off the list; returns whether there were any.
    pub(super) fn clear(&mut self) -> bool {
        let some = !self.list.is_empty();
        self.list.clear();
        self.entities.clear();
        some
    }
}
