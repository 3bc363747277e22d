//! Hearts: what is shown for one beat, told only when it changes.
//!
//! Nobody says when a heart is no longer looked at, so the values last told are kept for those that were read last. One
//! that was let go is told whenever something may have changed about it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dashboard_protocol::{Resource, Wish};

use super::entry::{Entity, Entry};
use super::{Output, Store};
use crate::flat::{FlatMap, FlatSet};
use crate::view::{FavoriteView, Key, PendingView};

/// Most hearts whose last value is kept; when there are more, those that were not among the last half of this many reads
/// are let go.
const HEARTS_MAX: usize = 10_000;

#[derive(Clone, Debug)]
struct Heart {
    view: FavoriteView,
    /// The number of its last read.
    read: usize,
}

/// The hearts that were read, and what may have changed about them.
#[derive(Clone, Debug, Default)]
pub(super) struct Hearts {
    told: RefCell<FlatMap<Rc<str>, Heart>>,
    reads: Cell<usize>,
    /// Whether some were let go, so that one that is not among `told` may be looked at.
    let_go: Cell<bool>,
    /// Beats that had a wish or a refusal when hearts were last told.
    marked: FlatSet<Rc<str>>,
    /// Beats that became favorites, or are none any more, since then.
    touched: Vec<Rc<str>>,
    /// Whether something changed about all of them.
    all: bool,
    /// How often a heart was computed.
    #[cfg(test)]
    pub(super) computed: Cell<usize>,
}

impl Hearts {
    /// Something changed about each.
    pub(super) const fn touch_all(&mut self) {
        self.all = true;
    }

    pub(super) fn touch(&mut self, beat_id: &str) {
        self.touched.push(Rc::from(beat_id));
    }

    /// Other beats are favorites now than `before`.
    pub(super) fn compare(&mut self, before: &FlatSet<Rc<str>>, now: &FlatSet<Rc<str>>) {
        let gone = before.iter().filter(|id| !now.contains(&***id));
        let come = now.iter().filter(|id| !before.contains(&***id));
        self.touched.extend(gone.chain(come).cloned());
    }

    /// When hearts were read tells no two stores apart from now on, as long as there are few.
    #[cfg(test)]
    pub(super) fn forget_past(&mut self) {
        self.reads.set(0);
        self.computed.set(0);
        for heart in self.told.get_mut().values_mut() {
            heart.read = 0;
        }
    }
}

impl Store {
    /// The heart of one beat. From the first read on, [`Key::Favorite`] is told when it changes.
    #[must_use]
    pub fn favorite(&self, beat_id: &str) -> FavoriteView {
        let hearts = &self.hearts;
        let read = hearts.reads.get() + 1;
        hearts.reads.set(read);
        if let Some(heart) = hearts.told.borrow_mut().get_mut(beat_id) {
            heart.read = read;
            return heart.view.clone();
        }
        let view = self.heart(beat_id);
        let mut told = hearts.told.borrow_mut();
        if told.len() >= HEARTS_MAX {
            told.retain(|_, heart| heart.read + HEARTS_MAX / 2 > read);
            hearts.let_go.set(true);
        }
        let heart = Heart {
            view: view.clone(),
            read,
        };
        told.insert(Rc::from(beat_id), heart);
        view
    }

    fn heart(&self, beat_id: &str) -> FavoriteView {
        #[cfg(test)]
        self.hearts.computed.set(self.hearts.computed.get() + 1);
        let entity = Entity::Favorite(Rc::from(beat_id));
        let last = self
            .log
            .of_entity(&entity)
            .rfind(|entry| entry.shows_on(Resource::Favorites));
        let wished = last.and_then(|entry| match entry.mutation.wish {
            Wish::SetFavorite { favorite, .. } => Some(favorite),
            _ => None,
        });
        FavoriteView {
            favorite: wished.unwrap_or_else(|| self.base.favorite_ids.contains(beat_id)),
            known: self.base.mark(Resource::Favorites).loaded,
            pending: last.map(|entry| self.told(entry)),
            failure: self.failures.heart(beat_id).cloned(),
        }
    }

    /// What is told of the last wish for a heart. While a wish is being taken back, that is told, rather than the wish
    /// which undoes it: so taking back twice is taking back once.
    fn told(&self, entry: &Entry) -> PendingView {
        let undone = entry.undoes.as_ref().and_then(|id| self.log.get(id));
        undone.map_or_else(|| entry.view(false), |undone| undone.view(true))
    }

    /// Tells the hearts that changed: looked at are those with a wish or a refusal, now or when hearts were last told,
    /// and those that the data changed.
    pub(super) fn tell_hearts(&mut self) {
        let marked = self.log.hearts().chain(self.failures.hearts()).cloned();
        let marked: FlatSet<Rc<str>> = marked.collect();
        let mut told = self.hearts.told.take();
        let concerned: FlatSet<Rc<str>> = if std::mem::take(&mut self.hearts.all) {
            told.keys().chain(marked.iter()).cloned().collect()
        } else {
            let former = self.hearts.marked.iter().chain(&self.hearts.touched);
            former.chain(marked.iter()).cloned().collect()
        };
        for beat_id in concerned.into_keys() {
            let changed = match told.get_mut(&*beat_id) {
                Some(heart) => {
                    let view = self.heart(&beat_id);
                    let changed = heart.view != view;
                    heart.view = view;
                    changed
                }
                None => self.hearts.let_go.get(),
            };
            if changed {
                self.outputs
                    .push_back(Output::Changed(Key::Favorite(beat_id)));
            }
        }
        self.hearts.touched.clear();
        self.hearts.marked = marked;
        self.hearts.told = RefCell::new(told);
    }
}
