//! Counters and latencies as tables.

use sync_engine::metrics::{Counter, Latency, MetricsView};
use yew::prelude::*;

use crate::components::{DataRow, DataTable, panel};
use crate::format;
use crate::hooks::use_realtime_metrics;
use crate::text::demo;

/// Shows the counters.
#[component]
pub(super) fn Counters() -> Html {
    let rows = counts(&use_realtime_metrics());
    numbers("demo-counters", demo::COUNTERS, demo::COUNTER_COLUMNS, rows)
}

fn counts(metrics: &MetricsView) -> Vec<DataRow> {
    let counters = Counter::ALL.iter().map(|counter| {
        (
            counter.as_str().replace('_', " "),
            metrics.counts.of(*counter),
        )
    });
    let queue = [metrics.queue_depth, metrics.queue_depth_max].map(|depth| depth as u64);
    let queue = demo::QUEUE.map(str::to_owned).into_iter().zip(queue);
    let rollbacks = metrics
        .rollbacks
        .iter()
        .map(|(cause, count)| ([demo::ROLLED_BACK, cause].concat(), *count));
    let rows = counters.chain(queue).chain(rollbacks);
    rows.map(|(name, count)| row(name, &[count])).collect()
}

/// Shows the latencies.
#[component]
pub(super) fn Latencies() -> Html {
    let metrics = use_realtime_metrics();
    let latencies = [metrics.rtt, metrics.event_to_apply, metrics.event_to_paint];
    let rows = demo::LATENCY_NAMES
        .into_iter()
        .zip(latencies)
        .map(|(name, latency)| {
            let Latency {
                count,
                p50_ms,
                p95_ms,
                p99_ms,
                max_ms,
            } = latency;
            row(name.to_owned(), &[count, p50_ms, p95_ms, p99_ms, max_ms])
        });
    let rows = rows.collect();
    numbers(
        "demo-latencies",
        demo::LATENCIES,
        demo::LATENCY_COLUMNS,
        rows,
    )
}

fn numbers(
    id: &'static str,
    label: &'static str,
    columns: &'static [&'static str],
    rows: Vec<DataRow>,
) -> Html {
    let table = html! { <DataTable {label} {columns} {rows} numbers=true /> };
    panel(id, label, Html::default(), table)
}

fn row(name: String, numbers: &[u64]) -> DataRow {
    let id = AttrValue::from(name);
    let mut cells = vec![html! { { &id } }];
    cells.extend(
        numbers
            .iter()
            .map(|number| html! { { format::integer(*number) } }),
    );
    DataRow { id, cells }
}
