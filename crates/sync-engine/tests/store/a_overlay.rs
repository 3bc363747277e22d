//! The view is the server's state with the pending mutations on top, at any time.

use std::rc::Rc;

use dashboard_model::views::{DashboardStore, favorite_key, key_of};
use dashboard_model::{BeatUpdate, CatalogUpdates, OrderStatus, Resource, SeenBeats};
use sync_engine::http::{HttpFailure, HttpRequest};
use sync_engine::schema::{FeedUpdate, NewMutation};
use sync_engine::view::{Key, MutationState};
use sync_protocol::{MutationRequest, ProblemCode};

use crate::fixture::{Fixture, all, cancel_order, download, like, order, unlike};
use crate::server::money;

/// Updates of the catalog arrive.
fn receive_updates(fixture: &mut Fixture, updates: Vec<BeatUpdate>) {
    let feed = fixture.schema().feed_id::<CatalogUpdates>();
    let updates: Vec<_> = updates.into_iter().map(FeedUpdate::new).collect();
    fixture.store.handle_updates(fixture.now, feed, &updates);
}

#[test]
fn a1_a_click_shows_at_once_and_is_emitted_once_before_any_call() {
    let mut fixture = Fixture::loaded();
    assert!(!fixture.favorite("b3"));
    fixture.set("b3", true);
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.favorites(), ["b3", "b2", "b1"]);
    assert_eq!(fixture.calls_made, 0);
    assert_eq!(
        fixture.notified(),
        [
            key_of(Resource::Favorites),
            key_of(Resource::Activity),
            key_of(Resource::Stats),
            favorite_key("b3"),
            Key::Mutations,
        ]
    );
}

#[test]
fn a2_a_new_price_shows_on_a_pending_favorite() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    let update = |id: &str| BeatUpdate {
        id: id.to_owned(),
        price: Some(money(77)),
        ..BeatUpdate::default()
    };
    receive_updates(&mut fixture, vec![update("b3"), update("b1")]);
    let view = fixture.store.favorites().data.unwrap();
    assert!(fixture.favorite("b3"));
    assert_eq!(view.rows[0].item.beat.price, money(77));
    assert_eq!(view.rows[2].item.beat.price, money(77));
    assert_eq!(view.rows[1].item.beat.price, money(1000));
}

#[test]
fn a3_a_pending_plus_one_is_added_to_whatever_the_server_has() {
    let mut fixture = Fixture::empty();
    for number in 0..5 {
        fixture.server.elsewhere(like(&format!("x{number}")));
    }
    fixture.load(all());
    assert_eq!(fixture.counter(), 5);
    fixture.set("b9", true);
    assert_eq!(fixture.counter(), 6);
    for number in 5..9 {
        let events = fixture.server.elsewhere(like(&format!("x{number}")));
        fixture.receive(&events);
    }
    assert_eq!(fixture.counter(), 10);
    fixture.drain();
    assert_eq!(fixture.counter(), 10);
    fixture.assert_same("reflected");
}

#[test]
fn a4_a_change_of_another_row_shows_beside_a_pending_one() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    let events = fixture.server.elsewhere(unlike("b1"));
    fixture.receive(&events);
    assert_eq!(fixture.favorites(), ["b3", "b2"]);
}

#[test]
fn a5_of_three_mutations_of_one_entity_the_rejected_one_leaves_no_trace() {
    let mut fixture = Fixture::loaded();
    fixture.batch(vec![like("b3"), unlike("b3"), like("b3")], false);
    assert!(fixture.favorite("b3"));
    let (call, request) = fixture.mutation_calls().remove(0);
    assert_eq!(request.mutations.len(), 3);
    // The first runs, the second is rejected, the third finds nothing to do.
    let first = fixture.server.run(&MutationRequest {
        mutations: vec![request.mutations[0].clone()],
        atomic: false,
    });
    fixture.server.reject.push(ProblemCode::Invalid);
    let events = fixture.answer(call);
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.favorites(), ["b3", "b2", "b1"]);
    fixture.deliver(&first.1);
    fixture.deliver(&events);
    assert_eq!(fixture.failures(), 1);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn a7_rebasing_twice_gives_the_same_values_and_pointers() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.mutate(order("o2", "b3"));
    fixture.mutate(download("d2", "b2"));
    fixture.mutate(cancel_order("o1"));
    let before = (
        fixture.store.favorites().data.unwrap(),
        fixture.store.orders().data.unwrap(),
        fixture.store.downloads().data.unwrap(),
        fixture.store.activity().data.unwrap(),
        fixture.store.stats().data.unwrap(),
    );
    // Another commit that rebases each resource and changes nothing that is shown.
    fixture.now = fixture.now.after(40);
    fixture.notified();
    fixture.store.set_paused(fixture.now, true);
    fixture.store.rebase_for_test(all());
    fixture.collect();
    assert!(Rc::ptr_eq(
        &before.0,
        &fixture.store.favorites().data.unwrap()
    ));
    assert!(Rc::ptr_eq(&before.1, &fixture.store.orders().data.unwrap()));
    assert!(Rc::ptr_eq(
        &before.2,
        &fixture.store.downloads().data.unwrap()
    ));
    assert!(Rc::ptr_eq(
        &before.3,
        &fixture.store.activity().data.unwrap()
    ));
    assert!(Rc::ptr_eq(&before.4, &fixture.store.stats().data.unwrap()));
    assert_eq!(fixture.notified(), []);
}

#[test]
fn a8_a_mutation_that_no_longer_applies_is_conflicted_and_adds_nothing() {
    let mut fixture = Fixture::loaded();
    let cancel = fixture.mutate(cancel_order("o1"));
    fixture.set("b3", true);
    let shown = fixture.store.orders().data.unwrap();
    assert_eq!(shown.rows[0].item.status, OrderStatus::Cancelled);
    let events = fixture.server.set_order("o1", OrderStatus::Completed);
    fixture.receive(&events);
    let shown = fixture.store.orders().data.unwrap();
    assert_eq!(shown.rows[0].item.status, OrderStatus::Completed);
    assert!(!shown.rows[0].is_pending());
    assert_eq!(fixture.states()[0], MutationState::Conflicted);
    assert!(fixture.favorite("b3"));
    fixture.drain();
    fixture.assert_same("at rest");
    let failure = &fixture.store.mutations().failures[0];
    assert_eq!(failure.mutation.id, cancel);
    assert_eq!(failure.error.code, Some(ProblemCode::NotCancellable));
}

#[test]
fn a9_a_row_deleted_on_another_device_leaves_no_ghost() {
    let mut fixture = Fixture::loaded();
    fixture.set("b1", false);
    let events = fixture.server.elsewhere(unlike("b1"));
    fixture.receive(&events);
    assert_eq!(fixture.favorites(), ["b2"]);
    assert_eq!(fixture.counter(), 1);
    // The outcome comes through a snapshot.
    fixture.advance(200);
    let (call, request) = fixture.mutation_calls().remove(0);
    fixture.server.run(&request);
    fixture.fail(call, HttpFailure::Network);
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let (snapshot, _) = fixture.snapshot_calls().remove(0);
    fixture.answer(snapshot);
    assert_eq!(fixture.pending(), 0);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn a10_a_rejected_removal_brings_back_the_current_row() {
    let mut fixture = Fixture::loaded();
    fixture.set("b1", false);
    assert_eq!(fixture.favorites(), ["b2"]);
    let update = BeatUpdate {
        id: "b1".to_owned(),
        plays: Some(99),
        ..BeatUpdate::default()
    };
    receive_updates(&mut fixture, vec![update]);
    assert_eq!(fixture.favorites(), ["b2"]);
    fixture.server.reject.push(ProblemCode::Invalid);
    fixture.advance(200);
    fixture.answer_all();
    assert_eq!(fixture.favorites(), ["b2", "b1"]);
    let view = fixture.store.favorites().data.unwrap();
    assert_eq!(view.rows[1].item.beat.plays, 99);
}

#[test]
fn a11_a_new_row_keeps_its_identity_when_its_event_arrives() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    let ids = |fixture: &Fixture| -> Vec<String> {
        let view = fixture.store.orders().data.unwrap();
        view.rows.iter().map(|row| row.item.id.clone()).collect()
    };
    let activity = |fixture: &Fixture| -> Vec<String> {
        let view = fixture.store.activity().data.unwrap();
        view.rows.iter().map(|row| row.item.id.clone()).collect()
    };
    assert_eq!(ids(&fixture), ["o2", "o1"]);
    let before = activity(&fixture);
    let (call, request) = fixture.mutation_calls().remove(0);
    let (_, events) = fixture.server.run(&request);
    fixture.receive(&events);
    assert_eq!(ids(&fixture), ["o2", "o1"]);
    assert_eq!(activity(&fixture), before);
    assert_eq!(fixture.pending(), 0);
    fixture.answer(call);
    assert_eq!(ids(&fixture), ["o2", "o1"]);
    fixture.assert_same("at rest");
}

#[test]
fn a12_list_ids_counter_and_activity_move_together_and_return_exactly() {
    let mut fixture = Fixture::loaded();
    let before = (
        fixture.store.favorites().data.unwrap(),
        fixture.store.stats().data.unwrap(),
        fixture.store.activity().data.unwrap(),
    );
    fixture.set("b3", true);
    let view = fixture.store.favorites().data.unwrap();
    assert!(view.ids.as_ref().unwrap().contains("b3"));
    assert_eq!(view.rows.len(), 3);
    assert_eq!(fixture.counter(), 3);
    assert_eq!(
        fixture.store.activity().data.unwrap().rows[0]
            .item
            .title
            .as_deref(),
        Some("Title b3")
    );
    fixture.server.reject.push(ProblemCode::Invalid);
    fixture.advance(200);
    fixture.answer_all();
    assert_eq!(*before.0, *fixture.store.favorites().data.unwrap());
    assert_eq!(*before.1, *fixture.store.stats().data.unwrap());
    assert_eq!(*before.2, *fixture.store.activity().data.unwrap());
    assert_eq!(
        fixture.entity("b3").failure.unwrap().subject.as_deref(),
        Some("Title b3")
    );
}

#[test]
fn a13_counters_after_a_rejection_equal_a_fresh_computation() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(download("d2", "b2"));
    fixture.set("b3", true);
    let stats = fixture.store.stats().data.unwrap();
    assert_eq!((stats.data.quota.used, stats.data.downloads), (2, 2));
    assert_eq!(fixture.counter(), 3);
    fixture.server.reject.push(ProblemCode::QuotaExceeded);
    fixture.answer_all();
    let stats = fixture.store.stats().data.unwrap();
    assert_eq!((stats.data.quota.used, stats.data.downloads), (1, 1));
    assert_eq!(fixture.counter(), 3);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn a14_a_mutation_of_an_unknown_beat_makes_no_phantom_row() {
    let mut fixture = Fixture::loaded();
    let unseen = like("b3").with_seen(&SeenBeats::default());
    let new = NewMutation::new(fixture.new_id(), unseen);
    fixture.store.mutate(fixture.now, vec![new], false);
    fixture.collect();
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.favorites(), ["b2", "b1"]);
    assert_eq!(fixture.counter(), 3);
    fixture.drain();
    assert_eq!(fixture.favorites(), ["b3", "b2", "b1"]);
    fixture.mutate(cancel_order("nowhere"));
    assert_eq!(fixture.store.orders().data.unwrap().rows.len(), 1);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn a3_a_download_that_a_read_brings_before_the_reply_is_counted_once() {
    let mut fixture = Fixture::loaded();
    // Asked for before the click, and answered after the server has run it.
    fixture.store.fetch(fixture.now, all());
    fixture.collect();
    let (read, _) = fixture.snapshot_calls().remove(0);
    fixture.mutate(download("d2", "b2"));
    let (sent, body) = fixture.mutation_calls().remove(0);
    let (reply, _) = fixture.serve(&HttpRequest::Mutations(body));
    let check = |fixture: &Fixture| {
        assert_eq!(fixture.store.downloads().data.unwrap().rows.len(), 2);
        let stats = fixture.store.stats().data.unwrap();
        assert_eq!(stats.data.downloads, 2);
        assert_eq!(stats.data.quota.used, 2);
    };
    check(&fixture);
    fixture.answer(read);
    check(&fixture);
    fixture.reply(sent, reply);
    check(&fixture);
}
