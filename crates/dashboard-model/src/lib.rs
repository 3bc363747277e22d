//! The data of the music store's dashboard: five resources, five mutations and the catalog, each defined once.
//!
//! Each module defines one part: its rows on the wire, its changes, its mutations, and their predictions. The lists in
//! this file name all of them. [`schema`] registers them for the client; the server uses the same types.
//!
//! Unknown fields are ignored, unknown names become `Unknown`.

pub mod activity;
pub mod beat;
pub mod catalog;
pub mod change;
pub mod demo;
pub mod downloads;
pub mod favorites;
pub mod limits;
pub mod mutation;
pub mod orders;
pub mod resource;
pub mod session;
pub mod snapshot;
pub mod stats;
pub mod views;

use serde::{Deserialize, Serialize};
use sync_engine::schema::{
    Mutation, MutationRef, ResourceId, ResourceSet, ResourceSnapshot, Schema,
};
use sync_protocol::{Json, ListSnapshot, TypedChange, ValueSnapshot};

pub use activity::{Activity, ActivityChange, ActivityKind, ActivityLog};
pub use beat::{Beat, License, Money, Prices, SeenBeats};
pub use catalog::{BeatUpdate, Catalog, CatalogUpdates};
pub use change::{Event, MutationReply, MutationResult};
pub use downloads::{
    CancelDownload, Download, DownloadChange, DownloadFormat, DownloadStatus, Downloads,
    RequestDownload,
};
pub use favorites::{Favorite, FavoriteChange, Favorites, RemovedFavorite, SetFavorite};
pub use orders::{
    CancelOrder, Order, OrderChange, OrderLine, OrderLineInput, OrderStatus, Orders, PlaceOrder,
};
pub use session::SignIn;
pub use snapshot::SnapshotReply;
pub use stats::{Quota, Statistics, Stats, StatsChange, StatsMonth, TrendDay};

use mutation::mutations;
use resource::{kinds, resources};
use snapshot::SnapshotPart;

/// The prefix of the names of personal channels.
pub const NAMESPACE: &str = "dashboard";

resources! {
    /// The user's favorites, newest first.
    favorites: Favorites, collection::<Favorites>, ListSnapshot<Favorite>, Favorite(FavoriteChange);
    /// The user's orders, newest first.
    orders: Orders, collection::<Orders>, ListSnapshot<Order>, Order(OrderChange);
    /// The user's downloads, newest first.
    downloads: Downloads, collection::<Downloads>, ListSnapshot<Download>, Download(DownloadChange);
    /// The account's activity, newest first.
    activity: Activity, collection::<ActivityLog>, ListSnapshot<Activity>, Activity(ActivityChange);
    /// Counters and the trend of the last 30 days.
    stats: Stats, value::<Statistics>, ValueSnapshot<Stats>, Stats(StatsChange);
}

/// The types of changes on the wire.
pub mod kind {
    use super::{Resource, ResourceSet, kinds};

    kinds! {
        /// A favorite was added.
        FAVORITE_ADDED = "favorite_added", of Favorites;
        /// A favorite was removed.
        FAVORITE_REMOVED = "favorite_removed", of Favorites;
        /// An order was placed.
        ORDER_CREATED = "order_created", of Orders;
        /// An order's status changed.
        ORDER_UPDATED = "order_updated", of Orders;
        /// A download was requested.
        DOWNLOAD_REQUESTED = "download_requested", of Downloads;
        /// A download has progressed.
        DOWNLOAD_PROGRESS = "download_progress", of Downloads;
        /// A download is ready.
        DOWNLOAD_COMPLETED = "download_completed", of Downloads;
        /// A download failed.
        DOWNLOAD_FAILED = "download_failed", of Downloads;
        /// A download was cancelled.
        DOWNLOAD_CANCELLED = "download_cancelled", of Downloads;
        /// An activity row was added.
        ACTIVITY_LOGGED = "activity_logged", of Activity;
        /// The statistics changed.
        STATS_UPDATED = "stats_updated", of Stats;
    }

    /// The resources whose events carry changes of these kinds.
    #[must_use]
    pub fn resources(kinds: &[&str]) -> ResourceSet {
        kinds.iter().filter_map(|kind| resource(kind)).collect()
    }
}

mutations! {
    /// Add or remove a favorite.
    SetFavorite,
    /// Place an order.
    PlaceOrder,
    /// Cancel an order.
    CancelOrder,
    /// Request a file of a beat.
    RequestDownload,
    /// Cancel a download.
    CancelDownload,
}

/// The schema of the store's data. Resources are in the order of [`Resource::ALL`].
#[must_use]
pub fn schema() -> Schema {
    with_mutations(with_resources(Schema::new(NAMESPACE)))
        .query::<Catalog>()
        .feed::<CatalogUpdates>()
        .patch::<Favorites, CatalogUpdates>(favorites::updated)
        .patch_query::<Catalog, CatalogUpdates>(catalog::updated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_registered_in_their_order() {
        let schema = schema();
        for resource in Resource::ALL {
            assert_eq!(
                schema.resource_named(resource.as_str()),
                Some(resource.into())
            );
        }
        assert_eq!(schema.resource_count(), Resource::ALL.len());
    }
}
