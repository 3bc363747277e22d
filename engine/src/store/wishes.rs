//! What the person asks for: recorded and shown at once, sent afterwards.

use std::rc::Rc;

use dashboard_protocol::{
    Download, DownloadFormat, DownloadStatus, Mutation, Problem, ProblemCode, Resource, Timestamp,
    Wish, limits,
};

use super::Store;
use super::failures::Failure;
use super::log::{Entity, Entry, Stage, guess_touched};
use super::outbox::FAVORITE_SPACING_MS;
use super::parcels::{self, Parcel};
use super::resources::ResourceSet;
use crate::core::NewMutation;
use crate::time::Now;
use crate::view::FailureView;

/// How long a wish for a favorite waits for another one that takes its place.
const COALESCE_MS: u64 = 150;

/// Two orders of the same lines within this time are one double click.
const DOUBLE_CLICK_MS: i64 = 500;

/// How far the id of an undoing wish lies from the id of what it undoes: beyond the ids of any batch.
const UNDO_STEP: u64 = 1 << 40;

/// Most wishes that may be unsettled at once; one more is refused visibly.
const LOG_MAX: usize = 20_000;

impl Store {
    /// The person asks for changes: one act, shown at once and sent as one request (or several, if it is too large
    /// for one). Nothing happens unless somebody is signed in, nor for an id that is there already, nor for an order
    /// that is a double click of the one before, nor for a file that is being made already.
    pub fn mutate(&mut self, now: Now, mutations: Vec<NewMutation>, atomic: bool) {
        self.now = now;
        if self.user.is_some() {
            self.record(mutations, atomic);
            self.pump();
        }
        self.commit();
    }

    fn record(&mut self, mut wishes: Vec<NewMutation>, atomic: bool) {
        wishes.retain(|new| self.log.get(&new.id).is_none() && !self.is_repetition(&new.wish));
        let too_many = self.log.len() + wishes.len() > LOG_MAX;
        let too_large = atomic && parcels::chunks(&as_mutations(&wishes)).len() > 1;
        if too_many || too_large {
            self.refuse_locally(wishes);
            return;
        }
        self.acts += 1;
        if !atomic && wishes.len() == 1 && matches!(wishes[0].wish, Wish::SetFavorite { .. }) {
            for new in wishes {
                self.record_heart(new);
            }
            return;
        }
        let created = self.moment();
        let entries = wishes
            .into_iter()
            .map(|new| self.entry(new, &created, atomic));
        let entries: Vec<_> = entries.collect();
        let mutations = entries.iter().map(|entry| Rc::clone(&entry.mutation));
        let mutations: Vec<_> = mutations.collect();
        self.log.extend(entries);
        for chunk in parcels::chunks(&mutations) {
            let parcel = Parcel::new(chunk, atomic, self.now.mono_ms);
            self.parcels.list.push(parcel);
        }
    }

    /// One wish for one favorite: it takes the place of an unsent one, and both are void if that leads back.
    fn record_heart(&mut self, new: NewMutation) {
        let Wish::SetFavorite { beat_id, favorite } = new.wish.clone() else {
            return;
        };
        let entity = Entity::of(&new.wish);
        // Its heart is listened to from now on.
        let _read = self.favorite(&beat_id);
        let mut needed = self.supersede_parked(&entity);
        let replaced = self.parcels.list.iter().position(|parcel| {
            parcel.replaceable && parcel.attempts == 0 && parcel.entities.contains(&entity)
        });
        let sent = self.sent_favorites.get(&entity);
        let spaced = sent.map_or(0, |sent| sent + FAVORITE_SPACING_MS);
        let mut not_before = spaced.max(self.now.mono_ms + COALESCE_MS);
        if let Some(place) = replaced {
            let parcel = self.parcels.list.remove(place);
            not_before = parcel.not_before;
            needed |= parcel.needed;
            for mutation in &parcel.mutations {
                self.forget(&mutation.id);
            }
            let below = self.below(&entity, &beat_id);
            if !needed && below == Some(favorite) {
                return;
            }
        }
        let created = self.moment();
        let entry = self.entry(new, &created, false);
        let mutation = Rc::clone(&entry.mutation);
        self.log.push(entry);
        self.parcels.list.push(Parcel {
            replaceable: true,
            needed,
            ..Parcel::new(vec![mutation], false, not_before)
        });
    }

    /// What a favorite is, as far as the wishes that are under way or the data tell.
    fn below(&self, entity: &Entity, beat_id: &str) -> Option<bool> {
        let last = self.log.of_entity(entity).next_back();
        let wished = last.and_then(|entry| match entry.mutation.wish {
            Wish::SetFavorite { favorite, .. } => Some(favorite),
            _ => None,
        });
        let loaded = self.base.mark(Resource::Favorites).loaded;
        wished.or_else(|| loaded.then(|| self.base.favorite_ids.contains(beat_id)))
    }

    /// A new wish for a favorite replaces one that was given up. Tells whether the server may have seen that one.
    fn supersede_parked(&mut self, entity: &Entity) -> bool {
        let parked = self.log.of_entity(entity);
        let parked = parked.filter(|entry| matches!(entry.stage, Stage::Parked { .. }));
        let parked: Vec<_> = parked.map(|entry| Rc::clone(&entry.id)).collect();
        for id in &parked {
            self.forget(id);
        }
        !parked.is_empty()
    }

    /// A wish as it goes into the log.
    fn entry(&mut self, new: NewMutation, created: &Timestamp, atomic: bool) -> Entry {
        if let Wish::SetFavorite { beat_id, .. } = &new.wish {
            self.failures.acted_on(beat_id);
        }
        let drafts = self.drafts_of(&new, created);
        let id: Rc<str> = Rc::from(new.id.as_str());
        let touched = guess_touched(&new.wish);
        let mutation = Rc::new(Mutation {
            id: new.id,
            wish: new.wish,
        });
        let counted = i32::from(matches!(mutation.wish, Wish::RequestDownload { .. }));
        self.views.dirty = self.views.dirty.and(touched);
        self.views.log_dirty = true;
        Entry {
            id,
            entity: Entity::of(&mutation.wish),
            mutation,
            beats: new.beats,
            asked_at_ms: self.now.wall_ms,
            created: created.clone(),
            drafts,
            act: self.acts,
            atomic,
            stage: Stage::Queued,
            commit: None,
            touched,
            reflected: ResourceSet::EMPTY,
            conflicted: false,
            counted,
            attempts: 0,
            first_sent_ms: None,
            cause: None,
            proposed_total: None,
        }
    }

    /// Whether a wish repeats one that is being fulfilled: the second half of a double click on an order, or a file
    /// that is being made.
    fn is_repetition(&self, wish: &Wish) -> bool {
        match wish {
            Wish::PlaceOrder { lines, .. } => self.log.iter().any(|entry| {
                let soon = self.now.wall_ms.abs_diff(entry.asked_at_ms) < DOUBLE_CLICK_MS as u64;
                let same = matches!(&entry.mutation.wish, Wish::PlaceOrder { lines: asked, .. }
                    if asked == lines);
                soon && same && entry.is_open()
            }),
            Wish::RequestDownload {
                beat_id, format, ..
            } => self.download_in_progress(beat_id, *format).is_some(),
            Wish::SetFavorite { .. } | Wish::CancelOrder { .. } | Wish::CancelDownload { .. } => {
                false
            }
        }
    }

    /// The download of a beat in a format that is being made, so that asking again leads to it.
    #[must_use]
    pub fn download_in_progress(
        &self,
        beat_id: &str,
        format: DownloadFormat,
    ) -> Option<Rc<Download>> {
        let view = self.downloads().data?;
        let row = view.rows.iter().find(|row| {
            let download = &row.item;
            let unfinished = matches!(
                download.status,
                DownloadStatus::Queued | DownloadStatus::Preparing
            );
            unfinished && download.beat_id == beat_id && download.format == format
        })?;
        Some(Rc::clone(&row.item))
    }

    /// Too much at once: refused visibly, and nothing of it is sent.
    fn refuse_locally(&mut self, wishes: Vec<NewMutation>) {
        let problem = Problem::new(ProblemCode::PayloadTooLarge, 413, "too much at once");
        let mut mutations = as_mutations(&wishes).into_iter();
        let Some(first) = mutations.next() else {
            return;
        };
        self.failures.push(Failure {
            view: Rc::new(FailureView {
                mutation: first,
                also: mutations.collect(),
                subject: None,
                error: super::verdicts::error_of(&problem),
                at_ms: self.now.wall_ms,
            }),
            beats: wishes.into_iter().flat_map(|new| new.beats).collect(),
        });
        self.views.log_dirty = true;
    }

    /// Takes a change back. Unsent, it is dropped with all that builds on it; parked or undecided, it is given up;
    /// sent, it stays until the server's word is known, and is then undone by a wish of its own where there is one.
    /// An atomic batch is taken back as a whole.
    pub fn cancel(&mut self, now: Now, id: &str) {
        self.now = now;
        let act = self
            .parcels
            .by_mutation(id)
            .map(|place| &self.parcels.list[place]);
        let (ids, unsent) = match act {
            Some(parcel) if parcel.atomic => {
                let ids = parcel.mutations.iter().map(|mutation| mutation.id.clone());
                (ids.collect(), parcel.attempts == 0)
            }
            Some(parcel) => (vec![id.to_owned()], parcel.attempts == 0),
            None => (vec![id.to_owned()], false),
        };
        if unsent {
            for id in &ids {
                for dependent in self.dependents_of(id) {
                    self.forget(&dependent);
                }
                self.forget(id);
            }
        } else {
            self.undo(&ids);
        }
        self.pump();
        self.commit();
    }

    fn undo(&mut self, ids: &[String]) {
        let mut wishes = Vec::new();
        let loaded = self.base.mark(Resource::Favorites).loaded;
        for id in ids {
            let Some(entry) = self.log.get(id) else {
                continue;
            };
            let heart = matches!(entry.mutation.wish, Wish::SetFavorite { .. });
            if heart && loaded && entry.counted == 0 {
                // It changed nothing, so there is nothing to undo.
                continue;
            }
            let given_up = matches!(entry.stage, Stage::Parked { .. } | Stage::NeedsResolution);
            if given_up {
                self.forget(id);
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
        let Some((act, atomic)) = self.log.get(id).map(|entry| (entry.act, entry.atomic)) else {
            return;
        };
        let mut parked = Vec::new();
        for entry in self.log.iter_mut() {
            let member = *entry.id == *id || (atomic && entry.act == act);
            if member && matches!(entry.stage, Stage::Parked { .. }) {
                entry.stage = Stage::Unknown;
                entry.cause = None;
                parked.push(Rc::clone(&entry.mutation));
            }
        }
        let parcel = Parcel::new(parked, atomic, self.now.mono_ms);
        self.parcels.list.push(parcel);
        self.views.log_dirty = true;
    }

    fn ask_anew(&mut self, id: &str, new_id: &str) {
        let Some(entry) = self.forget(id) else {
            return;
        };
        let mut wish = entry.mutation.wish.clone();
        if let (Wish::PlaceOrder { expected_total, .. }, Some(total)) =
            (&mut wish, entry.proposed_total)
        {
            *expected_total = total;
        }
        let new = NewMutation {
            id: new_id.to_owned(),
            wish,
            beats: entry.beats,
        };
        self.record(vec![new], false);
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
        self.record(wishes, false);
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

fn as_mutations(wishes: &[NewMutation]) -> Vec<Rc<Mutation>> {
    let mutations = wishes.iter().map(|new| Mutation {
        id: new.id.clone(),
        wish: new.wish.clone(),
    });
    mutations.map(Rc::new).collect()
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
