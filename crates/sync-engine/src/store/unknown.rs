//! Mutations whose outcome is unknown: asked about before anything else is done, and sent again where the server's word
//! counts no more.

use super::Store;
use super::outbox::{MutationBatch, Outgoing};
use super::pending::{PendingMutation, Stage};
use crate::schema::{MutationId, MutationRole, ResourceSet};

impl Store {
    /// Has a snapshot say what the outcome of a batch was before anything else is done about it.
    pub(super) fn ask_about(&mut self, index: usize) {
        let batch = &mut self.outbox.batches[index];
        batch.recheck = Some(self.reads.next_read());
        let mutations = batch.mutations.iter();
        let primary: ResourceSet = mutations.map(|mutation| mutation.entity.resource).collect();
        self.want(primary);
    }

    /// A snapshot that asked for these mutations did not know them. One that waited for just that was rejected, if the
    /// server said so, or is paused; others are sent again in their time.
    pub(super) fn resolve_unknown(&mut self, ids: &[MutationId], read: u64) {
        let mut rejected = Vec::new();
        for id in ids {
            let Some(index) = self.outbox.by_mutation(id) else {
                continue;
            };
            let batch = &self.outbox.batches[index];
            let asked = batch.recheck.is_some_and(|recheck| recheck <= read);
            let entry = self.pending.get_mut(id).filter(|entry| entry.is_open());
            let Some(entry) = entry.filter(|_| asked) else {
                continue;
            };
            if let Some(problem) = batch.rejection.as_deref() {
                rejected.push((id.clone(), problem.clone()));
            } else {
                entry.stage = Stage::Paused { same_id: false };
                self.shown.views.mutations_dirty = true;
            }
        }
        // Those that did not fit into that request ask again.
        for batch in &mut self.outbox.batches {
            batch.recheck = batch.recheck.filter(|recheck| *recheck > read);
        }
        self.rejected(rejected);
    }

    /// Mutations whose outcome counts no more, because another epoch began, are sent again: atomic batches together, the
    /// rest one by one.
    pub(super) fn resume_unknown(&mut self) {
        self.drop_overtaken();
        let mut batches: Vec<MutationBatch> = Vec::new();
        let mut last = None;
        for entry in self.pending.iter() {
            if entry.stage != Stage::Unknown || self.outbox.by_mutation(&entry.id).is_some() {
                continue;
            }
            let atomic = entry.batch.atomic;
            let outgoing = Outgoing::of(entry);
            match batches.last_mut() {
                Some(batch) if atomic && last == Some(entry.batch) => {
                    batch.mutations.push(outgoing)
                }
                _ => batches.push(MutationBatch {
                    may_have_run: true,
                    ..MutationBatch::new(vec![outgoing], atomic, self.now.mono_ms)
                }),
            }
            last = Some(entry.batch);
        }
        for batch in batches {
            self.outbox.insert(batch, &self.pending);
        }
    }

    /// A mutation that the former epoch had accepted, and that says how something is to be, is not sent behind a later one
    /// about the same entity.
    fn drop_overtaken(&mut self) {
        let is_ahead = |later: &PendingMutation| {
            let waits = later.is_open() && self.outbox.by_mutation(&later.id).is_some();
            later.delivery.attempts > 0 && (waits || later.stage == Stage::Accepted)
        };
        let overtaken = self.pending.iter().filter(|entry| {
            let lost = entry.stage == Stage::Unknown && !entry.batch.atomic;
            lost && entry.role == MutationRole::Set
                && self.outbox.by_mutation(&entry.id).is_none()
                && self.pending.later(entry).any(is_ahead)
        });
        let overtaken: Vec<_> = overtaken.map(|entry| entry.id.clone()).collect();
        for id in overtaken {
            self.forget(&id);
        }
    }
}
