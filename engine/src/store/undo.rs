//! Second thoughts: taking a change back, trying again what failed, and putting a failure aside.

use std::rc::Rc;

use dashboard_protocol::{Resource, Wish, limits};

use super::Store;
use super::entry::{Entry, Stage};
use super::parcels::Parcel;
use crate::core::NewMutation;
use crate::time::Now;

/// How far the id of an undoing wish lies from the id of what it undoes: beyond the ids of any batch.
const UNDO_STEP: u64 = 1 << 40;

impl Store {
    /// Takes a change back. Unsent, it is dropped with all that builds on it; parked or undecided, it is given up;
    /// sent, it stays until the server's word is known, and is then undone by a wish of its own where there is one.
    /// An atomic batch is taken back as a whole.
    pub fn cancel(&mut self, now: Now, id: &str) {
        self.now = now;
        let ids = self.log.fellows(id);
        let parcel = self.parcels.by_mutation(id);
        let unsent = parcel.is_some_and(|place| self.parcels.list[place].is_unsent());
        if unsent {
            for id in &ids {
                self.give_up(id);
            }
        } else {
            self.undo(&ids);
        }
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

    fn undo(&mut self, ids: &[Rc<str>]) {
        let mut wishes = Vec::new();
        let loaded = self.base.mark(Resource::Favorites).loaded;
        for id in ids {
            let Some(entry) = self.log.get(id) else {
                continue;
            };
            let heart = matches!(entry.mutation.wish, Wish::SetFavorite { .. });
            if heart && loaded && entry.counted == 0 && !entry.waits_for_person() {
                // It changed nothing, so there is nothing to undo.
                continue;
            }
            if entry.waits_for_person() {
                self.give_up(id);
            } else if let Some(wish) = opposite(entry) {
                wishes.push(NewMutation {
                    id: derived_id(id, UNDO_STEP),
                    wish,
                    beats: entry.beats.clone(),
                });
            }
        }
        // Backwards, as undoing goes.
        wishes.reverse();
        if !wishes.is_empty() {
            let atomic = wishes.len() > 1;
            self.record(wishes, atomic);
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

/// The wish that undoes another; none if it changed nothing or cannot be undone.
fn opposite(entry: &Entry) -> Option<Wish> {
    match &entry.mutation.wish {
        Wish::SetFavorite { beat_id, favorite } => Some(Wish::SetFavorite {
            beat_id: beat_id.clone(),
            favorite: !favorite,
        }),
        Wish::PlaceOrder { order_id, .. } => Some(Wish::CancelOrder {
            order_id: order_id.clone(),
        }),
        Wish::RequestDownload { download_id, .. } => Some(Wish::CancelDownload {
            download_id: download_id.clone(),
        }),
        Wish::CancelOrder { .. } | Wish::CancelDownload { .. } => None,
    }
}

/// Another id that follows from a random one: its last twelve hexadecimal digits moved on. So a wish that undoes has
/// the same id however often it is made.
fn derived_id(id: &str, step: u64) -> String {
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
