//! The dashboard's data as they are on screen, by name.

use sync_engine::schema::{EntityKey, MutationRef};
use sync_engine::store::Store;
use sync_engine::view::{Key, ListView, PagesView, PendingView, QueryView, ValueView};

use crate::{
    Activity, ActivityLog, Beat, Download, Downloads, Favorite, Favorites, Money, Order, Orders,
    PlaceOrder, Resource, Statistics, Stats,
};

/// The favorites as they are on screen.
pub type FavoritesView = ListView<Favorite>;
/// The orders as they are on screen.
pub type OrdersView = ListView<Order>;
/// The downloads as they are on screen.
pub type DownloadsView = ListView<Download>;
/// The activity as it is on screen.
pub type ActivityView = ListView<Activity>;
/// The statistics as they are on screen.
pub type StatsView = ValueView<Stats>;
/// The catalog as it is on screen.
pub type CatalogView = PagesView<Beat>;

/// The mark of one beat.
#[must_use]
pub fn favorite_of(beat_id: &str) -> EntityKey {
    EntityKey {
        resource: Resource::Favorites.into(),
        id: beat_id.into(),
    }
}

/// The key that changes when a resource does.
#[must_use]
pub fn key_of(resource: Resource) -> Key {
    Key::Resource(resource.into())
}

/// The key that changes when the mark of one beat does.
#[must_use]
pub fn favorite_key(beat_id: &str) -> Key {
    Key::Entity(Resource::Favorites.into(), beat_id.into())
}

/// The total that the server would accept for an order whose price changed.
#[must_use]
pub fn proposed_total(pending: &PendingView) -> Option<&Money> {
    let proposal: &MutationRef = pending.proposal.as_ref()?;
    Some(&proposal.downcast::<PlaceOrder>()?.expected_total)
}

/// Reads of a [`Store`], by the names of the dashboard's resources.
pub trait DashboardStore {
    /// The favorites.
    fn favorites(&self) -> QueryView<FavoritesView>;
    /// The orders.
    fn orders(&self) -> QueryView<OrdersView>;
    /// The downloads.
    fn downloads(&self) -> QueryView<DownloadsView>;
    /// The activity.
    fn activity(&self) -> QueryView<ActivityView>;
    /// The statistics.
    fn stats(&self) -> QueryView<StatsView>;
}

macro_rules! reads {
    ($of:ty) => {
        impl DashboardStore for $of {
            fn favorites(&self) -> QueryView<FavoritesView> {
                self.collection::<Favorites>()
            }

            fn orders(&self) -> QueryView<OrdersView> {
                self.collection::<Orders>()
            }

            fn downloads(&self) -> QueryView<DownloadsView> {
                self.collection::<Downloads>()
            }

            fn activity(&self) -> QueryView<ActivityView> {
                self.collection::<ActivityLog>()
            }

            fn stats(&self) -> QueryView<StatsView> {
                self.value::<Statistics>()
            }
        }
    };
}

reads!(Store);
reads!(sync_engine::Core);
