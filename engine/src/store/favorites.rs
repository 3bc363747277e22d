//! Favorites: what is shown for one beat, told only when it changes.
//!
//! Nobody says when a favorite is no longer looked at, so the values last told are kept for those that were read last. One
//! that was let go is told whenever something may have changed about it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dashboard_protocol::{Resource, MutationBody};

use super::entry::{Entity, Entry};
use super::{StoreOutput, Store};
use crate::flat::{FlatMap, FlatSet};
use crate::view::{FavoriteView, Key, PendingView};

/// Most favorites whose last value is kept; when there are more, those that were not among the last half of this many reads
/// are let go.
const FAVORITE_STATES_MAX: usize = 10_000;

#[derive(Clone, Debug)]
struct FavoriteState {
    view: FavoriteView,
    /// The number of its last read.
    read: usize,
}

/// The favorites that were read, and what may have changed about them.
#[derive(Clone, Debug, Default)]
pub(super) struct FavoriteStates {
    notified: RefCell<FlatMap<Rc<str>, FavoriteState>>,
    reads: Cell<usize>,
    /// Whether some were let go, so that one that is not among `notified` may be looked at.
    let_go: Cell<bool>,
    /// Beats that had a mutation or a rejection when favorites were last told.
    marked: FlatSet<Rc<str>>,
    /// Beats that became favorites, or are none any more, since then.
    affected: Vec<Rc<str>>,
    /// Whether something changed about all of them.
    all: bool,
    /// How often a favorite was computed.
    #[cfg(test)]
    pub(super) computed: Cell<usize>,
}

impl FavoriteStates {
    /// Something changed about each.
    pub(super) const fn touch_all(&mut self) {
        self.all = true;
    }

    pub(super) fn touch(&mut self, beat_id: &str) {
        self.affected.push(Rc::from(beat_id));
    }

    /// Other beats are favorites now than `before`.
    pub(super) fn compare(&mut self, before: &FlatSet<Rc<str>>, now: &FlatSet<Rc<str>>) {
        let gone = before.iter().filter(|id| !now.contains(&***id));
        let come = now.iter().filter(|id| !before.contains(&***id));
        self.affected.extend(gone.chain(come).cloned());
    }

    /// When favorites were read tells no two stores apart from now on, as long as there are few.
    #[cfg(test)]
    pub(super) fn forget_past(&mut self) {
        self.reads.set(0);
        self.computed.set(0);
        for favorite in self.notified.get_mut().values_mut() {
            favorite.read = 0;
        }
    }
}

impl Store {
    /// The favorite of one beat. From the first read on, [`Key::Favorite`] is told when it changes.
    #[must_use]
    pub fn favorite(&self, beat_id: &str) -> FavoriteView {
        let favorite_states = &self.favorite_states;
        let read = favorite_states.reads.get() + 1;
        favorite_states.reads.set(read);
        if let Some(favorite) = favorite_states.notified.borrow_mut().get_mut(beat_id) {
            favorite.read = read;
            return favorite.view.clone();
        }
        let view = self.favorite_view(beat_id);
        let mut notified = favorite_states.notified.borrow_mut();
        if notified.len() >= FAVORITE_STATES_MAX {
            notified.retain(|_, favorite| favorite.read + FAVORITE_STATES_MAX / 2 > read);
            favorite_states.let_go.set(true);
        }
        let favorite = FavoriteState {
            view: view.clone(),
            read,
        };
        notified.insert(Rc::from(beat_id), favorite);
        view
    }

    fn favorite_view(&self, beat_id: &str) -> FavoriteView {
        #[cfg(test)]
        self.favorite_states.computed.set(self.favorite_states.computed.get() + 1);
        let entity = Entity::Favorite(Rc::from(beat_id));
        let last = self
            .log
            .of_entity(&entity)
            .rfind(|entry| entry.shows_on(Resource::Favorites));
        let requested = last.and_then(|entry| match entry.mutation.body {
            MutationBody::SetFavorite { favorite, .. } => Some(favorite),
            _ => None,
        });
        FavoriteView {
            favorite: requested.unwrap_or_else(|| self.base.favorite_ids.contains(beat_id)),
            known: self.base.version_of_base(Resource::Favorites).loaded,
            pending: last.map(|entry| self.notified(entry)),
            failure: self.failures.favorite(beat_id).cloned(),
        }
    }

    /// What is told of the last mutation for a favorite. While a mutation is being taken back, that is told, rather than the mutation
    /// which undoes it: so taking back twice is taking back once.
    fn notified(&self, entry: &Entry) -> PendingView {
        let undone = entry.undoes.as_ref().and_then(|id| self.log.get(id));
        undone.map_or_else(|| entry.view(false), |undone| undone.view(true))
    }

    /// Tells the favorites that changed: looked at are those with a mutation or a rejection, now or when favorites were last told,
    /// and those that the data changed.
    pub(super) fn notify_favorites(&mut self) {
        let marked = self.log.favorites().chain(self.failures.favorites()).cloned();
        let marked: FlatSet<Rc<str>> = marked.collect();
        let mut notified = self.favorite_states.notified.take();
        let concerned: FlatSet<Rc<str>> = if std::mem::take(&mut self.favorite_states.all) {
            notified.keys().chain(marked.iter()).cloned().collect()
        } else {
            let former = self.favorite_states.marked.iter().chain(&self.favorite_states.affected);
            former.chain(marked.iter()).cloned().collect()
        };
        for beat_id in concerned.into_keys() {
            let changed = match notified.get_mut(&*beat_id) {
                Some(favorite) => {
                    let view = self.favorite_view(&beat_id);
                    let changed = favorite.view != view;
                    favorite.view = view;
                    changed
                }
                None => self.favorite_states.let_go.get(),
            };
            if changed {
                self.outputs
                    .push_back(StoreOutput::Changed(Key::Favorite(beat_id)));
            }
        }
        self.favorite_states.affected.clear();
        self.favorite_states.marked = marked;
        self.favorite_states.notified = RefCell::new(notified);
    }
}
