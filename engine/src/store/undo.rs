//! Second thoughts: taking a change back, trying again what failed, and putting a failure aside.

use std::rc::Rc;

use dashboard_protocol::{Wish, limits};

use super::Store;
use super::entry::{Entry, Stage};
use super::parcels::Parcel;
use super::resources::ResourceSet;
use super::saved::Undo;
use crate::core::NewMutation;
use crate::flat::{FlatMap, FlatSet};
use crate::time::Now;

/// How far the id of an undoing wish lies from the id of what it undoes: beyond the ids of any batch.
pub(super) const UNDO_STEP: u64 = 1 << 40;

impl Store {
    /// Takes a change back. Unsent, it is dropped with all that builds on it; parked or undecided, it is given up;
    /// sent, it stays, is told as [`MutationState::Cancelling`](crate::view::MutationState::Cancelling), and is undone
    /// by a wish of its own, where there is one, once the server's word is known; a refusal ends both without a message.
    /// Saved, it is undone by such a wish, unless something newer was asked for the same thing, or it is not among the
    /// last thousand.
    ///
    /// An atomic batch is taken back as a whole. A wish that undoes another one is not taken back: who wants the thing
    /// after all asks for it.
    pub fn cancel(&mut self, now: Now, id: &str) {
        self.cancel_all(now, &[id.to_owned()]);
    }

    /// Takes several changes back in one commit, each as [`Self::cancel`] says. What one act had asked for is undone by
    /// one act, in the opposite order.
    pub fn cancel_all(&mut self, now: Now, asked: &[String]) {
        self.now = now;
        let ids = asked.iter().flat_map(|id| self.log.fellows(id));
        let ids: FlatMap<u64, Rc<str>> = ids
            .filter_map(|id| Some((self.log.place(&id)?, id)))
            .collect();
        let unsent = self.parcels.unsent();
        let mut undos = Vec::new();
        let mut acts = FlatSet::new();
        // Backwards, as undoing goes.
        for id in ids.into_values().rev() {
            let Some(entry) = self.log.get(&id) else {
                continue;
            };
            if entry.atomic {
                acts.insert(entry.act);
            }
            if entry.waits_for_person() || unsent.contains(&id) && entry.undoes.is_none() {
                self.give_up(&id);
            } else if !self.changed_nothing(entry) {
                undos.extend(Undo::of(entry));
            }
        }
        undos.extend(self.take_saved(asked, acts).into_iter().rev());
        self.undo(undos);
        self.pump();
        self.commit();
    }

    /// Takes a wish out, with all that builds on it.
    fn give_up(&mut self, id: &str) -> Option<Entry> {
        for dependent in self.dependents_of(id) {
            self.forget(&dependent);
        }
        self.forget(id)
    }

    /// Asks for what undoes others, of each act in this order; the newest act first.
    fn undo(&mut self, undos: Vec<Undo>) {
        let mut acts: FlatMap<u64, Vec<Undo>> = FlatMap::new();
        for undo in undos {
            acts.or_default(undo.act).push(undo);
        }
        for act in acts.into_values().rev() {
            let atomic = act.len() > 1 && act[0].atomic;
            let (pairs, wishes): (Vec<_>, _) = act
                .into_iter()
                .map(|undo| ((undo.new.id.clone(), undo.id), undo.new))
                .unzip();
            self.record(wishes, atomic);
            for (id, undone) in pairs {
                if let Some(entry) = self.log.get_mut(&id) {
                    entry.undoes = Some(undone);
                }
            }
        }
    }

    /// Tries again: a change without an answer at once and under its own id, a parked one under its own id as long as
    /// its outcome is unknown, anything that was refused (at the new price, if that was the reason) under `new_id`.
    pub fn retry(&mut self, now: Now, id: &str, new_id: &str) {
        self.now = now;
        match self.log.get(id).map(|entry| entry.stage) {
            Some(Stage::Parked { same_id: true }) => self.unpark(id),
            Some(Stage::Parked { same_id: false } | Stage::NeedsResolution) => {
                self.ask_anew(id, new_id);
            }
            Some(Stage::Queued | Stage::Unknown) => {
                if let Some(place) = self.parcels.by_mutation(id) {
                    self.parcels.list[place].not_before = now.mono_ms;
                }
            }
            Some(Stage::Sent | Stage::Accepted) => {}
            None => self.retry_failure(id, new_id),
        }
        self.pump();
        self.commit();
    }

    fn unpark(&mut self, id: &str) {
        let mut parked = Vec::new();
        let mut atomic = false;
        for id in self.log.fellows(id) {
            if let Some(entry) = self.log.get_mut(&id)
                && matches!(entry.stage, Stage::Parked { .. })
            {
                entry.stage = Stage::Unknown;
                entry.reflected = ResourceSet::EMPTY;
                entry.cause = None;
                atomic = entry.atomic;
                parked.push(Rc::clone(&entry.mutation));
            }
        }
        let parcel = Parcel {
            may_have_run: true,
            ..Parcel::new(parked, atomic, self.now.mono_ms)
        };
        self.parcels.insert(parcel, &self.log);
        self.views.log_dirty = true;
    }

    fn ask_anew(&mut self, id: &str, new_id: &str) {
        let mut wishes = Vec::new();
        let mut atomic = false;
        for (index, id) in self.log.fellows(id).iter().enumerate() {
            let Some(entry) = self.give_up(id) else {
                continue;
            };
            atomic = entry.atomic;
            let mut wish = entry.mutation.wish.clone();
            if let (Wish::PlaceOrder { expected_total, .. }, Some(total)) =
                (&mut wish, entry.proposed_total)
            {
                *expected_total = total;
            }
            wishes.push(NewMutation {
                id: derived_id(new_id, index as u64),
                wish,
                beats: entry.beats,
            });
        }
        self.record(wishes, atomic);
    }

    fn retry_failure(&mut self, id: &str, new_id: &str) {
        let Some(failure) = self.failures.take(id) else {
            return;
        };
        self.views.log_dirty = true;
        let all = std::iter::once(&failure.view.mutation).chain(&failure.view.also);
        let wishes = all.enumerate().map(|(index, mutation)| NewMutation {
            id: derived_id(new_id, index as u64),
            wish: mutation.wish.clone(),
            beats: failure.beats.clone(),
        });
        let wishes: Vec<_> = wishes.collect();
        self.record(wishes, failure.atomic);
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

/// Another id that follows from a random one: its last twelve hexadecimal digits moved on. So a wish that undoes has
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
