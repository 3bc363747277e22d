//! What the person asks for: recorded and shown at once, sent afterwards.

use std::rc::Rc;

use dashboard_protocol::{
    Download, DownloadFormat, DownloadStatus, Mutation, Problem, ProblemCode, Resource, Timestamp,
    Wish, WishLine,
};

use super::Store;
use super::entry::{Entity, Entry, Stage, guess_touched};
use super::failures::Failure;
use super::outbox::FAVORITE_SPACING_MS;
use super::parcels::{self, Parcel};
use super::resources::ResourceSet;
use crate::core::NewMutation;
use crate::time::Now;
use crate::view::FailureView;

/// How long a wish for a favorite waits for another one that takes its place.
const COALESCE_MS: u64 = 150;

/// Two orders of the same lines within this time are one double click.
const DOUBLE_CLICK_MS: u64 = 500;

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

    pub(super) fn record(&mut self, mut wishes: Vec<NewMutation>, atomic: bool) {
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
        for mutation in &mutations {
            self.note_order(mutation);
        }
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
            riding: ResourceSet::EMPTY,
            conflicted: false,
            counted,
            moved: false,
            attempts: 0,
            first_sent_ms: None,
            cause: None,
            proposed_total: None,
            undoes: None,
        }
    }

    /// Remembers an order for as long as another one may be the second half of a double click.
    fn note_order(&mut self, mutation: &Rc<Mutation>) {
        let now = self.now.mono_ms;
        self.ordered.retain(|(at, _)| now < at + DOUBLE_CLICK_MS);
        if matches!(mutation.wish, Wish::PlaceOrder { .. }) {
            self.ordered.push((now, Rc::clone(mutation)));
        }
    }

    /// Whether a wish repeats one that is being or was just fulfilled: the second half of a double click on an order,
    /// or a file that is being made.
    fn is_repetition(&self, wish: &Wish) -> bool {
        match wish {
            Wish::PlaceOrder { lines, .. } => self.order_just_placed(self.now, lines).is_some(),
            Wish::RequestDownload {
                beat_id, format, ..
            } => self.download_in_progress(beat_id, *format).is_some(),
            Wish::SetFavorite { .. } | Wish::CancelOrder { .. } | Wish::CancelDownload { .. } => {
                false
            }
        }
    }

    /// The id of the order of these lines that was placed so shortly before that another one now is the second half of
    /// a double click.
    #[must_use]
    pub fn order_just_placed(&self, now: Now, lines: &[WishLine]) -> Option<&str> {
        self.ordered.iter().find_map(|(at, mutation)| {
            let is_soon = now.mono_ms < at + DOUBLE_CLICK_MS;
            match &mutation.wish {
                Wish::PlaceOrder {
                    order_id,
                    lines: asked,
                    ..
                } if is_soon && asked == lines => Some(order_id.as_str()),
                _ => None,
            }
        })
    }

    /// The download of a beat in a format that is being made, so that asking again leads to it.
    #[must_use]
    pub fn download_in_progress(
        &self,
        beat_id: &str,
        format: DownloadFormat,
    ) -> Option<Rc<Download>> {
        let Some(view) = self.downloads().data else {
            return self.download_asked_for(beat_id, format);
        };
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

    /// The download that a wish asks for, as long as the downloads are not known.
    fn download_asked_for(&self, beat_id: &str, format: DownloadFormat) -> Option<Rc<Download>> {
        self.log.iter().rev().find_map(|entry| {
            let draft = entry.drafts.download.as_ref()?;
            let is_same = draft.beat_id == beat_id && draft.format == format;
            let last = self.log.of_entity(&entry.entity).next_back()?;
            (is_same && last.id == entry.id).then(|| Rc::clone(draft))
        })
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
            atomic: false,
        });
        self.views.log_dirty = true;
    }
}

fn as_mutations(wishes: &[NewMutation]) -> Vec<Rc<Mutation>> {
    let mutations = wishes.iter().map(|new| Mutation {
        id: new.id.clone(),
        wish: new.wish.clone(),
    });
    mutations.map(Rc::new).collect()
}
