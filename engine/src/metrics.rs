//! Counters and latencies.

/// What `use_realtime_metrics` shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricsView {}
