//! Second thoughts: taking a change back, trying again what failed, and putting a failure aside.

use std::rc::Rc;

use dashboard_protocol::{MutationBody, limits};

use super::Store;
use super::entry::{Entry, Stage};
use super::batches::MutationBatch;
use super::resources::ResourceSet;
use super::saved::Undo;
use crate::core::NewMutation;
use crate::flat::{FlatMap, FlatSet};
use crate::time::Now;

/// How far the id of an undoing mutation lies from the id of what it undoes: beyond the ids of any batch.
pub(super) const UNDO_STEP: u64 = 1 << 40;

impl Store {
    /// Takes a change back. Unsent, it is dropped with all that builds on it; parked or undecided, it is given up;
    /// sent, it stays, is told as [`MutationState::Cancelling`](crate::view::MutationState::Cancelling), and is undone
    /// by a mutation of its own, where there is one, once the server's word is known; a rejection ends both without a message.
    /// Saved, it is undone by such a mutation, unless something newer was asked for the same thing, or it is not among the
    /// last thousand.
    ///
    /// An atomic batch is taken back as a whole. A mutation that undoes another one is not taken back: who wants the thing
    /// after all asks for it.
    pub fn cancel(&mut self, now: Now, id: &str) {
        self.cancel_all(now, &[id.to_owned()]);
    }

    /// Takes several changes back in one commit, each as [`Self::cancel`] says. What one act had asked for is undone by
    /// one act, in the opposite order.
    pub fn cancel_all(&mut self, now: Now, asked: &[String]) {
        self.now = now;
        let ids = asked.iter().flat_map(|id| self.log.batch_siblings(id));
        let ids: FlatMap<u64, Rc<str>> = ids
            .filter_map(|id| Some((self.log.position(&id)?, id)))
            .collect();
        let unsent = self.batches.unsent();
        let mut undos = Vec::new();
        let mut batch_ids = FlatSet::new();
        // Backwards, as undoing goes.
        for id in ids.into_values().rev() {
            let Some(entry) = self.log.get(&id) else {
                continue;
            };
            if entry.atomic {
                batch_ids.insert(entry.batch_id);
            }
            if entry.waits_for_user() || unsent.contains(&id) && entry.undoes.is_none() {
                self.give_up(&id);
            } else if !self.changed_nothing(entry) {
                undos.extend(Undo::of(entry));
            }
        }
        undos.extend(self.take_saved(asked, batch_ids).into_iter().rev());
        self.undo(undos);
        self.pump();
        self.commit();
    }

    /// Takes a mutation out, with all that builds on it.
    fn give_up(&mut self, id: &str) -> Option<Entry> {
        for dependent in self.dependents_of(id) {
            self.forget(&dependent);
        }
        self.forget(id)
    }

    /// Asks for what undoes others, of each act in this order; the newest act first.
    fn undo(&mut self, undos: Vec<Undo>) {
        let mut batch_ids: FlatMap<u64, Vec<Undo>> = FlatMap::new();
        for undo in undos {
            batch_ids.or_default(undo.batch_id).push(undo);
        }
        for batch_id in batch_ids.into_values().rev() {
            let atomic = batch_id.len() > 1 && batch_id[0].atomic;
            let (pairs, new_mutations): (Vec<_>, _) = batch_id
                .into_iter()
                .map(|undo| ((undo.new.id.clone(), undo.id), undo.new))
                .unzip();
            self.record(new_mutations, atomic);
            for (id, undone) in pairs {
                if let Some(entry) = self.log.get_mut(&id) {
                    entry.undoes = Some(undone);
                }
            }
        }
    }

    /// Tries again: a change without an answer at once and under its own id, a parked one under its own id as long as
    /// its outcome is unknown, anything that was rejected (at the new price, if that was the reason) under `new_id`.
    pub fn retry(&mut self, now: Now, id: &str, new_id: &str) {
        self.now = now;
        match self.log.get(id).map(|entry| entry.stage) {
            Some(Stage::Paused { same_id: true }) => self.unpause(id),
            Some(Stage::Paused { same_id: false } | Stage::NeedsResolution) => {
                self.ask_anew(id, new_id);
            }
            Some(Stage::Queued | Stage::Unknown) => {
                if let Some(index) = self.batches.by_mutation(id) {
                    self.batches.list[index].not_before = now.mono_ms;
                }
            }
            Some(Stage::Sent | Stage::Accepted) => {}
            None => self.retry_failure(id, new_id),
        }
        self.pump();
        self.commit();
    }

    fn unpause(&mut self, id: &str) {
        let mut paused = Vec::new();
        let mut atomic = false;
        for id in self.log.batch_siblings(id) {
            if let Some(entry) = self.log.get_mut(&id)
                && matches!(entry.stage, Stage::Paused { .. })
            {
                entry.stage = Stage::Unknown;
                entry.reflected = ResourceSet::EMPTY;
                entry.cause = None;
                atomic = entry.atomic;
                paused.push(Rc::clone(&entry.mutation));
            }
        }
        let batch = MutationBatch {
            may_have_run: true,
            ..MutationBatch::new(paused, atomic, self.now.mono_ms)
        };
        self.batches.insert(batch, &self.log);
        self.views.log_dirty = true;
    }

    fn ask_anew(&mut self, id: &str, new_id: &str) {
        let mut new_mutations = Vec::new();
        let mut atomic = false;
        for (index, id) in self.log.batch_siblings(id).iter().enumerate() {
            let Some(entry) = self.give_up(id) else {
                continue;
            };
            atomic = entry.atomic;
            let mut body = entry.mutation.body.clone();
            if let (MutationBody::PlaceOrder { expected_total, .. }, Some(total)) =
                (&mut body, entry.proposed_total)
            {
                *expected_total = total;
            }
            new_mutations.push(NewMutation {
                id: derived_id(new_id, index as u64),
                body,
                beats: entry.beats,
            });
        }
        self.record(new_mutations, atomic);
    }

    fn retry_failure(&mut self, id: &str, new_id: &str) {
        let Some(failure) = self.failures.take(id) else {
            return;
        };
        self.views.log_dirty = true;
        let all = std::iter::once(&failure.view.mutation).chain(&failure.view.also);
        let new_mutations = all.enumerate().map(|(index, mutation)| NewMutation {
            id: derived_id(new_id, index as u64),
            body: mutation.body.clone(),
            beats: failure.beats.clone(),
        });
        let new_mutations: Vec<_> = new_mutations.collect();
        self.record(new_mutations, failure.atomic);
    }

    /// Takes failures off the list: the act with this mutation, or all.
    pub fn dismiss_failure(&mut self, now: Now, id: Option<&str>) {
        self.now = now;
        let changed = match id {
            Some(id) => self.failures.take(id).is_some(),
            None => self.failures.clear(),
        };
        self.views.log_dirty |= changed;
        self.commit();
    }
}

/// Another id that follows from a random one: its last twelve hexadecimal digits moved on. So a mutation that undoes has
/// the same id however often it is made.
pub(super) fn derived_id(id: &str, step: u64) -> String {
    if step == 0 {
        return id.to_owned();
    }
    let digits = id
        .len()
        .checked_sub(12)
        .and_then(|at| Some((at, id.get(at..)?)));
    match digits.and_then(|(at, tail)| Some((at, u64::from_str_radix(tail, 16).ok()?))) {
        Some((at, number)) => format!(
            "{}{:012x}",
            &id[..at],
            number.wrapping_add(step) & 0xffff_ffff_ffff
        ),
        None => format!(
            "{}-{step}",
            id.get(..limits::ID_BYTES_MAX - 8).unwrap_or(id)
        ),
    }
}
