//! Counters and latencies.

use std::rc::Rc;

use sync_engine::metrics::MetricsView;
use sync_engine::view::Key;
use yew::prelude::*;

use super::use_view::use_view;
use crate::provider::use_sync;

/// Counts of received, applied, lost and refetched events, and latencies. Renders at most twice a second.
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_metrics() -> Rc<MetricsView> {
    let client = use_sync();
    use_view(&client, Key::Metrics, |core| core.metrics())
}
