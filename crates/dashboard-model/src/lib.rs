//! The data of the music store's dashboard: five resources, five mutations and the catalog, each defined once.
//!
//! Each module defines one part: its rows on the wire, its changes, its mutations, and their predictions. [`schema`]
//! registers them for the client; the server uses the same types.
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

use sync_engine::schema::Schema;

pub use activity::{Activity, ActivityChange, ActivityKind, ActivityLog};
pub use beat::{Beat, License, Money, Prices, SeenBeats};
pub use catalog::{BeatUpdate, Catalog, CatalogUpdates};
pub use change::{Change, Event, MutationReply, MutationResult};
pub use downloads::{
    CancelDownload, Download, DownloadChange, DownloadFormat, DownloadStatus, Downloads,
    RequestDownload,
};
pub use favorites::{Favorite, FavoriteChange, Favorites, RemovedFavorite, SetFavorite};
pub use mutation::MutationBody;
pub use orders::{
    CancelOrder, Order, OrderChange, OrderLine, OrderLineInput, OrderStatus, Orders, PlaceOrder,
};
pub use resource::Resource;
pub use session::SignIn;
pub use snapshot::{SnapshotReply, SnapshotResources};
pub use stats::{Quota, Statistics, Stats, StatsChange, StatsMonth, TrendDay};

/// The prefix of the names of personal channels.
pub const NAMESPACE: &str = "dashboard";

/// The schema of the store's data. Resources are in the order of [`Resource::ALL`].
#[must_use]
pub fn schema() -> Schema {
    Schema::new(NAMESPACE)
        .collection::<Favorites>()
        .collection::<Orders>()
        .collection::<Downloads>()
        .collection::<ActivityLog>()
        .value::<Statistics>()
        .mutation::<SetFavorite>()
        .mutation::<PlaceOrder>()
        .mutation::<CancelOrder>()
        .mutation::<RequestDownload>()
        .mutation::<CancelDownload>()
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
