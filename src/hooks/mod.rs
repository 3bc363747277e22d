//! One hook a file, each named after the question it answers.
//!
//! A hook holds what it needs while its component is mounted, and renders the component only when its own slice changed.
//! It returns a small handle that can be cloned, compared, and used from a callback. Without its provider it panics with
//! the sentence that says which one to add.

pub mod queries;
mod use_begins_above;
mod use_clock;
mod use_dashboard;
mod use_dashboard_tabs;
mod use_demo_server;
mod use_engine_clock;
mod use_event_batch;
mod use_subscription_guard;
mod use_optimistic_download;
mod use_optimistic_favorite;
mod use_optimistic_order;
mod use_optimistic_updates;
mod use_query;
mod use_query_client;
mod use_realtime_connection;
mod use_realtime_metrics;
mod use_realtime_subscription;
mod use_redraw;
mod use_subscription_list;
mod use_tab_subscription;
mod use_ticks;
mod use_updates_of;
mod use_view;

pub use crate::contexts::{use_realtime, use_session};
pub use queries::Query;
pub use use_begins_above::use_begins_above;
pub use use_clock::use_clock;
pub use use_dashboard::{UseDashboardHandle, use_dashboard};
pub use use_dashboard_tabs::{TabLink, UseDashboardTabsHandle, use_dashboard_tabs};
pub use use_demo_server::{DemoAnswer, UseDemoServerHandle, use_demo_server};
pub use use_engine_clock::use_engine_clock;
pub use use_event_batch::{EventBatch, UseEventBatchOptions, use_event_batch};
pub use use_optimistic_download::{UseOptimisticDownloadHandle, use_optimistic_download};
pub use use_optimistic_favorite::{UseOptimisticFavoriteHandle, use_optimistic_favorite};
pub use use_optimistic_order::{UseOptimisticOrderHandle, use_optimistic_order};
pub use use_optimistic_updates::{
    UseOptimisticUpdatesHandle, RequestedChange, use_optimistic_updates,
};
pub use use_query::{UseQueryHandle, use_query};
pub use use_query_client::{UseQueryClientHandle, use_query_client};
pub use use_realtime_connection::{UseRealtimeConnectionHandle, use_realtime_connection};
pub use use_realtime_metrics::use_realtime_metrics;
pub use use_realtime_subscription::use_realtime_subscription;
pub use use_subscription_list::use_subscription_list;
pub use use_tab_subscription::use_tab_subscription;
