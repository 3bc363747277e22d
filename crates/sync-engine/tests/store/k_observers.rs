//! What observers are told, and what it costs.

use std::rc::Rc;

use dashboard_protocol::{Order, OrderStatus, Resource};

use super::bench::{Bench, START_MS, cancel_order, like};
use crate::http::ListName;
use crate::time::Now;
use crate::view::Key;

#[test]
fn k1_what_is_read_after_a_commit_is_the_commit() {
    let mut bench = Bench::loaded();
    let events = bench.server.elsewhere(like("b3"));
    bench.store.handle_events(bench.now, events);
    // Before any output was taken.
    assert!(bench.favorite("b3"));
    assert_eq!(bench.favorites().len(), 3);
}

#[test]
fn k2_one_commit_tells_each_touched_key_once_and_no_other() {
    let mut bench = Bench::loaded();
    for beat in ["b1", "b2", "b3", "b4"] {
        bench.favorite(beat);
    }
    let events = bench.server.elsewhere(like("b3"));
    bench.store.handle_events(bench.now, events);
    bench.collect();
    assert_eq!(
        bench.notified(),
        [
            Key::Resource(Resource::Favorites),
            Key::Resource(Resource::Activity),
            Key::Resource(Resource::Stats),
            Key::Favorite("b3".into()),
        ]
    );
}

#[test]
fn k3_equal_data_again_keep_their_pointer_and_tell_nothing() {
    let mut bench = Bench::loaded();
    let before = bench.store.favorites().data.unwrap();
    let row = Rc::clone(&before.list.rows[1].item);
    // The whole answer once more, not a 304.
    let request = dashboard_protocol::SnapshotRequest {
        resources: Resource::ALL.map(|resource| (resource, None)).to_vec(),
        limit: Some(5),
        ..Default::default()
    };
    bench.store.poll(bench.now, &Resource::ALL);
    bench.collect();
    let (call, _) = bench.calls.pop_front().unwrap();
    let whole = bench.server.snapshot(&request);
    bench.notified();
    bench.reply(call, crate::http::HttpReply::Snapshot(whole));
    assert_eq!(bench.notified(), []);
    assert!(Rc::ptr_eq(&before, &bench.store.favorites().data.unwrap()));
    let events = bench.server.elsewhere(like("b3"));
    bench.store.handle_events(bench.now, events);
    let after = bench.store.favorites().data.unwrap();
    assert!(
        Rc::ptr_eq(&row, &after.list.rows[2].item),
        "rows that did not change keep theirs"
    );
}

#[test]
fn k4_a_mutation_made_while_outputs_are_taken_is_the_next_commit() {
    let mut bench = Bench::loaded();
    let events = bench.server.elsewhere(like("b3"));
    bench.store.handle_events(bench.now, events);
    let first = bench.store.poll_output();
    assert!(first.is_some());
    bench.set("b4", true);
    assert!(bench.favorite("b3") && bench.favorite("b4"));
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn k5_a_mutation_goes_on_when_nobody_looks() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.notified();
    bench.drain();
    assert_eq!(bench.server.favorites.len(), 3);
    assert_eq!(
        bench.store.next_deadline(),
        None,
        "and leaves no timer behind"
    );
}

#[test]
fn k7_nothing_with_a_pending_mutation_is_let_go() {
    let mut bench = Bench::loaded();
    bench.store.set_paused(bench.now, true);
    bench.set("b3", true);
    bench.advance(7 * 24 * 3_600_000);
    assert!(bench.favorite("b3"));
    assert_eq!(bench.pending(), 1);
    bench.store.set_paused(bench.now, false);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn k8_deadlines_that_passed_while_the_timer_slept_are_met_at_once() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.now = bench.now.after(3_600_000);
    bench.store.handle_timeout(bench.now);
    bench.collect();
    assert!(bench.cancelled.contains(&call));
    assert!(bench.favorite("b3"));
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn k9_a_commit_on_ten_thousand_rows_refolds_only_what_it_touches() {
    let mut bench = Bench::with_page_of(200);
    bench.seed();
    let row = bench.server.orders[0].clone();
    let rows = (0..10_000).map(|number| Order {
        id: format!("row-{number}"),
        ..row.clone()
    });
    bench.server.orders = rows.collect();
    bench.server.stats = bench.server.compute();
    bench.load(&Resource::ALL);
    for _ in 0..49 {
        bench.store.load_older(bench.now, ListName::Orders);
        bench.collect();
        bench.answer_all();
    }
    assert_eq!(bench.store.orders().data.unwrap().rows.len(), 10_000);
    let favorite_states = (0..50).map(|number| like(&format!("m{number}")));
    let orders = (0..50).map(|number| cancel_order(&format!("row-{}", number * 200)));
    bench.batch(favorite_states.chain(orders).collect(), false);
    assert_eq!(bench.pending(), 100);
    let before = Resource::ALL.map(|resource| bench.store.rebases(resource));
    let events = bench.server.set_order("row-5001", OrderStatus::Processing);
    bench.store.handle_events(bench.now, events);
    let rebased = Resource::ALL.map(|resource| bench.store.rebases(resource));
    let times = rebased
        .iter()
        .zip(before)
        .map(|(after, before)| after - before);
    assert_eq!(times.collect::<Vec<_>>(), [0, 1, 0, 0, 0]);
    assert_eq!(
        bench.store.orders().data.unwrap().rows[5001].item.status,
        OrderStatus::Processing
    );
}

#[test]
fn k10_the_same_calls_give_the_same_outputs() {
    let story = || {
        let mut bench = Bench::loaded();
        bench.set("b3", true);
        bench.advance(150);
        let (call, _) = bench.mutation_calls().remove(0);
        bench.fail(call, crate::http::HttpFailure::Network);
        let deadline = bench.store.next_deadline();
        bench.drain();
        (deadline, bench.now, format!("{:?}", bench.notified()))
    };
    assert_eq!(story(), story());
    assert_ne!(
        story().1,
        Now {
            mono_ms: 0,
            wall_ms: START_MS
        }
    );
}

#[test]
fn k2_a_favorite_is_told_however_many_were_looked_at_before_and_after_it() {
    let mut bench = Bench::loaded();
    for number in 0..25_001 {
        bench.favorite(&format!("m{number}"));
    }
    for beat in ["m0", "m10000", "m25000"] {
        bench.notified();
        bench.set(beat, true);
        assert!(bench.notified().contains(&Key::Favorite(beat.into())), "{beat}");
        assert!(bench.favorite(beat));
    }
    // Also by another device, and when the server refuses.
    let events = bench.server.elsewhere(like("m1"));
    bench.notified();
    bench.store.handle_events(bench.now, events);
    bench.collect();
    assert!(bench.notified().contains(&Key::Favorite("m1".into())));
    bench.server.elsewhere(like("m2"));
    bench.load(&[Resource::Activity]);
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.collect();
    bench.notified();
    bench.answer_all();
    assert!(bench.notified().contains(&Key::Favorite("m2".into())));
}

#[test]
fn k9_a_click_among_a_thousand_favorites_computes_only_those_concerned() {
    let mut bench = Bench::loaded();
    for number in 0..1000 {
        bench.favorite(&format!("m{number}"));
    }
    let before = bench.store.favorite_states.computed.get();
    bench.set("m500", true);
    bench.drain();
    let events = bench.server.elsewhere(like("m501"));
    bench.store.handle_events(bench.now, events);
    let computed = bench.store.favorite_states.computed.get() - before;
    assert!(computed < 30, "{computed} hearts");
    assert!(bench.favorite("m500") && bench.favorite("m501"));
}
