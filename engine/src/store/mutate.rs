//! What the user asks for: recorded and shown at once, sent afterwards.

use std::rc::Rc;

use dashboard_protocol::{
    Download, DownloadFormat, DownloadStatus, Mutation, Problem, ProblemCode, Resource, Timestamp,
    MutationBody, OrderLineInput,
};

use super::Store;
use super::entry::{Entity, Entry, Stage, guess_affected};
use super::failures::Failure;
use super::outbox::FAVORITE_SPACING_MS;
use super::batches::{self, MutationBatch};
use super::resources::ResourceSet;
use crate::core::NewMutation;
use crate::time::Now;
use crate::view::FailureView;

/// How long a mutation for a favorite waits for another one that takes its place.
const COALESCE_MS: u64 = 150;

/// Two orders of the same lines within this time are one double click.
const DOUBLE_CLICK_MS: u64 = 500;

/// Most mutations that may be unsettled at once; one more is rejected visibly.
const LOG_MAX: usize = 20_000;

impl Store {
    /// The user asks for changes: one act, shown at once and sent as one request (or several, if it is too large
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

    pub(super) fn record(&mut self, mut new_mutations: Vec<NewMutation>, atomic: bool) {
        new_mutations.retain(|new| self.log.get(&new.id).is_none() && !self.is_repetition(&new.body));
        let too_many = self.log.len() + new_mutations.len() > LOG_MAX;
        let too_large = atomic && batches::chunks(&as_mutations(&new_mutations)).len() > 1;
        if too_many || too_large {
            self.reject_locally(new_mutations);
            return;
        }
        self.batch_ids += 1;
        if !atomic && new_mutations.len() == 1 && matches!(new_mutations[0].body, MutationBody::SetFavorite { .. }) {
            for new in new_mutations {
                self.record_favorite(new);
            }
            return;
        }
        let created = self.timestamp();
        let entries = new_mutations
            .into_iter()
            .map(|new| self.entry(new, &created, atomic));
        let entries: Vec<_> = entries.collect();
        let mutations = entries.iter().map(|entry| Rc::clone(&entry.mutation));
        let mutations: Vec<_> = mutations.collect();
        for mutation in &mutations {
            self.note_order(mutation);
        }
        self.log.extend(entries);
        for chunk in batches::chunks(&mutations) {
            let batch = MutationBatch::new(chunk, atomic, self.now.mono_ms);
            self.batches.list.push(batch);
        }
    }

    /// One mutation for one favorite: it takes the place of an unsent one, and both are void if that leads back.
    fn record_favorite(&mut self, new: NewMutation) {
        let MutationBody::SetFavorite { beat_id, favorite } = new.body.clone() else {
            return;
        };
        let entity = Entity::of(&new.body);
        // Its favorite is listened to from now on.
        let _read = self.favorite(&beat_id);
        let mut needed = self.supersede_paused(&entity);
        let replaced = self.batches.list.iter().position(|batch| {
            batch.replaceable && batch.attempts == 0 && batch.entities.contains(&entity)
        });
        let sent = self.sent_favorites.get(&entity);
        let spaced = sent.map_or(0, |sent| sent + FAVORITE_SPACING_MS);
        let mut not_before = spaced.max(self.now.mono_ms + COALESCE_MS);
        if let Some(index) = replaced {
            let batch = self.batches.list.remove(index);
            not_before = batch.not_before;
            needed |= batch.needed;
            for mutation in &batch.mutations {
                self.forget(&mutation.id);
            }
            let below = self.below(&entity, &beat_id);
            if !needed && below == Some(favorite) {
                return;
            }
        }
        let created = self.timestamp();
        let entry = self.entry(new, &created, false);
        let mutation = Rc::clone(&entry.mutation);
        self.log.push(entry);
        self.batches.list.push(MutationBatch {
            replaceable: true,
            needed,
            ..MutationBatch::new(vec![mutation], false, not_before)
        });
    }

    /// What a favorite is, as far as the mutations that are under way or the data tell.
    fn below(&self, entity: &Entity, beat_id: &str) -> Option<bool> {
        let last = self.log.of_entity(entity).next_back();
        let requested = last.and_then(|entry| match entry.mutation.body {
            MutationBody::SetFavorite { favorite, .. } => Some(favorite),
            _ => None,
        });
        let loaded = self.base.version_of_base(Resource::Favorites).loaded;
        requested.or_else(|| loaded.then(|| self.base.favorite_ids.contains(beat_id)))
    }

    /// A new mutation for a favorite replaces one that was given up. Tells whether the server may have seen that one.
    fn supersede_paused(&mut self, entity: &Entity) -> bool {
        let paused = self.log.of_entity(entity);
        let paused = paused.filter(|entry| matches!(entry.stage, Stage::Paused { .. }));
        let paused: Vec<_> = paused.map(|entry| Rc::clone(&entry.id)).collect();
        for id in &paused {
            self.forget(id);
        }
        !paused.is_empty()
    }

    /// A mutation as it goes into the log.
    fn entry(&mut self, new: NewMutation, created: &Timestamp, atomic: bool) -> Entry {
        if let MutationBody::SetFavorite { beat_id, .. } = &new.body {
            self.failures.acted_on(beat_id);
        }
        let optimistic_rows = self.optimistic_rows_of(&new, created);
        let id: Rc<str> = Rc::from(new.id.as_str());
        let affected = guess_affected(&new.body);
        let mutation = Rc::new(Mutation {
            id: new.id,
            body: new.body,
        });
        let counted = i32::from(matches!(mutation.body, MutationBody::RequestDownload { .. }));
        self.views.dirty = self.views.dirty.and(affected);
        self.views.log_dirty = true;
        Entry {
            id,
            entity: Entity::of(&mutation.body),
            mutation,
            beats: new.beats,
            asked_at_ms: self.now.wall_ms,
            created: created.clone(),
            optimistic_rows,
            batch_id: self.batch_ids,
            atomic,
            stage: Stage::Queued,
            commit: None,
            affected,
            reflected: ResourceSet::EMPTY,
            noop_resources: ResourceSet::EMPTY,
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
        if matches!(mutation.body, MutationBody::PlaceOrder { .. }) {
            self.ordered.push((now, Rc::clone(mutation)));
        }
    }

    /// Whether a mutation repeats one that is being or was just fulfilled: the second half of a double click on an order,
    /// or a file that is being made.
    fn is_repetition(&self, body: &MutationBody) -> bool {
        match body {
            MutationBody::PlaceOrder { lines, .. } => self.order_just_placed(self.now, lines).is_some(),
            MutationBody::RequestDownload {
                beat_id, format, ..
            } => self.download_in_progress(beat_id, *format).is_some(),
            MutationBody::SetFavorite { .. } | MutationBody::CancelOrder { .. } | MutationBody::CancelDownload { .. } => {
                false
            }
        }
    }

    /// The id of the order of these lines that was placed so shortly before that another one now is the second half of
    /// a double click.
    #[must_use]
    pub fn order_just_placed(&self, now: Now, lines: &[OrderLineInput]) -> Option<&str> {
        self.ordered.iter().find_map(|(at, mutation)| {
            let is_soon = now.mono_ms < at + DOUBLE_CLICK_MS;
            match &mutation.body {
                MutationBody::PlaceOrder {
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

    /// The download that a mutation asks for, as long as the downloads are not known.
    fn download_asked_for(&self, beat_id: &str, format: DownloadFormat) -> Option<Rc<Download>> {
        self.log.iter().rev().find_map(|entry| {
            let row = entry.optimistic_rows.download.as_ref()?;
            let is_same = row.beat_id == beat_id && row.format == format;
            let last = self.log.of_entity(&entry.entity).next_back()?;
            (is_same && last.id == entry.id).then(|| Rc::clone(row))
        })
    }

    /// Too much at once: rejected visibly, and nothing of it is sent.
    fn reject_locally(&mut self, new_mutations: Vec<NewMutation>) {
        let problem = Problem::new(ProblemCode::PayloadTooLarge, 413, "too much at once");
        let mut mutations = as_mutations(&new_mutations).into_iter();
        let Some(first) = mutations.next() else {
            return;
        };
        self.failures.push(Failure {
            view: Rc::new(FailureView {
                mutation: first,
                also: mutations.collect(),
                subject: None,
                error: super::outcomes::error_of(&problem),
                at_ms: self.now.wall_ms,
            }),
            beats: new_mutations.into_iter().flat_map(|new| new.beats).collect(),
            atomic: false,
        });
        self.views.log_dirty = true;
    }
}

fn as_mutations(new_mutations: &[NewMutation]) -> Vec<Rc<Mutation>> {
    let mutations = new_mutations.iter().map(|new| Mutation {
        id: new.id.clone(),
        body: new.body.clone(),
    });
    mutations.map(Rc::new).collect()
}
