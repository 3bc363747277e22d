//! The order of commits, and the newest one that was applied to each resource.

use std::rc::Rc;

use crate::schema::{ResourceId, Schema};

/// Position of a commit in the order of all commits: how many changes of epoch were seen before it, and its version.
pub(super) type CommitKey = (u64, u64);

/// Assigns positions to commits.
#[derive(Debug)]
pub(super) struct CommitOrder {
    epoch: Rc<str>,
    /// How many other epochs were seen before.
    epochs_before: u64,
    /// The newest commit that was applied, by resource.
    applied: Vec<Option<CommitKey>>,
}

impl CommitOrder {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            epoch: Rc::from(""),
            epochs_before: 0,
            applied: vec![None; schema.resource_count()],
        }
    }

    /// The position of a commit. An epoch other than the last one comes after all that was seen before.
    pub(super) fn key(&mut self, epoch: &Rc<str>, version: u64) -> CommitKey {
        if self.epoch != *epoch {
            self.epoch = Rc::clone(epoch);
            self.epochs_before += 1;
        }
        (self.epochs_before, version)
    }

    /// Whether a commit, or a later one, was applied to a resource.
    pub(super) fn is_applied(&self, resource: ResourceId, key: CommitKey) -> bool {
        self.applied[resource.index()] >= Some(key)
    }

    /// A commit is applied to a resource.
    pub(super) fn note_applied(&mut self, resource: ResourceId, key: CommitKey) {
        let applied = &mut self.applied[resource.index()];
        *applied = (*applied).max(Some(key));
    }
}
