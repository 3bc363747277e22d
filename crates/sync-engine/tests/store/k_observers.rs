//! What the store emits, and what that costs.

use std::rc::Rc;

use dashboard_model::views::{DashboardStore, favorite_key, key_of};
use dashboard_model::{Order, OrderStatus, Resource};
use sync_engine::http::{HttpFailure, HttpReply, SnapshotRequest};
use sync_engine::time::Now;

use crate::fixture::{Fixture, START_MS, all, cancel_order, like};

#[test]
fn k1_a_read_after_a_commit_shows_the_commit() {
    let mut fixture = Fixture::loaded();
    let events = fixture.server.elsewhere(like("b3"));
    fixture.receive(&events);
    // Before any output was taken.
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.favorites().len(), 3);
}

#[test]
fn k2_one_commit_emits_each_changed_key_once_and_no_other() {
    let mut fixture = Fixture::loaded();
    for beat in ["b1", "b2", "b3", "b4"] {
        fixture.favorite(beat);
    }
    let events = fixture.server.elsewhere(like("b3"));
    fixture.receive(&events);
    fixture.collect();
    assert_eq!(
        fixture.notified(),
        [
            key_of(Resource::Favorites),
            key_of(Resource::Activity),
            key_of(Resource::Stats),
            favorite_key("b3"),
        ]
    );
}

#[test]
fn k3_equal_data_keep_their_pointer_and_emit_nothing() {
    let mut fixture = Fixture::loaded();
    let before = fixture.store.favorites().data.unwrap();
    let row = Rc::clone(&before.rows[1].item);
    // The whole answer once more, not a 304.
    let request = SnapshotRequest {
        resources: all().iter().map(|resource| (resource, None)).collect(),
        limit: Some(5),
        ..SnapshotRequest::default()
    };
    fixture.store.poll(fixture.now, all());
    fixture.collect();
    let (call, _) = fixture.calls.pop_front().unwrap();
    let whole = fixture.server.snapshot(&request);
    fixture.notified();
    fixture.reply(call, HttpReply::Snapshot(whole));
    assert_eq!(fixture.notified(), []);
    assert!(Rc::ptr_eq(
        &before,
        &fixture.store.favorites().data.unwrap()
    ));
    let events = fixture.server.elsewhere(like("b3"));
    fixture.receive(&events);
    let after = fixture.store.favorites().data.unwrap();
    assert!(
        Rc::ptr_eq(&row, &after.rows[2].item),
        "rows that did not change keep theirs"
    );
}

#[test]
fn k4_a_mutation_made_while_outputs_are_taken_is_the_next_commit() {
    let mut fixture = Fixture::loaded();
    let events = fixture.server.elsewhere(like("b3"));
    fixture.receive(&events);
    let first = fixture.store.poll_output();
    assert!(first.is_some());
    fixture.set("b4", true);
    assert!(fixture.favorite("b3") && fixture.favorite("b4"));
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn k5_a_mutation_goes_on_when_nobody_reads() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.notified();
    fixture.drain();
    assert_eq!(fixture.server.favorites.len(), 3);
    assert_eq!(
        fixture.store.next_deadline(),
        None,
        "and leaves no timer behind"
    );
}

#[test]
fn k7_data_with_a_pending_mutation_are_kept() {
    let mut fixture = Fixture::loaded();
    fixture.store.set_paused(fixture.now, true);
    fixture.set("b3", true);
    fixture.advance(7 * 24 * 3_600_000);
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.pending(), 1);
    fixture.store.set_paused(fixture.now, false);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn k8_deadlines_that_passed_during_a_sleep_are_handled_at_once() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.now = fixture.now.after(3_600_000);
    fixture.store.handle_timeout(fixture.now);
    fixture.collect();
    assert!(fixture.aborted.contains(&call));
    assert!(fixture.favorite("b3"));
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn k9_a_commit_on_ten_thousand_rows_rebases_only_its_resource() {
    let mut fixture = Fixture::with_page_of(200);
    fixture.seed();
    let row = fixture.server.orders[0].clone();
    let rows = (0..10_000).map(|number| Order {
        id: format!("row-{number}"),
        ..row.clone()
    });
    fixture.server.orders = rows.collect();
    fixture.server.stats = fixture.server.compute();
    fixture.load(all());
    for _ in 0..49 {
        fixture
            .store
            .load_older(fixture.now, Resource::Orders.into());
        fixture.collect();
        fixture.answer_all();
    }
    assert_eq!(fixture.store.orders().data.unwrap().rows.len(), 10_000);
    let favorites = (0..50).map(|number| like(&format!("m{number}")));
    let orders = (0..50).map(|number| cancel_order(&format!("row-{}", number * 200)));
    fixture.batch(favorites.chain(orders).collect(), false);
    assert_eq!(fixture.pending(), 100);
    let before = Resource::ALL.map(|resource| fixture.store.rebases(resource.into()));
    let events = fixture
        .server
        .set_order("row-5001", OrderStatus::Processing);
    fixture.receive(&events);
    let rebased = Resource::ALL.map(|resource| fixture.store.rebases(resource.into()));
    let times = rebased
        .iter()
        .zip(before)
        .map(|(after, before)| after - before);
    assert_eq!(times.collect::<Vec<_>>(), [0, 1, 0, 0, 0]);
    assert_eq!(
        fixture.store.orders().data.unwrap().rows[5001].item.status,
        OrderStatus::Processing
    );
}

#[test]
fn k10_the_same_calls_give_the_same_outputs() {
    let story = || {
        let mut fixture = Fixture::loaded();
        fixture.set("b3", true);
        fixture.advance(150);
        let (call, _) = fixture.mutation_calls().remove(0);
        fixture.fail(call, HttpFailure::Network);
        let deadline = fixture.store.next_deadline();
        fixture.drain();
        (deadline, fixture.now, format!("{:?}", fixture.notified()))
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
fn k2_a_favorite_is_emitted_however_many_others_were_read() {
    let mut fixture = Fixture::loaded();
    for number in 0..25_001 {
        fixture.favorite(&format!("m{number}"));
    }
    for beat in ["m0", "m10000", "m25000"] {
        fixture.notified();
        fixture.set(beat, true);
        assert!(fixture.notified().contains(&favorite_key(beat)), "{beat}");
        assert!(fixture.favorite(beat));
    }
    // Also by another device, and when the server rejects it.
    let events = fixture.server.elsewhere(like("m1"));
    fixture.notified();
    fixture.receive(&events);
    fixture.collect();
    assert!(fixture.notified().contains(&favorite_key("m1")));
    fixture.server.elsewhere(like("m2"));
    fixture.load(Resource::Activity);
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.collect();
    fixture.notified();
    fixture.answer_all();
    assert!(fixture.notified().contains(&favorite_key("m2")));
}

#[test]
fn k9_a_click_among_a_thousand_favorites_computes_only_a_few() {
    let mut fixture = Fixture::loaded();
    for number in 0..1000 {
        fixture.favorite(&format!("m{number}"));
    }
    let before = fixture.store.entities_computed();
    fixture.set("m500", true);
    fixture.drain();
    let events = fixture.server.elsewhere(like("m501"));
    fixture.receive(&events);
    let computed = fixture.store.entities_computed() - before;
    assert!(computed < 30, "{computed} entities");
    assert!(fixture.favorite("m500") && fixture.favorite("m501"));
}
