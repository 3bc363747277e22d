//! The cost of one event in a large store: 10,000 orders, 100 of them with a pending mutation.
//!
//! `cargo bench -p sync-engine`. The count gates, asserted here and in the store's tests: the event rebases its own
//! resource once and no other. Times are reported.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use dashboard_model::views::DashboardStore;
use dashboard_model::{
    CancelOrder, Change, Event, Order, OrderStatus, Resource, SnapshotReply, SnapshotResources,
    change, snapshot,
};
use sync_engine::http::HttpReply;
use sync_engine::schema::{MutationRef, NewMutation};
use sync_engine::settings::Settings;
use sync_engine::store::{Store, StoreOutput};
use sync_engine::time::Now;
use sync_protocol::{ListSnapshot, Timestamp};

/// Rows of the list that the event belongs to.
const ROWS: usize = 10_000;
/// Pending mutations.
const PENDING: usize = 100;
/// An order without a mutation: one that has some takes its activity and the counters with it.
const UNTOUCHED: usize = ROWS / 2 + 1;
/// 2026-11-28T10:00:00Z
const START_MS: i64 = 1_795_860_000_000;

fn now() -> Now {
    Now {
        mono_ms: 1_000_000,
        wall_ms: START_MS,
    }
}

fn order(number: usize, status: OrderStatus) -> Order {
    let age_ms = i64::try_from(number).unwrap_or(i64::MAX);
    Order {
        id: format!("order-{number}"),
        number: format!("BL-{number}"),
        status,
        created_at: Timestamp::from_unix_ms(START_MS - age_ms),
        updated_at: Timestamp::from_unix_ms(START_MS - age_ms),
        ..Order::default()
    }
}

/// A store with all rows read and the mutations asked for.
fn store(pending: usize) -> Store {
    let schema = Rc::new(dashboard_model::schema());
    let mut store = Store::new(&schema, &Settings::default(), 7);
    store.sign_in(now(), "ada");
    store.fetch(now(), Resource::Orders.into());
    let mut outputs = std::iter::from_fn(|| store.poll_output());
    let call = outputs.find_map(|output| match output {
        StoreOutput::Http { id, .. } => Some(id),
        _ => None,
    });
    let orders = (0..ROWS).map(|number| order(number, OrderStatus::Pending));
    let reply = SnapshotReply {
        epoch: "E1".to_owned(),
        version: 1,
        resources: SnapshotResources {
            orders: Some(ListSnapshot {
                version: 1,
                items: orders.collect(),
                next_cursor: None,
                ids: None,
            }),
            ..SnapshotResources::default()
        },
        ..SnapshotReply::default()
    };
    let call = call.expect("the store asks for the orders");
    let reply = HttpReply::Snapshot(Some(Box::new(snapshot::decoded(reply))));
    store.handle_http(now(), call, Ok(reply));
    let mutations = (0..pending).map(|number| {
        let cancel = CancelOrder {
            order_id: format!("order-{}", number * (ROWS / PENDING)),
        };
        let id = format!("mutation-{number}");
        NewMutation::new(id.as_str(), MutationRef::new(cancel))
    });
    store.mutate(now(), mutations.collect(), false);
    while store.poll_output().is_some() {}
    let rows = store.orders().data.map_or(0, |view| view.rows.len());
    assert_eq!(rows, ROWS, "all rows are shown");
    assert_eq!(store.mutations().pending.len(), pending);
    store
}

fn event() -> sync_engine::event::Event {
    change::decoded(&Event {
        epoch: "E1".to_owned(),
        resource: Resource::Orders,
        version: 2,
        prev: 1,
        resources: vec![Resource::Orders],
        mutations: Vec::new(),
        at: Timestamp::from_unix_ms(START_MS),
        changes: vec![Change::order_updated(order(UNTOUCHED, OrderStatus::Paid))],
    })
}

/// Applies the event. Only its own resource is rebased.
fn apply(store: &mut Store) {
    let before = Resource::ALL.map(|resource| store.rebases(resource.into()));
    store.handle_events(now(), vec![event()]);
    for (resource, before) in Resource::ALL.into_iter().zip(before) {
        let wanted = u64::from(resource == Resource::Orders);
        assert_eq!(
            store.rebases(resource.into()) - before,
            wanted,
            "{resource}"
        );
    }
}

fn rebase(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one event over 10,000 orders");
    for pending in [0, PENDING] {
        group.bench_function(format!("with {pending} pending mutations"), |bencher| {
            bencher.iter_batched_ref(
                || store(pending),
                |store| apply(black_box(store)),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = rebase
}
criterion_main!(benches);
