//! Whether single rows are in the collections that track ids, emitted only when that changes.
//!
//! There is no unsubscribe, so the last emitted values are cached for the entities that were read last. One that was
//! dropped is emitted whenever something may have changed about it.

use std::cell::{Cell, RefCell};

use crate::map::{Map, Set};
use crate::schema::EntityKey;
use crate::view::EntityView;

/// Most entities whose last value is cached; when there are more, those that were not among the last half of this many
/// reads are dropped.
pub(super) const ENTITIES_MAX: usize = 10_000;

#[derive(Clone, Debug)]
pub(super) struct Cached {
    view: EntityView,
    /// The number of its last read.
    pub(super) read: usize,
}

/// The entities that were read, and what may have changed about them.
#[derive(Clone, Debug, Default)]
pub(super) struct EntityViews {
    pub(super) emitted: RefCell<Map<EntityKey, Cached>>,
    pub(super) reads: Cell<usize>,
    /// Whether some were dropped, so that one that is not cached may be on screen.
    dropped: Cell<bool>,
    /// Entities that had a mutation or a failure when views were last emitted.
    marked: Set<EntityKey>,
    /// Entities that came or went since then.
    pub(super) touched: Vec<EntityKey>,
    /// Whether something changed about all of them.
    pub(super) all: bool,
    /// How often a view was computed.
    #[cfg(any(test, feature = "test-util"))]
    pub(super) computed: Cell<usize>,
}

impl EntityViews {
    /// The view of one entity, as it was last emitted or as `compute` says.
    pub(super) fn read(
        &self,
        entity: &EntityKey,
        compute: impl FnOnce() -> EntityView,
    ) -> EntityView {
        let read = self.reads.get() + 1;
        self.reads.set(read);
        if let Some(cached) = self.emitted.borrow_mut().get_mut(entity) {
            cached.read = read;
            return cached.view.clone();
        }
        let view = self.counted(compute);
        let mut emitted = self.emitted.borrow_mut();
        if emitted.len() >= ENTITIES_MAX {
            emitted.retain(|_, cached| cached.read + ENTITIES_MAX / 2 > read);
            self.dropped.set(true);
        }
        let cached = Cached {
            view: view.clone(),
            read,
        };
        emitted.insert(entity.clone(), cached);
        view
    }

    /// Computes what may have changed: entities with a mutation or a failure, now or when views were last emitted, and
    /// those that the data changed. Returns the entities whose view is another one.
    pub(super) fn refresh(
        &mut self,
        marked: Set<EntityKey>,
        compute: impl Fn(&EntityKey) -> EntityView,
    ) -> Vec<EntityKey> {
        let mut emitted = self.emitted.take();
        let concerned: Set<EntityKey> = if std::mem::take(&mut self.all) {
            emitted.keys().chain(marked.iter()).cloned().collect()
        } else {
            let former = self.marked.iter().chain(&self.touched);
            former.chain(marked.iter()).cloned().collect()
        };
        let mut changed = Vec::new();
        for entity in concerned {
            let is_new = match emitted.get_mut(&entity) {
                Some(cached) => {
                    let view = self.counted(|| compute(&entity));
                    let is_new = cached.view != view;
                    cached.view = view;
                    is_new
                }
                None => self.dropped.get(),
            };
            if is_new {
                changed.push(entity);
            }
        }
        self.touched.clear();
        self.marked = marked;
        self.emitted = RefCell::new(emitted);
        changed
    }

    fn counted(&self, compute: impl FnOnce() -> EntityView) -> EntityView {
        #[cfg(any(test, feature = "test-util"))]
        self.computed.set(self.computed.get() + 1);
        compute()
    }
}
