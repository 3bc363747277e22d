//! The whole dashboard at a glance.

use dashboard_engine::topics::Tab;
use dashboard_engine::view::{ActivityView, FavoritesView, StatsView};
use yew::prelude::*;

use super::queries;
use super::use_optimistic_updates::{UseOptimisticUpdatesHandle, use_optimistic_updates};
use super::use_query::{UseQueryHandle, use_query};
use super::use_realtime_connection::{UseRealtimeConnectionHandle, use_realtime_connection};
use super::use_tab_subscription::use_tab_subscription;

/// What [`use_dashboard`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseDashboardHandle {
    /// The statistics.
    pub stats: UseQueryHandle<StatsView>,
    /// The favorites.
    pub favorites: UseQueryHandle<FavoritesView>,
    /// What happened on the account.
    pub activity: UseQueryHandle<ActivityView>,
    /// The connection.
    pub connection: UseRealtimeConnectionHandle,
    /// The user's changes.
    pub updates: UseOptimisticUpdatesHandle,
}

/// Everything that an overview needs, in one call: statistics, favorites, activity, connection and changes. Renders when
/// any of them changed; a component that shows one alone is better served by that one's hook.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
#[hook]
pub fn use_dashboard() -> UseDashboardHandle {
    use_tab_subscription(Tab::Overview);
    UseDashboardHandle {
        stats: use_query(queries::Statistics),
        favorites: use_query(queries::Favorites),
        activity: use_query(queries::ActivityLog),
        connection: use_realtime_connection(),
        updates: use_optimistic_updates(),
    }
}
