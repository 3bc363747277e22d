//! What may be read of the engine, at any time.

use std::rc::Rc;

use dashboard_protocol::{Beat, Download, DownloadFormat, Resource, User, OrderLineInput};

use super::Core;
use crate::metrics::MetricsView;
use crate::status::ConnectionView;
use crate::store::Export;
use crate::time::Now;
use crate::view::{
    ActivityView, CatalogView, DownloadsView, FavoriteView, FavoritesView, MutationsView,
    OrdersView, QueryView, StatsView, SubscriptionView,
};

impl Core {
    /// Who is signed in.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// What is known about the connection.
    #[must_use]
    pub fn connection(&self) -> Rc<ConnectionView> {
        self.status.view()
    }

    /// The favorites.
    #[must_use]
    pub fn favorites(&self) -> QueryView<FavoritesView> {
        self.store.favorites()
    }

    /// The orders.
    #[must_use]
    pub fn orders(&self) -> QueryView<OrdersView> {
        self.store.orders()
    }

    /// The downloads.
    #[must_use]
    pub fn downloads(&self) -> QueryView<DownloadsView> {
        self.store.downloads()
    }

    /// What happened on the account.
    #[must_use]
    pub fn activity(&self) -> QueryView<ActivityView> {
        self.store.activity()
    }

    /// The statistics.
    #[must_use]
    pub fn stats(&self) -> QueryView<StatsView> {
        self.store.stats()
    }

    /// The catalog under a search text.
    #[must_use]
    pub fn catalog(&self, query: &str) -> QueryView<CatalogView> {
        self.catalog.view(query)
    }

    /// A beat, if the catalog has read it.
    #[must_use]
    pub fn beat(&self, id: &str) -> Option<Rc<Beat>> {
        self.catalog.beat(id)
    }

    /// The favorite of a beat.
    #[must_use]
    pub fn favorite(&self, beat_id: &str) -> FavoriteView {
        self.store.favorite(beat_id)
    }

    /// The user's changes that are not settled, and those that failed.
    #[must_use]
    pub fn mutations(&self) -> Rc<MutationsView> {
        self.store.mutations()
    }

    /// The id of the order of these lines that was placed within the last half second, if one was: ordering them again
    /// now is the second half of a double click, and leads to it.
    #[must_use]
    pub fn order_just_placed(&self, now: Now, lines: &[OrderLineInput]) -> Option<&str> {
        self.store.order_just_placed(now, lines)
    }

    /// The download of a beat in a format that is being made, if one is: asking again leads to it.
    #[must_use]
    pub fn download_in_progress(
        &self,
        beat_id: &str,
        format: DownloadFormat,
    ) -> Option<Rc<Download>> {
        self.store.download_in_progress(beat_id, format)
    }

    /// The epoch of the data that are known, and the version of a resource in it; `None` before it was read in this
    /// epoch. For reports and for tests that compare with the server.
    #[must_use]
    pub fn known(&self, resource: Resource) -> Option<(Rc<str>, u64)> {
        self.store.epoch().zip(self.store.version_of(resource))
    }

    /// The data that are known and the changes on top, so that a strange screen can be replayed elsewhere by
    /// [`Store::import`](crate::store::Store::import).
    #[must_use]
    pub fn export(&self) -> Export {
        self.store.export()
    }

    /// Counters and latencies.
    #[must_use]
    pub fn metrics(&self) -> Rc<MetricsView> {
        self.metrics.view()
    }

    /// The streams that are joined, or were, with their places; told with [`crate::view::Key::Metrics`].
    #[must_use]
    pub fn subscriptions(&self) -> Vec<SubscriptionView> {
        self.connection.subscriptions()
    }
}
