//! The whole dashboard at a glance.

use crate::pages::Tab;
use dashboard_model::views::ActivityView;
use dashboard_model::views::FavoritesView;
use dashboard_model::views::StatsView;
use dashboard_model::{ActivityLog, Favorites, Statistics};
use yew::prelude::*;

use super::{
    UseOptimisticUpdatesHandle, UseQueryHandle, UseRealtimeConnectionHandle, use_collection,
    use_optimistic_updates, use_realtime_connection, use_tab_subscription, use_value,
};

/// The handle of [`use_dashboard`].
#[derive(Clone, Debug, PartialEq)]
pub struct UseDashboardHandle {
    /// The statistics.
    pub stats: UseQueryHandle<StatsView>,
    /// The favorites.
    pub favorites: UseQueryHandle<FavoritesView>,
    /// The account's activity.
    pub activity: UseQueryHandle<ActivityView>,
    /// The connection.
    pub connection: UseRealtimeConnectionHandle,
    /// The user's mutations.
    pub updates: UseOptimisticUpdatesHandle,
}

/// The data of an overview, in one call: statistics, favorites, activity, connection and mutations. Renders when any of
/// them changed; a component that shows only one should use the hook for that one.
///
/// # Panics
/// There is no `RealtimeProvider` above the component.
#[hook]
pub fn use_dashboard() -> UseDashboardHandle {
    use_tab_subscription(Tab::Overview);
    UseDashboardHandle {
        stats: use_value::<Statistics>(),
        favorites: use_collection::<Favorites>(),
        activity: use_collection::<ActivityLog>(),
        connection: use_realtime_connection(),
        updates: use_optimistic_updates(),
    }
}
