//! Wishes that undo others, and those which the person may still ask for: what was saved has left the log, and can be
//! taken back all the same.

use std::collections::VecDeque;
use std::rc::Rc;

use dashboard_protocol::{Resource, Wish};

use super::Store;
use super::entry::{Entity, Entry};
use super::undo::{UNDO_STEP, derived_id};
use crate::core::NewMutation;
use crate::flat::FlatSet;

/// Most saved wishes that can still be taken back.
pub(super) const SAVED_MAX: usize = 1000;

/// A wish that undoes another one.
#[derive(Clone, Debug)]
pub(super) struct Undo {
    /// The wish that it undoes.
    pub(super) id: Rc<str>,
    pub(super) entity: Entity,
    /// The act that it belongs to, and whether that held as a whole.
    pub(super) act: u64,
    pub(super) atomic: bool,
    pub(super) new: NewMutation,
}

impl Undo {
    /// What undoes a wish; nothing if it undoes another one itself, or cannot be undone.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let wish = opposite(&entry.mutation.wish).filter(|_| entry.undoes.is_none())?;
        Some(Self {
            id: Rc::clone(&entry.id),
            entity: entry.entity.clone(),
            act: entry.act,
            atomic: entry.atomic,
            new: NewMutation {
                id: derived_id(&entry.id, UNDO_STEP),
                wish,
                beats: entry.beats.clone(),
            },
        })
    }
}

/// The wish that undoes another; none if it cannot be undone.
fn opposite(wish: &Wish) -> Option<Wish> {
    match wish {
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

/// What undoes the wishes that were saved last, oldest first; of each thing only the newest.
#[derive(Clone, Debug, Default)]
pub(super) struct Saved {
    list: VecDeque<Undo>,
}

impl Saved {
    /// A wish was saved: none before it for the same thing can be taken back any more.
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

    /// Takes out what undoes these wishes, and the others of `acts` and of their own acts that held as a whole.
    fn take(&mut self, ids: &FlatSet<&str>, mut acts: FlatSet<u64>) -> VecDeque<Undo> {
        let atomic = self.list.iter().filter(|undo| undo.atomic);
        let named = atomic.filter(|undo| ids.contains(&*undo.id));
        for act in named.map(|undo| undo.act) {
            acts.insert(act);
        }
        let list = std::mem::take(&mut self.list).into_iter();
        let (taken, kept): (VecDeque<_>, _) = list
            .partition(|undo| ids.contains(&*undo.id) || undo.atomic && acts.contains(&undo.act));
        self.list = kept;
        taken
    }
}

impl Store {
    /// A wish leaves the log because its effect is in the data.
    pub(super) fn remember_saved(&mut self, entry: &Entry) {
        let undo = Undo::of(entry).filter(|_| !self.changed_nothing(entry));
        self.saved.note(&entry.entity, undo);
    }

    /// Whether a wish is known to have changed nothing, so that there is nothing to undo.
    pub(super) fn changed_nothing(&self, entry: &Entry) -> bool {
        self.base.mark(Resource::Favorites).loaded && entry.is_void()
    }

    /// What undoes saved wishes with these ids, as far as they still hold: not where something newer is asked for, nor
    /// where the heart is another one by now. What belongs to an atomic batch in `acts` comes along.
    pub(super) fn take_saved(&mut self, ids: &[String], acts: FlatSet<u64>) -> VecDeque<Undo> {
        let ids = ids.iter().map(String::as_str).collect();
        let mut undos = self.saved.take(&ids, acts);
        undos.retain(|undo| {
            let is_last = self.log.of_entity(&undo.entity).next().is_none();
            is_last && !self.is_undone_already(&undo.new.wish)
        });
        undos
    }

    fn is_undone_already(&self, wish: &Wish) -> bool {
        match wish {
            Wish::SetFavorite { beat_id, favorite } => {
                let is = self.base.favorite_ids.contains(beat_id.as_str());
                self.base.mark(Resource::Favorites).loaded && is == *favorite
            }
            _ => false,
        }
    }
}
