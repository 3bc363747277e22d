//! Counters and latencies.

use std::rc::Rc;

use dashboard_engine::metrics::MetricsView;
use dashboard_engine::view::Key;
use yew::prelude::*;

use super::use_view::use_view;
use crate::contexts::use_realtime;

/// What was received, applied, lost and fetched again, and how long it took. Renders at most twice a second.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
#[hook]
pub fn use_realtime_metrics() -> Rc<MetricsView> {
    let realtime = use_realtime();
    use_view(&realtime, Key::Metrics, |core| core.metrics())
}
