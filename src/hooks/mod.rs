//! The hooks, one per file, each named after its question; those of `sync-yew` under the names they have here.
//!
//! A hook keeps its subscriptions while its component is mounted, and renders the component only when its own slice
//! changed. It returns a small handle that is `Clone` and `PartialEq`, for use in callbacks. Without its provider it
//! panics with a message that names the provider to add.

mod use_dashboard;
mod use_dashboard_tabs;
mod use_demo_server;
mod use_optimistic_download;
mod use_optimistic_favorite;
mod use_optimistic_order;
mod use_realtime_subscription;
mod use_slide;
mod use_tab_subscription;

pub use sync_yew::{
    EventBatch, UseConnectionHandle as UseRealtimeConnectionHandle, UseEventBatchOptions,
    UseMutationsHandle as UseOptimisticUpdatesHandle, UseQueryClientHandle, UseQueryHandle,
    use_clock, use_collection, use_connection as use_realtime_connection, use_engine_clock,
    use_event_batch, use_metrics as use_realtime_metrics, use_mutations as use_optimistic_updates,
    use_pages, use_query, use_query_client, use_server_clock,
    use_subscriptions as use_subscription_list, use_sync as use_realtime, use_value,
};

pub use crate::contexts::use_session;
pub use use_dashboard::{UseDashboardHandle, use_dashboard};
pub use use_dashboard_tabs::{TabLink, UseDashboardTabsHandle, use_dashboard_tabs};
pub use use_demo_server::{DemoAnswer, UseDemoServerHandle, use_demo_server};
pub use use_optimistic_download::{UseOptimisticDownloadHandle, use_optimistic_download};
pub use use_optimistic_favorite::{UseOptimisticFavoriteHandle, use_optimistic_favorite};
pub use use_optimistic_order::{UseOptimisticOrderHandle, use_optimistic_order};
pub use use_realtime_subscription::use_realtime_subscription;
pub use use_slide::use_slide;
pub use use_tab_subscription::use_tab_subscription;
