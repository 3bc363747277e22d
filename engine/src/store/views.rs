//! The views as they were last told, and the one place where a change becomes visible.
//!
//! Every call into the store ends in at most one commit: mutations whose effect has arrived leave the log, the touched
//! resources are folded again, and each key whose value is another one is told once. So no listener ever sees half of a
//! change, and equal data keep their pointer.

use std::rc::Rc;

use dashboard_protocol::Resource;

use super::rebase;
use super::resources::ResourceSet;
use super::{StoreOutput, Store};
use crate::http::ListName;
use crate::view::{
    ActivityView, DataStatus, DownloadsView, ErrorView, FavoritesView, FetchStatus, Key,
    MutationsView, OrdersView, QueryView, StatsView,
};

/// What a query shows beside its data.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Meta {
    pub(super) status: DataStatus,
    pub(super) fetch: FetchStatus,
    pub(super) error: Option<ErrorView>,
}

/// A view and what is shown beside it.
#[derive(Clone, Debug)]
struct Slot<T> {
    data: Option<Rc<T>>,
    meta: Meta,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            data: None,
            meta: Meta::default(),
        }
    }
}

impl<T: PartialEq> Slot<T> {
    /// Takes a newly folded value and what stands beside it; tells whether anything is different.
    fn set(&mut self, data: Option<T>, meta: Meta) -> bool {
        let same_data = self.data.as_deref() == data.as_ref();
        let changed = !same_data || self.meta != meta;
        if !same_data {
            self.data = data.map(Rc::new);
        }
        self.meta = meta;
        changed
    }

    fn set_meta(&mut self, meta: Meta) -> bool {
        let changed = self.meta != meta;
        self.meta = meta;
        changed
    }

    fn query(&self, proved_at_ms: Option<i64>) -> QueryView<T> {
        QueryView {
            data: self.data.clone(),
            status: self.meta.status,
            fetch: self.meta.fetch,
            error: self.meta.error.clone(),
            updated_at_ms: proved_at_ms,
        }
    }
}

/// All views as they were last told.
#[derive(Clone, Debug, Default)]
pub(super) struct Views {
    favorites: Slot<FavoritesView>,
    orders: Slot<OrdersView>,
    downloads: Slot<DownloadsView>,
    activity: Slot<ActivityView>,
    stats: Slot<StatsView>,
    mutations: Rc<MutationsView>,
    /// Resources that have to be folded again.
    pub(super) dirty: ResourceSet,
    /// Whether the list of mutations has to be made again.
    pub(super) log_dirty: bool,
    /// How often each resource was folded.
    rebases: [u64; 5],
}

impl Store {
    /// The favorites as they are to be shown.
    #[must_use]
    pub fn favorites(&self) -> QueryView<FavoritesView> {
        self.views
            .favorites
            .query(self.proved_at(Resource::Favorites))
    }

    /// The orders as they are to be shown.
    #[must_use]
    pub fn orders(&self) -> QueryView<OrdersView> {
        self.views.orders.query(self.proved_at(Resource::Orders))
    }

    /// The downloads as they are to be shown.
    #[must_use]
    pub fn downloads(&self) -> QueryView<DownloadsView> {
        self.views
            .downloads
            .query(self.proved_at(Resource::Downloads))
    }

    /// The activity as it is to be shown.
    #[must_use]
    pub fn activity(&self) -> QueryView<ActivityView> {
        self.views
            .activity
            .query(self.proved_at(Resource::Activity))
    }

    /// The statistics as they are to be shown.
    #[must_use]
    pub fn stats(&self) -> QueryView<StatsView> {
        self.views.stats.query(self.proved_at(Resource::Stats))
    }

    /// The user's changes that are not settled, and those that failed.
    #[must_use]
    pub fn mutations(&self) -> Rc<MutationsView> {
        Rc::clone(&self.views.mutations)
    }

    /// How often a resource's view was computed: only touched resources are folded again.
    #[must_use]
    pub const fn rebases(&self, resource: Resource) -> u64 {
        self.views.rebases[resource.index()]
    }

    /// Folds everything again although nothing happened.
    #[cfg(test)]
    pub(super) fn rebase_all_for_test(&mut self) {
        self.views.dirty = ResourceSet::of(&Resource::ALL);
        self.views.log_dirty = true;
        self.commit();
    }

    /// Folds a resource again although nothing happened.
    #[cfg(test)]
    pub(super) fn rebase_for_test(&mut self, resource: Resource) {
        self.views.dirty.insert(resource);
        self.commit();
    }

    const fn proved_at(&self, resource: Resource) -> Option<i64> {
        self.base.version_of_base(resource).proved_at_ms
    }

    /// Makes what has changed since the last commit visible, once and as a whole.
    pub(super) fn commit(&mut self) {
        self.retire();
        self.show();
    }

    /// Lets mutations go whose effect has arrived, and requests that have nothing left to learn.
    pub(super) fn retire(&mut self) {
        let reached = self.log.acknowledge(&self.base);
        self.views.dirty = self.views.dirty.and(reached);
        let needed = self.base.loaded().and(self.fetches.busy());
        for entry in self.log.drop_reflected(needed) {
            self.remember_saved(&entry);
            self.views.log_dirty = true;
        }
        self.release_resolved_batches();
        self.read_what_nobody_brings();
    }

    /// Tells each key whose value is another one.
    pub(super) fn show(&mut self) {
        let refolded = self.views.dirty;
        self.rebase();
        if self.views.log_dirty || refolded.has(Resource::Favorites) {
            self.notify_favorites();
        }
        if self.views.log_dirty {
            self.notify_mutations();
        }
        let applied = std::mem::take(&mut self.applied);
        self.outputs
            .extend(applied.into_iter().map(StoreOutput::Applied));
    }

    fn rebase(&mut self) {
        // The first three tell each mutation what it adds to the counters, so they come before the other two.
        for resource in Resource::ALL {
            let meta = self.meta(resource);
            let changed = if self.views.dirty.has(resource) {
                self.views.dirty.remove(resource);
                self.rebase_one(resource, meta)
            } else {
                self.views.set_meta(resource, meta)
            };
            if changed {
                self.outputs
                    .push_back(StoreOutput::Changed(Key::Resource(resource)));
            }
        }
    }

    fn rebase_one(&mut self, resource: Resource, meta: Meta) -> bool {
        let Self {
            base, log, views, ..
        } = self;
        views.rebases[resource.index()] += 1;
        if !base.version_of_base(resource).loaded {
            return views.set_meta(resource, meta);
        }
        let mut notes = Vec::new();
        let changed = match resource {
            Resource::Favorites => {
                let former = views.favorites.data.as_deref();
                let (mut view, learned) = rebase::favorites::fold(base, log, former);
                view.list.loading_older = self.fetches.is_reading(ListName::Favorites);
                notes = learned;
                views.favorites.set(Some(view), meta)
            }
            Resource::Orders => {
                let former = views.orders.data.as_deref();
                let (mut view, learned) = rebase::orders::fold(base, log, former);
                view.loading_older = self.fetches.is_reading(ListName::Orders);
                notes = learned;
                views.orders.set(Some(view), meta)
            }
            Resource::Downloads => {
                let former = views.downloads.data.as_deref();
                let (mut view, learned) = rebase::downloads::fold(base, log, former);
                view.loading_older = self.fetches.is_reading(ListName::Downloads);
                notes = learned;
                views.downloads.set(Some(view), meta)
            }
            Resource::Activity => {
                let former = views.activity.data.as_deref();
                let mut view = rebase::activity::fold(base, log, former);
                view.loading_older = self.fetches.is_reading(ListName::Activity);
                views.activity.set(Some(view), meta)
            }
            Resource::Stats => {
                let former = views.stats.data.as_deref();
                let view = rebase::stats::fold(base, log, former);
                views.stats.set(view, meta)
            }
        };
        if !notes.is_empty() {
            log.take_notes(&notes);
            views.dirty.insert(Resource::Activity);
            views.dirty.insert(Resource::Stats);
            views.log_dirty = true;
        }
        changed
    }

    /// Nothing is known any more. Whoever listens is told; favorites that were read are still listened to.
    pub(super) fn forget_views(&mut self) {
        let rebases = self.views.rebases;
        let notified = std::mem::take(&mut self.views);
        for resource in Resource::ALL {
            if notified.has_data(resource) {
                self.outputs
                    .push_back(StoreOutput::Changed(Key::Resource(resource)));
            }
        }
        if *notified.mutations != MutationsView::default() {
            self.outputs.push_back(StoreOutput::Changed(Key::Mutations));
        }
        self.favorite_states.touch_all();
        self.views.rebases = rebases;
        self.views.log_dirty = true;
    }

    fn notify_mutations(&mut self) {
        self.views.log_dirty = false;
        let undone = self.log.undone();
        let pending = self.log.iter();
        let view = MutationsView {
            pending: pending
                .map(|entry| entry.view(undone.contains(&entry.id)))
                .collect(),
            failures: self.failures.views(),
        };
        if *self.views.mutations != view {
            self.views.mutations = Rc::new(view);
            self.outputs.push_back(StoreOutput::Changed(Key::Mutations));
        }
    }
}

impl Views {
    /// How often something was folded tells no two stores apart from now on.
    #[cfg(test)]
    pub(super) const fn forget_past(&mut self) {
        self.rebases = [0; 5];
    }

    const fn has_data(&self, resource: Resource) -> bool {
        match resource {
            Resource::Favorites => self.favorites.data.is_some(),
            Resource::Orders => self.orders.data.is_some(),
            Resource::Downloads => self.downloads.data.is_some(),
            Resource::Activity => self.activity.data.is_some(),
            Resource::Stats => self.stats.data.is_some(),
        }
    }

    fn set_meta(&mut self, resource: Resource, meta: Meta) -> bool {
        match resource {
            Resource::Favorites => self.favorites.set_meta(meta),
            Resource::Orders => self.orders.set_meta(meta),
            Resource::Downloads => self.downloads.set_meta(meta),
            Resource::Activity => self.activity.set_meta(meta),
            Resource::Stats => self.stats.set_meta(meta),
        }
    }
}
