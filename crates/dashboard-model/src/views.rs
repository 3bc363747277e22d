//! Names for the dashboard's data as shown on screen.

use sync_engine::schema::{EntityKey, MutationRef};
use sync_engine::store::Store;
use sync_engine::view::{Key, ListView, PagesView, PendingView, QueryView, ValueView};

use crate::{
    Activity, ActivityLog, Beat, Download, Downloads, Favorite, Favorites, Money, Order, Orders,
    PlaceOrder, Resource, Statistics, Stats,
};

/// The favorites as shown.
pub type FavoritesView = ListView<Favorite>;
/// The orders as shown.
pub type OrdersView = ListView<Order>;
/// The downloads as shown.
pub type DownloadsView = ListView<Download>;
/// The activity as shown.
pub type ActivityView = ListView<Activity>;
/// The statistics as shown.
pub type StatsView = ValueView<Stats>;
/// The catalog as shown.
pub type CatalogView = PagesView<Beat>;

/// Whether one beat is a favorite.
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

/// The key that changes when one beat becomes a favorite or stops being one.
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

/// Reads from a [`Store`], by the names of the dashboard's resources.
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
