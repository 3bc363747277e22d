//! What is shown is the server's state with the mutations on top, at every moment.

use std::rc::Rc;

use dashboard_protocol::{BeatChange, CatalogUpdate, OrderStatus, ProblemCode, Resource, MutationBody};

use super::bench::{Bench, cancel_order, download, like, order, unlike};
use super::server::money;
use crate::http::HttpRequest;
use crate::view::{Key, MutationState};

fn key(beat_id: &str) -> Key {
    Key::Favorite(Rc::from(beat_id))
}

#[test]
fn a1_a_click_shows_at_once_and_is_told_once_before_any_call() {
    let mut bench = Bench::loaded();
    assert!(!bench.favorite("b3"));
    bench.set("b3", true);
    assert!(bench.favorite("b3"));
    assert_eq!(bench.favorites(), ["b3", "b2", "b1"]);
    assert_eq!(bench.calls_made, 0);
    assert_eq!(
        bench.notified(),
        [
            Key::Resource(Resource::Favorites),
            Key::Resource(Resource::Activity),
            Key::Resource(Resource::Stats),
            key("b3"),
            Key::Mutations,
        ]
    );
}

#[test]
fn a2_a_new_price_shows_on_a_pending_favorite() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    let updates = |id: &str| BeatChange {
        id: id.to_owned(),
        price: Some(money(77)),
        ..BeatChange::default()
    };
    let event = CatalogUpdate {
        changes: vec![updates("b3"), updates("b1")],
    };
    bench.store.handle_catalog_update(bench.now, &event);
    let view = bench.store.favorites().data.unwrap();
    assert!(bench.favorite("b3"));
    assert_eq!(view.list.rows[0].item.beat.price, money(77));
    assert_eq!(view.list.rows[2].item.beat.price, money(77));
    assert_eq!(view.list.rows[1].item.beat.price, money(1000));
}

#[test]
fn a3_pending_plus_one_on_five_then_nine_from_elsewhere_is_ten_and_stays_ten() {
    let mut bench = Bench::empty();
    for number in 0..5 {
        bench.server.elsewhere(like(&format!("x{number}")));
    }
    bench.load(&Resource::ALL);
    assert_eq!(bench.counter(), 5);
    bench.set("b9", true);
    assert_eq!(bench.counter(), 6);
    for number in 5..9 {
        let events = bench.server.elsewhere(like(&format!("x{number}")));
        bench.store.handle_events(bench.now, events);
    }
    assert_eq!(bench.counter(), 10);
    bench.drain();
    assert_eq!(bench.counter(), 10);
    bench.assert_same("reflected");
}

#[test]
fn a4_a_change_of_another_row_shows_beside_a_pending_one() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    let events = bench.server.elsewhere(unlike("b1"));
    bench.store.handle_events(bench.now, events);
    assert_eq!(bench.favorites(), ["b3", "b2"]);
}

#[test]
fn a5_of_three_mutations_for_one_thing_the_rejected_one_leaves_no_trace() {
    let mut bench = Bench::loaded();
    bench.batch(vec![like("b3"), unlike("b3"), like("b3")], false);
    assert!(bench.favorite("b3"));
    let (call, request) = bench.mutation_calls().remove(0);
    assert_eq!(request.mutations.len(), 3);
    // The first runs, the second is rejected, the third finds nothing to do.
    let first = bench.server.run(&dashboard_protocol::MutationRequest {
        mutations: vec![request.mutations[0].clone()],
        atomic: false,
    });
    bench.server.reject.push(ProblemCode::Invalid);
    let events = bench.answer(call);
    assert!(bench.favorite("b3"));
    assert_eq!(bench.favorites(), ["b3", "b2", "b1"]);
    bench.deliver(&first.1);
    bench.deliver(&events);
    assert_eq!(bench.failures(), 1);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn a7_folding_twice_gives_the_same_values_and_pointers() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.mutate(order("o2", "b3"));
    bench.mutate(download("d2", "b2"));
    bench.mutate(cancel_order("o1"));
    let before = (
        bench.store.favorites().data.unwrap(),
        bench.store.orders().data.unwrap(),
        bench.store.downloads().data.unwrap(),
        bench.store.activity().data.unwrap(),
        bench.store.stats().data.unwrap(),
    );
    // Another commit that touches each resource's fold, and changes nothing that is shown of them.
    bench.now = bench.now.after(40);
    bench.notified();
    bench.store.set_paused(bench.now, true);
    for resource in Resource::ALL {
        bench.store.rebase_for_test(resource);
    }
    bench.collect();
    assert!(Rc::ptr_eq(
        &before.0,
        &bench.store.favorites().data.unwrap()
    ));
    assert!(Rc::ptr_eq(&before.1, &bench.store.orders().data.unwrap()));
    assert!(Rc::ptr_eq(
        &before.2,
        &bench.store.downloads().data.unwrap()
    ));
    assert!(Rc::ptr_eq(&before.3, &bench.store.activity().data.unwrap()));
    assert!(Rc::ptr_eq(&before.4, &bench.store.stats().data.unwrap()));
    assert_eq!(bench.notified(), []);
}

#[test]
fn a8_a_mutation_that_no_longer_applies_is_conflicted_and_adds_nothing() {
    let mut bench = Bench::loaded();
    let cancel = bench.mutate(cancel_order("o1"));
    bench.set("b3", true);
    let shown = bench.store.orders().data.unwrap();
    assert_eq!(shown.rows[0].item.status, OrderStatus::Cancelled);
    let events = bench.server.set_order("o1", OrderStatus::Completed);
    bench.store.handle_events(bench.now, events);
    let shown = bench.store.orders().data.unwrap();
    assert_eq!(shown.rows[0].item.status, OrderStatus::Completed);
    assert!(!shown.rows[0].is_pending());
    assert_eq!(bench.states()[0], MutationState::Conflicted);
    assert!(bench.favorite("b3"));
    bench.drain();
    bench.assert_same("at rest");
    let failure = &bench.store.mutations().failures[0];
    assert_eq!(failure.mutation.id, cancel);
    assert_eq!(failure.error.code, Some(ProblemCode::NotCancellable));
}

#[test]
fn a9_what_was_deleted_elsewhere_leaves_no_ghost_row() {
    let mut bench = Bench::loaded();
    bench.set("b1", false);
    let events = bench.server.elsewhere(unlike("b1"));
    bench.store.handle_events(bench.now, events);
    assert_eq!(bench.favorites(), ["b2"]);
    assert_eq!(bench.counter(), 1);
    // The outcome comes through a snapshot.
    bench.advance(200);
    let (call, request) = bench.mutation_calls().remove(0);
    bench.server.run(&request);
    bench.fail(call, crate::http::HttpFailure::Network);
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.collect();
    let (snapshot, _) = bench.snapshot_calls().remove(0);
    bench.answer(snapshot);
    assert_eq!(bench.pending(), 0);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn a10_a_rejected_removal_brings_the_row_back_as_it_is_by_now() {
    let mut bench = Bench::loaded();
    bench.set("b1", false);
    assert_eq!(bench.favorites(), ["b2"]);
    let event = CatalogUpdate {
        changes: vec![BeatChange {
            id: "b1".to_owned(),
            plays: Some(99),
            ..BeatChange::default()
        }],
    };
    bench.store.handle_catalog_update(bench.now, &event);
    assert_eq!(bench.favorites(), ["b2"]);
    bench.server.reject.push(ProblemCode::Invalid);
    bench.advance(200);
    bench.answer_all();
    assert_eq!(bench.favorites(), ["b2", "b1"]);
    let view = bench.store.favorites().data.unwrap();
    assert_eq!(view.list.rows[1].item.beat.plays, 99);
}

#[test]
fn a11_the_row_of_a_new_thing_keeps_its_identity_when_its_event_comes() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    let ids = |bench: &Bench| -> Vec<String> {
        let view = bench.store.orders().data.unwrap();
        view.rows.iter().map(|row| row.item.id.clone()).collect()
    };
    let activity = |bench: &Bench| -> Vec<String> {
        let view = bench.store.activity().data.unwrap();
        view.rows.iter().map(|row| row.item.id.clone()).collect()
    };
    assert_eq!(ids(&bench), ["o2", "o1"]);
    let before = activity(&bench);
    let (call, request) = bench.mutation_calls().remove(0);
    let (_, events) = bench.server.run(&request);
    bench.store.handle_events(bench.now, events);
    assert_eq!(ids(&bench), ["o2", "o1"]);
    assert_eq!(activity(&bench), before);
    assert_eq!(bench.pending(), 0);
    bench.answer(call);
    assert_eq!(ids(&bench), ["o2", "o1"]);
    bench.assert_same("at rest");
}

#[test]
fn a12_list_ids_counter_and_activity_move_together_and_return_exactly() {
    let mut bench = Bench::loaded();
    let before = (
        bench.store.favorites().data.unwrap(),
        bench.store.stats().data.unwrap(),
        bench.store.activity().data.unwrap(),
    );
    bench.set("b3", true);
    let view = bench.store.favorites().data.unwrap();
    assert!(view.ids.contains("b3"));
    assert_eq!(view.list.rows.len(), 3);
    assert_eq!(bench.counter(), 3);
    assert_eq!(
        bench.store.activity().data.unwrap().rows[0]
            .item
            .title
            .as_deref(),
        Some("Title b3")
    );
    bench.server.reject.push(ProblemCode::Invalid);
    bench.advance(200);
    bench.answer_all();
    assert_eq!(*before.0, *bench.store.favorites().data.unwrap());
    assert_eq!(*before.1, *bench.store.stats().data.unwrap());
    assert_eq!(*before.2, *bench.store.activity().data.unwrap());
    assert_eq!(
        bench
            .store
            .favorite("b3")
            .failure
            .unwrap()
            .subject
            .as_deref(),
        Some("Title b3")
    );
}

#[test]
fn a13_counters_after_a_rejection_equal_a_fresh_computation() {
    let mut bench = Bench::loaded();
    bench.mutate(download("d2", "b2"));
    bench.set("b3", true);
    let stats = bench.store.stats().data.unwrap();
    assert_eq!((stats.stats.quota.used, stats.stats.downloads), (2, 2));
    assert_eq!(bench.counter(), 3);
    bench.server.reject.push(ProblemCode::QuotaExceeded);
    bench.answer_all();
    let stats = bench.store.stats().data.unwrap();
    assert_eq!((stats.stats.quota.used, stats.stats.downloads), (1, 1));
    assert_eq!(bench.counter(), 3);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn a14_a_mutation_for_a_beat_that_is_not_known_makes_no_phantom_row() {
    let mut bench = Bench::loaded();
    let id = bench.new_id();
    let new = crate::core::NewMutation {
        id,
        body: like("b3"),
        beats: Vec::new(),
    };
    bench.store.mutate(bench.now, vec![new], false);
    bench.collect();
    assert!(bench.favorite("b3"));
    assert_eq!(bench.favorites(), ["b2", "b1"]);
    assert_eq!(bench.counter(), 3);
    bench.drain();
    assert_eq!(bench.favorites(), ["b3", "b2", "b1"]);
    let body = MutationBody::CancelOrder {
        order_id: "nowhere".to_owned(),
    };
    bench.mutate(body);
    assert_eq!(bench.store.orders().data.unwrap().rows.len(), 1);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn a3_a_download_that_a_read_brings_before_the_reply_is_counted_once() {
    let mut bench = Bench::loaded();
    // Asked for before the click, and answered after the server has run it.
    bench.store.fetch(bench.now, &Resource::ALL);
    bench.collect();
    let (read, _) = bench.snapshot_calls().remove(0);
    bench.mutate(download("d2", "b2"));
    let (sent, body) = bench.mutation_calls().remove(0);
    let (reply, _) = bench.serve(&HttpRequest::Mutations(body));
    let check = |bench: &Bench| {
        assert_eq!(bench.store.downloads().data.unwrap().rows.len(), 2);
        let stats = bench.store.stats().data.unwrap();
        assert_eq!(stats.stats.downloads, 2);
        assert_eq!(stats.stats.quota.used, 2);
    };
    check(&bench);
    bench.answer(read);
    check(&bench);
    bench.reply(sent, reply);
    check(&bench);
}
