//! Second thoughts: cancelling a mutation, retrying a failed one, and dismissing a failure.

use super::Store;
use super::outbox::{MutationBatch, Outgoing};
use super::pending::{PendingMutation, Stage};
use super::undo_history::{Undo, derived_id};
use crate::map::{self, Map, MapExt as _, Set};
use crate::schema::{MutationId, NewMutation, ResourceSet};
use crate::time::Now;

impl Store {
    /// Cancels a mutation. Unsent, it is dropped with everything that builds on it; paused or undecided, it is
    /// discarded; sent, it stays, shows as [`MutationState::Cancelling`](crate::view::MutationState::Cancelling), and is
    /// undone by its inverse, where there is one, once its outcome is known; a rejection ends both without a message.
    /// Saved, it is undone by its inverse, unless something newer was asked for the same entity, or it is not among the
    /// last thousand.
    ///
    /// An atomic batch is cancelled as a whole. A mutation that undoes another one is not cancelled: a user who wants the
    /// thing after all asks for it.
    pub fn cancel(&mut self, now: Now, id: &MutationId) {
        self.cancel_all(now, std::slice::from_ref(id));
    }

    /// Cancels several mutations in one commit, each as [`Self::cancel`] says. One action is undone by one action, in the
    /// opposite order.
    pub fn cancel_all(&mut self, now: Now, asked: &[MutationId]) {
        self.now = now;
        let ids = asked.iter().flat_map(|id| self.pending.batch_siblings(id));
        let ids = map::collect(ids.filter_map(|id| Some((self.pending.index(&id)?, id))));
        let unsent = self.outbox.unsent();
        let mut undos = Vec::new();
        let mut batches = Set::new();
        // Backwards, as undoing goes.
        for id in ids.into_values().rev() {
            let Some(entry) = self.pending.get(&id) else {
                continue;
            };
            if entry.batch.atomic {
                batches.insert(entry.batch.id);
            }
            if entry.waits_for_user() || unsent.contains(&id) && entry.undoes.is_none() {
                self.discard(&id);
            } else if !self.changed_nothing(entry) {
                undos.extend(Undo::of(entry));
            }
        }
        let saved = self
            .history
            .take(&asked.iter().collect(), batches)
            .into_iter();
        undos.extend(saved.filter(|undo| self.can_still_undo(undo)).rev());
        self.undo(undos);
        self.pump();
        self.commit();
    }

    /// Whether there still is something to undo of a saved mutation: nothing newer is asked for, and the server's state is
    /// not already so.
    fn can_still_undo(&self, undo: &Undo) -> bool {
        let is_last = self.pending.of_entity(&undo.entity).next().is_none();
        is_last && undo.new.mutation.body.is_satisfied(&self.reader()) != Some(true)
    }

    /// Takes a mutation out, with everything that builds on it.
    fn discard(&mut self, id: &MutationId) -> Option<PendingMutation> {
        for dependent in self.pending.dependents_of(id) {
            self.forget(&dependent);
        }
        self.forget(id)
    }

    /// Asks for what undoes others, of each action in this order; the newest action first.
    fn undo(&mut self, undos: Vec<Undo>) {
        let mut batches: Map<u64, Vec<Undo>> = Map::new();
        for undo in undos {
            batches.entry(undo.batch.id).or_default().push(undo);
        }
        for batch in batches.into_values().rev() {
            let atomic = batch.len() > 1 && batch[0].batch.atomic;
            let (pairs, mutations): (Vec<_>, _) = batch
                .into_iter()
                .map(|undo| ((undo.new.id.clone(), undo.id), undo.new))
                .unzip();
            let _ids = self.record(mutations, atomic);
            for (id, undone) in pairs {
                if let Some(entry) = self.pending.get_mut(&id) {
                    entry.undoes = Some(undone);
                }
            }
        }
    }

    /// Retries: a mutation without an answer at once and under its own id, a paused one under its own id as long as its
    /// outcome is unknown, a rejected one (as the server proposed, if it did) under `new_id`.
    pub fn retry(&mut self, now: Now, id: &MutationId, new_id: &MutationId) {
        self.now = now;
        match self.pending.get(id).map(|entry| entry.stage) {
            Some(Stage::Paused { same_id: true }) => self.resume_paused(id),
            Some(Stage::Paused { same_id: false } | Stage::NeedsResolution) => {
                self.ask_again(id, new_id);
            }
            Some(Stage::Queued | Stage::Unknown) => {
                if let Some(index) = self.outbox.by_mutation(id) {
                    self.outbox.batches[index].not_before = now.mono_ms;
                }
            }
            Some(Stage::Sent | Stage::Accepted) => {}
            None => self.retry_failure(id, new_id),
        }
        self.pump();
        self.commit();
    }

    fn resume_paused(&mut self, id: &MutationId) {
        let mut paused = Vec::new();
        let mut atomic = false;
        for id in self.pending.batch_siblings(id) {
            if let Some(entry) = self.pending.get_mut(&id)
                && matches!(entry.stage, Stage::Paused { .. })
            {
                entry.stage = Stage::Unknown;
                entry.ack.included = ResourceSet::EMPTY;
                entry.delivery.cause = None;
                atomic = entry.batch.atomic;
                paused.push(Outgoing::of(entry));
            }
        }
        let batch = MutationBatch {
            may_have_run: true,
            ..MutationBatch::new(paused, atomic, self.now.mono_ms)
        };
        self.outbox.insert(batch, &self.pending);
        self.shown.views.mutations_dirty = true;
    }

    fn ask_again(&mut self, id: &MutationId, new_id: &MutationId) {
        let mut mutations = Vec::new();
        let mut atomic = false;
        for (step, id) in self.pending.batch_siblings(id).iter().enumerate() {
            let Some(entry) = self.discard(id) else {
                continue;
            };
            atomic = entry.batch.atomic;
            mutations.push(NewMutation {
                id: derived_id(new_id, step as u64),
                mutation: entry.proposal.unwrap_or(entry.mutation),
            });
        }
        let _ids = self.record(mutations, atomic);
    }

    fn retry_failure(&mut self, id: &MutationId, new_id: &MutationId) {
        let Some(failure) = self.failures.take(id) else {
            return;
        };
        self.shown.views.mutations_dirty = true;
        let mutations = failure
            .view
            .mutations()
            .enumerate()
            .map(|(step, failed)| NewMutation {
                id: derived_id(new_id, step as u64),
                mutation: failed.mutation.clone(),
            });
        let mutations = mutations.collect();
        let _ids = self.record(mutations, failure.atomic);
    }

    /// Takes failures off the list: the action with this mutation, or all.
    pub fn dismiss_failure(&mut self, now: Now, id: Option<&MutationId>) {
        self.now = now;
        let changed = match id {
            Some(id) => self.failures.take(id).is_some(),
            None => self.failures.clear(),
        };
        self.shown.views.mutations_dirty |= changed;
        self.commit();
    }
}
