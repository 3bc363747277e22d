//! Mutations that undo others, and those which the user may still ask for: what was saved has left the log, and can be
//! taken back all the same.

use std::collections::VecDeque;
use std::rc::Rc;

use dashboard_protocol::{Resource, MutationBody};

use super::Store;
use super::entry::{Entity, Entry};
use super::undo::{UNDO_STEP, derived_id};
use crate::core::NewMutation;
use crate::flat::FlatSet;

/// Most saved mutations that can still be taken back.
pub(super) const SAVED_MAX: usize = 1000;

/// A mutation that undoes another one.
#[derive(Clone, Debug)]
pub(super) struct Undo {
    /// The mutation that it undoes.
    pub(super) id: Rc<str>,
    pub(super) entity: Entity,
    /// The act that it belongs to, and whether that held as a whole.
    pub(super) batch_id: u64,
    pub(super) atomic: bool,
    pub(super) new: NewMutation,
}

impl Undo {
    /// What undoes a mutation; nothing if it undoes another one itself, or cannot be undone.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let body = opposite(&entry.mutation.body).filter(|_| entry.undoes.is_none())?;
        Some(Self {
            id: Rc::clone(&entry.id),
            entity: entry.entity.clone(),
            batch_id: entry.batch_id,
            atomic: entry.atomic,
            new: NewMutation {
                id: derived_id(&entry.id, UNDO_STEP),
                body,
                beats: entry.beats.clone(),
            },
        })
    }
}

/// The mutation that undoes another; none if it cannot be undone.
fn opposite(body: &MutationBody) -> Option<MutationBody> {
    match body {
        MutationBody::SetFavorite { beat_id, favorite } => Some(MutationBody::SetFavorite {
            beat_id: beat_id.clone(),
            favorite: !favorite,
        }),
        MutationBody::PlaceOrder { order_id, .. } => Some(MutationBody::CancelOrder {
            order_id: order_id.clone(),
        }),
        MutationBody::RequestDownload { download_id, .. } => Some(MutationBody::CancelDownload {
            download_id: download_id.clone(),
        }),
        MutationBody::CancelOrder { .. } | MutationBody::CancelDownload { .. } => None,
    }
}

/// What undoes the mutations that were saved last, oldest first; of each thing only the newest.
#[derive(Clone, Debug, Default)]
pub(super) struct Saved {
    list: VecDeque<Undo>,
}

impl Saved {
    /// A mutation was saved: none before it for the same thing can be taken back any more.
    fn note(&mut self, entity: &Entity, undo: Option<Undo>) {
        self.list.retain(|undo| undo.entity != *entity);
        self.list.extend(undo);
        if self.list.len() > SAVED_MAX {
            self.list.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    /// Takes out what undoes these mutations, and the others of `batch_ids` and of their own acts that held as a whole.
    fn take(&mut self, ids: &FlatSet<&str>, mut batch_ids: FlatSet<u64>) -> VecDeque<Undo> {
        let atomic = self.list.iter().filter(|undo| undo.atomic);
        let named = atomic.filter(|undo| ids.contains(&*undo.id));
        for batch_id in named.map(|undo| undo.batch_id) {
            batch_ids.insert(batch_id);
        }
        let list = std::mem::take(&mut self.list).into_iter();
        let (taken, kept): (VecDeque<_>, _) = list
            .partition(|undo| ids.contains(&*undo.id) || undo.atomic && batch_ids.contains(&undo.batch_id));
        self.list = kept;
        taken
    }
}

impl Store {
    /// A mutation leaves the log because its effect is in the data.
    pub(super) fn remember_saved(&mut self, entry: &Entry) {
        let undo = Undo::of(entry).filter(|_| !self.changed_nothing(entry));
        self.saved.note(&entry.entity, undo);
    }

    /// Whether a mutation is known to have changed nothing, so that there is nothing to undo.
    pub(super) fn changed_nothing(&self, entry: &Entry) -> bool {
        self.base.version_of_base(Resource::Favorites).loaded && entry.is_void()
    }

    /// What undoes saved mutations with these ids, as far as they still hold: not where something newer is asked for, nor
    /// where the favorite is another one by now. What belongs to an atomic batch in `batch_ids` comes along.
    pub(super) fn take_saved(&mut self, ids: &[String], batch_ids: FlatSet<u64>) -> VecDeque<Undo> {
        let ids = ids.iter().map(String::as_str).collect();
        let mut undos = self.saved.take(&ids, batch_ids);
        undos.retain(|undo| {
            let is_last = self.log.of_entity(&undo.entity).next().is_none();
            is_last && !self.is_undone_already(&undo.new.body)
        });
        undos
    }

    fn is_undone_already(&self, body: &MutationBody) -> bool {
        match body {
            MutationBody::SetFavorite { beat_id, favorite } => {
                let is = self.base.favorite_ids.contains(beat_id.as_str());
                self.base.version_of_base(Resource::Favorites).loaded && is == *favorite
            }
            _ => false,
        }
    }
}
