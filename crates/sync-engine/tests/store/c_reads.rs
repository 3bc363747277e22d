//! Reading whole resources while mutations and events go on.

use std::rc::Rc;

use dashboard_model::change::kind;
use dashboard_model::views::{DashboardStore, key_of};
use dashboard_model::{
    BeatUpdate, CatalogUpdates, FavoriteChange, OrderChange, OrderStatus, Resource,
};
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest};
use sync_engine::metrics::Counter;
use sync_engine::schema::FeedUpdate;
use sync_engine::view::{DataStatus, ErrorKind, FetchStatus, Key};

use crate::fixture::{Fixture, all, like, order, some, unlike};
use crate::server::money;

#[test]
fn c1_a_fetch_from_before_a_mutation_becomes_the_server_state_below_it() {
    let mut fixture = Fixture::loaded();
    fixture.server.elsewhere(like("x1"));
    fixture.store.fetch(fixture.now, all());
    fixture.collect();
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, _) = fixture.serve(&request);
    fixture.set("b3", true);
    fixture.reply(call, reply);
    assert_eq!(fixture.favorites(), ["b3", "x1", "b2", "b1"]);
    assert_eq!(fixture.counter(), 4);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn c2_a_late_snapshot_older_than_an_accepted_mutation_rolls_nothing_back() {
    let mut fixture = Fixture::loaded();
    let old = fixture.server.clone();
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let (call, mut request) = fixture.snapshot_calls().remove(0);
    fixture.take_call(call);
    fixture.set("b3", true);
    fixture.advance(150);
    let (post, _) = fixture.mutation_calls().remove(0);
    fixture.answer(post);
    assert_eq!(fixture.pending(), 0);
    request.epoch = None;
    fixture.reply(call, HttpReply::Snapshot(old.snapshot(&request)));
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.favorites(), ["b3", "b2", "b1"]);
    fixture.assert_same("at rest");
}

/// Ten favorites, of which five are loaded.
fn ten() -> Fixture {
    let mut fixture = Fixture::empty();
    for number in 0..10 {
        fixture.server.elsewhere(like(&format!("f{number}")));
    }
    fixture.load(all());
    assert_eq!(fixture.favorites(), ["f9", "f8", "f7", "f6", "f5"]);
    fixture
}

#[test]
fn c3_a_page_for_a_former_end_of_the_list_is_dropped_and_read_again() {
    let mut fixture = ten();
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let (page, _) = fixture.calls[0].clone();
    let (stale, _) = fixture.serve(&fixture.calls[0].1.clone());
    // Meanwhile a snapshot replaces the window.
    fixture.server.elsewhere(unlike("f5"));
    fixture.store.fetch(fixture.now, all());
    fixture.collect();
    let (snapshot, _) = fixture.snapshot_calls().remove(0);
    fixture.answer(snapshot);
    let pages = |fixture: &Fixture| {
        let calls = fixture.calls.iter();
        calls
            .filter(|(_, request)| matches!(request, HttpRequest::Older { .. }))
            .count()
    };
    assert_eq!(pages(&fixture), 1, "exactly one follow-up");
    fixture.reply(page, stale);
    assert_eq!(fixture.favorites(), ["f9", "f8", "f7", "f6", "f4"]);
    fixture.drain();
    assert_eq!(fixture.favorites().len(), 9);
    fixture.assert_same("at rest");
}

#[test]
fn c3_a_row_removed_while_its_page_was_read_does_not_come_back() {
    let mut fixture = ten();
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let (page, request) = fixture.calls.pop_front().unwrap();
    let (reply, _) = fixture.serve(&request);
    let events = fixture.server.elsewhere(unlike("f3"));
    fixture.receive(&events);
    fixture.reply(page, reply);
    assert!(!fixture.favorites().contains(&"f3".to_owned()));
    fixture.assert_same("at rest");
}

#[test]
fn c4_of_two_fetches_answered_in_reverse_the_later_one_holds() {
    let mut fixture = Fixture::loaded();
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let (first, mut request) = fixture.snapshot_calls().remove(0);
    fixture.take_call(first);
    request.epoch = None;
    let early = fixture.server.snapshot(&request);
    // The first times out, and is answered all the same after the second.
    fixture.server.elsewhere(like("b3"));
    fixture.advance(10_000);
    let (second, _) = fixture.snapshot_calls().remove(0);
    fixture.answer(second);
    assert!(fixture.favorite("b3"));
    fixture.reply(first, HttpReply::Snapshot(early));
    assert!(fixture.favorite("b3"));
}

#[test]
fn c5_an_event_during_a_fetch_is_there_after_it() {
    let mut fixture = Fixture::loaded();
    fixture.store.fetch(fixture.now, all());
    fixture.collect();
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, _) = fixture.serve(&request);
    let events = fixture.server.elsewhere(like("b3"));
    fixture.receive(&events);
    assert!(fixture.favorite("b3"));
    fixture.reply(call, reply);
    assert!(fixture.favorite("b3"));
    fixture.assert_same("at rest");
}

#[test]
fn c6_a_resource_wanted_again_during_its_read_is_read_once_more() {
    let mut fixture = Fixture::loaded();
    for _ in 0..3 {
        fixture.store.fetch(fixture.now, Resource::Favorites.into());
        fixture.collect();
    }
    assert_eq!(fixture.calls_made, 1);
    let (call, _) = fixture.only_call();
    fixture.answer(call);
    assert_eq!(fixture.calls_made, 2);
    let (call, _) = fixture.only_call();
    fixture.answer(call);
    assert_eq!(fixture.calls_made, 2);
}

#[test]
fn c7_a_refetch_while_a_mutation_is_pending_does_not_flicker() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.set("b1", false);
    fixture.notified();
    for _ in 0..3 {
        fixture.store.fetch(fixture.now, all());
        fixture.collect();
        let snapshots = fixture.snapshot_calls();
        for (call, _) in snapshots {
            fixture.answer(call);
        }
        assert!(fixture.favorite("b3") && !fixture.favorite("b1"));
        assert_eq!(fixture.favorites(), ["b3", "b2"]);
    }
    assert!(
        !fixture
            .notified()
            .iter()
            .any(|key| matches!(key, Key::Entity(..)))
    );
}

#[test]
fn c8_nothing_is_read_while_events_arrive_and_a_poll_is_one_request() {
    let mut fixture = Fixture::loaded();
    for number in 0..20 {
        let events = fixture.server.elsewhere(like(&format!("x{number}")));
        fixture.receive(&events);
        fixture.advance(5000);
    }
    assert_eq!(fixture.calls_made, 0);
    fixture.store.poll(fixture.now, all());
    fixture.store.poll(fixture.now, Resource::Favorites.into());
    fixture.collect();
    assert_eq!(fixture.calls_made, 1);
    let (call, _) = fixture.only_call();
    fixture.notified();
    fixture.answer(call);
    assert_eq!(fixture.notified(), [], "nothing new, nothing emitted");
    assert_eq!(fixture.counted(Counter::NotModified, Resource::Stats), 1);
}

#[test]
fn c8_a_failed_poll_is_left_to_the_poller() {
    let mut fixture = Fixture::loaded();
    fixture.store.poll(fixture.now, all());
    fixture.collect();
    let (call, _) = fixture.only_call();
    fixture.fail(call, HttpFailure::Network);
    assert_eq!(fixture.store.next_deadline(), None);
    assert!(fixture.store.stats().error.is_some());
}

#[test]
fn c9_many_reads_are_one_request_and_a_hanging_one_delays_nothing() {
    let mut fixture = Fixture::loaded();
    fixture.store.fetch(fixture.now, Resource::Orders.into());
    fixture.collect();
    assert_eq!(fixture.calls_made, 1, "this one hangs");
    for _ in 0..7 {
        fixture.store.fetch(fixture.now, Resource::Favorites.into());
        fixture
            .store
            .handle_malformed(fixture.now, Resource::Stats.into());
    }
    fixture.collect();
    assert_eq!(fixture.calls_made, 2);
    let (_, request) = fixture.snapshot_calls().remove(1);
    let asked: Vec<_> = request
        .resources
        .iter()
        .map(|(resource, _)| *resource)
        .collect();
    assert_eq!(
        asked,
        [Resource::Favorites, Resource::Stats].map(Into::into)
    );
}

#[test]
fn c10_a_failed_read_leaves_the_data_and_shows_an_error_beside_them() {
    let mut fixture = Fixture::loaded();
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.collect();
    for _ in 0..5 {
        let (call, _) = fixture.only_call();
        fixture.status(call, 503, None);
        fixture.wait_for_call();
    }
    let view = fixture.store.favorites();
    assert_eq!(view.status, DataStatus::Success);
    assert!(view.error.is_some() && view.data.is_some());
    let (call, _) = fixture.only_call();
    fixture.answer(call);
    assert_eq!(fixture.store.favorites().error, None);
}

#[test]
fn c10_without_data_a_lasting_failure_is_an_error_and_is_still_retried() {
    let mut fixture = Fixture::empty();
    fixture.seed();
    fixture.store.ensure(fixture.now, Resource::Stats.into());
    fixture.collect();
    assert_eq!(fixture.store.stats().status, DataStatus::Pending);
    for _ in 0..3 {
        let (call, _) = fixture.only_call();
        fixture.fail(call, HttpFailure::Network);
        fixture.wait_for_call();
    }
    assert_eq!(fixture.store.stats().status, DataStatus::Error);
    assert_eq!(fixture.store.stats().fetch, FetchStatus::Fetching);
    let (call, _) = fixture.only_call();
    fixture.answer(call);
    assert_eq!(fixture.store.stats().status, DataStatus::Success);
}

#[test]
fn c11_fifty_components_with_the_same_need_cost_one_request() {
    let mut fixture = Fixture::empty();
    fixture.seed();
    for _ in 0..50 {
        fixture
            .store
            .ensure(fixture.now, some([Resource::Favorites, Resource::Stats]));
        fixture.collect();
    }
    assert_eq!(fixture.calls_made, 1);
    fixture.answer_all();
    fixture
        .store
        .ensure(fixture.now, some([Resource::Favorites, Resource::Stats]));
    fixture.collect();
    assert_eq!(fixture.calls_made, 1, "what is loaded is not read again");
}

#[test]
fn c12_a_pause_holds_reads_and_sends_and_its_end_resumes_them_at_once() {
    let mut fixture = Fixture::loaded();
    fixture.store.set_paused(fixture.now, true);
    fixture.store.fetch(fixture.now, Resource::Stats.into());
    fixture.set("b3", true);
    fixture.advance(60_000);
    assert_eq!(fixture.calls_made, 0);
    assert_eq!(fixture.store.stats().fetch, FetchStatus::Paused);
    assert_eq!(fixture.store.next_deadline(), None);
    fixture.store.set_paused(fixture.now, false);
    fixture.collect();
    assert_eq!(fixture.calls_made, 2);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn c13_an_event_costs_no_fetch_and_rebases_only_affected_resources() {
    let mut fixture = Fixture::loaded();
    let rebases =
        |fixture: &Fixture| Resource::ALL.map(|resource| fixture.store.rebases(resource.into()));
    let before = rebases(&fixture);
    let events = fixture.server.set_order("o1", OrderStatus::Processing);
    fixture.receive(&events);
    fixture.collect();
    let after = rebases(&fixture);
    let changed = Resource::ALL.map(|resource| after[resource.index()] - before[resource.index()]);
    assert_eq!(changed, [0, 1, 0, 0, 0]);
    assert_eq!(fixture.calls_made, 0);
    assert_eq!(fixture.notified(), [key_of(Resource::Orders)]);
}

#[test]
fn c14_a_list_with_pages_has_no_row_twice_and_skips_none_while_rows_come_and_go() {
    let mut fixture = ten();
    // Three new rows push three out of sight; the window keeps its count.
    for number in 0..3 {
        let events = fixture.server.elsewhere(like(&format!("n{number}")));
        fixture.receive(&events);
    }
    assert_eq!(fixture.favorites(), ["n2", "n1", "n0", "f9", "f8"]);
    fixture.collect();
    fixture.calls_made = 0;
    // Those are uncovered first, without a call; then a page goes on behind them.
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    assert_eq!(fixture.calls_made, 0);
    assert_eq!(fixture.favorites().len(), 8);
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    assert!(fixture.store.favorites().data.unwrap().loading_older);
    let events = fixture.server.elsewhere(unlike("f7"));
    fixture.receive(&events);
    let events = fixture.server.elsewhere(like("n3"));
    fixture.receive(&events);
    fixture.answer_all();
    fixture.assert_same("after the page");
    assert_eq!(
        fixture.favorites().len(),
        13,
        "13 of them: f7 went, n3 came"
    );
    assert!(!fixture.store.favorites().data.unwrap().has_older);
    // A resync asks for as many as are loaded.
    fixture.server.elsewhere(like("n4"));
    fixture.store.fetch(fixture.now, all());
    fixture.collect();
    assert_eq!(fixture.snapshot_calls()[0].1.limit, Some(13));
    fixture.answer_all();
    fixture.assert_same("after the resync");
}

#[test]
fn c14_a_list_whose_cursor_was_lost_goes_on_through_a_larger_snapshot() {
    let mut fixture = ten();
    for number in 0..230 {
        let events = fixture.server.elsewhere(like(&format!("n{number}")));
        fixture.receive(&events);
    }
    let mut seen = 0;
    for _ in 0..300 {
        fixture
            .store
            .load_older(fixture.now, Resource::Favorites.into());
        fixture.collect();
        fixture.answer_all();
        fixture.assert_same("on the way");
        let view = fixture.store.favorites().data.unwrap();
        seen = seen.max(view.rows.len());
        if !view.has_older {
            break;
        }
    }
    assert_eq!(seen, 240);
}

#[test]
fn c14_an_update_of_a_row_older_than_the_window_is_not_shown() {
    let mut fixture = Fixture::empty();
    for number in 0..10 {
        fixture.server.elsewhere(order(&format!("o{number}"), "b1"));
    }
    fixture.load(all());
    let before = fixture.store.orders().data.unwrap();
    let events = fixture.server.set_order("o0", OrderStatus::Paid);
    fixture.receive(&events);
    let after = fixture.store.orders().data.unwrap();
    assert_eq!(before.rows.len(), after.rows.len());
    assert!(
        before
            .rows
            .iter()
            .zip(&after.rows)
            .all(|(a, b)| Rc::ptr_eq(&a.item, &b.item))
    );
}

#[test]
fn c12_a_poll_includes_resources_that_wait_for_a_retry() {
    let mut fixture = Fixture::loaded();
    fixture.store.fetch(fixture.now, Resource::Stats.into());
    fixture.collect();
    let (call, _) = fixture.only_call();
    fixture.status(call, 503, Some(25_000));
    fixture.server.elsewhere(like("b3"));
    fixture.advance(5000);
    assert_eq!(fixture.calls.len(), 0);
    fixture
        .store
        .poll(fixture.now, some([Resource::Stats, Resource::Favorites]));
    fixture.collect();
    let (call, _) = fixture.only_call();
    fixture.answer(call);
    assert_eq!(fixture.counter(), 3);
    assert_eq!(
        fixture.store.next_deadline(),
        None,
        "and it is not read again"
    );
}

/// A new price arrives over the catalog's channel.
fn change_price(fixture: &mut Fixture, beat_id: &str, amount: i64) {
    let feed = fixture.schema().feed_id::<CatalogUpdates>();
    let update = FeedUpdate::new(BeatUpdate {
        id: beat_id.to_owned(),
        price: Some(money(amount)),
        ..BeatUpdate::default()
    });
    fixture.store.handle_updates(fixture.now, feed, &[update]);
}

fn price(fixture: &Fixture, beat_id: &str) -> i64 {
    let view = fixture.store.favorites().data.unwrap();
    let mut rows = view.rows.iter();
    let row = rows.find(|row| row.item.beat_id == beat_id);
    row.expect("it is shown").item.beat.price.amount
}

#[test]
fn c5_a_price_that_changes_during_a_read_of_favorites_stays() {
    let mut fixture = Fixture::loaded();
    fixture.server.elsewhere(like("b3"));
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, _) = fixture.serve(&request);
    change_price(&mut fixture, "b1", 1200);
    change_price(&mut fixture, "b3", 1300);
    change_price(&mut fixture, "b1", 1400);
    assert_eq!(price(&fixture, "b1"), 1400);
    fixture.reply(call, reply);
    assert_eq!((price(&fixture, "b1"), price(&fixture, "b3")), (1400, 1300));
    // A read that begins afterwards knows better.
    fixture.server.elsewhere(like("b4"));
    fixture.load(Resource::Favorites);
    assert_eq!(price(&fixture, "b1"), 1000);
}

#[test]
fn c5_a_price_that_changes_during_a_read_of_older_favorites_stays() {
    let mut fixture = ten();
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let (page, request) = fixture.calls.pop_front().unwrap();
    let (reply, _) = fixture.serve(&request);
    change_price(&mut fixture, "f2", 1400);
    fixture.reply(page, reply);
    assert_eq!(price(&fixture, "f2"), 1400);
}

#[test]
fn c5_a_price_that_changes_while_an_older_event_waits_in_a_gap_stays() {
    let mut fixture = Fixture::loaded();
    let missing = fixture.server.elsewhere(like("b3"));
    let waiting = fixture.server.elsewhere(like("b4"));
    fixture.deliver(&waiting);
    change_price(&mut fixture, "b4", 1200);
    change_price(&mut fixture, "b4", 1400);
    change_price(&mut fixture, "b3", 1300);
    fixture.deliver(&missing);
    assert_eq!(fixture.favorites()[..2], ["b4", "b3"]);
    assert_eq!(price(&fixture, "b4"), 1400);
    // What comes after the change knows better.
    assert_eq!(price(&fixture, "b3"), 1000);
}

#[test]
fn c5_a_price_that_changes_while_a_favorite_is_saved_stays() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, _) = fixture.serve(&request);
    change_price(&mut fixture, "b3", 1400);
    assert_eq!(price(&fixture, "b3"), 1400);
    fixture.reply(call, reply);
    assert_eq!(fixture.pending(), 0);
    assert_eq!(price(&fixture, "b3"), 1400);
    // And is forgotten with that.
    fixture.server.elsewhere(like("b4"));
    fixture.load(Resource::Favorites);
    assert_eq!(price(&fixture, "b3"), 1000);
}

#[test]
fn c5_a_read_is_repeated_after_more_updates_than_are_kept() {
    for (count, reads) in [(1024, 0), (1025, 1)] {
        let mut fixture = Fixture::loaded();
        fixture.store.fetch(fixture.now, Resource::Favorites.into());
        fixture.collect();
        for number in 0..count {
            change_price(&mut fixture, &format!("m{number}"), 1400);
        }
        let (call, _) = fixture.only_call();
        fixture.answer(call);
        assert_eq!(fixture.snapshot_calls().len(), reads, "{count}");
        fixture.drain();
    }
}

fn page_calls(fixture: &Fixture) -> Vec<u64> {
    let calls = fixture.calls.iter();
    let pages = calls.filter(|(_, request)| matches!(request, HttpRequest::Older { .. }));
    pages.map(|(id, _)| *id).collect()
}

#[test]
fn c10_a_failed_older_page_is_retried_three_times_and_then_shows_its_error() {
    let mut fixture = ten();
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    for attempts in 1..=4 {
        fixture.wait_for_call();
        let view = fixture.store.favorites();
        assert!(view.error.is_none() && view.data.unwrap().loading_older);
        let call = page_calls(&fixture)[0];
        if attempts == 2 {
            fixture.status(call, 503, Some(7000));
            fixture.advance(6999);
            assert_eq!(
                page_calls(&fixture).len(),
                0,
                "no earlier than the server says"
            );
        } else {
            fixture.fail(call, HttpFailure::Network);
        }
    }
    let view = fixture.store.favorites();
    assert_eq!(view.error.map(|error| error.kind), Some(ErrorKind::Network));
    let data = view.data.unwrap();
    assert!(
        !data.loading_older && data.rows.len() == 5,
        "what there was stays"
    );
    fixture.advance(600_000);
    assert_eq!(fixture.calls.len(), 0);
    // The user asks again.
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    fixture.answer_all();
    assert_eq!(fixture.favorites().len(), 10);
    assert!(fixture.store.favorites().error.is_none());
    fixture.assert_same("at rest");
}

#[test]
fn e4_an_older_page_waits_for_the_sign_in() {
    let mut fixture = ten();
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture.collect();
    let call = page_calls(&fixture)[0];
    fixture.status(call, 401, None);
    assert_eq!(fixture.unauthenticated, 1);
    fixture
        .store
        .load_older(fixture.now, Resource::Favorites.into());
    fixture
        .store
        .load_older(fixture.now, Resource::Activity.into());
    fixture.advance(60_000);
    assert_eq!(fixture.calls.len(), 0, "nothing is sent meanwhile");
    fixture.store.sign_in(fixture.now, "ada");
    fixture.collect();
    assert_eq!(page_calls(&fixture).len(), 2);
    fixture.drain();
    assert_eq!(fixture.favorites().len(), 10);
    fixture.assert_same("at rest");
}

#[test]
fn c6_a_failed_read_of_a_gap_is_retried_in_its_time_and_not_at_every_alarm() {
    let mut fixture = Fixture::loaded();
    fixture.server.elsewhere(like("b3"));
    let events = fixture.server.elsewhere(like("b4"));
    fixture.deliver(&events);
    fixture.wait_for_call();
    let begun = fixture.now.mono_ms;
    for _ in 0..8 {
        let (call, _) = fixture.only_call();
        fixture.fail(call, HttpFailure::Network);
        assert_eq!(fixture.calls.len(), 0);
        // Alarms that ring for something else.
        fixture.store.handle_timeout(fixture.now);
        fixture.collect();
        assert_eq!(fixture.calls.len(), 0);
        fixture.wait_for_call();
    }
    // The waits have grown: they are drawn from 0 to half a second, then to one, two and so on.
    assert!(fixture.now.mono_ms - begun > 5000);
    fixture.drain();
    fixture.assert_same("after the gap");
}

/// What listeners heard since the last call: the type of each change, and whether it was derived.
fn heard(fixture: &mut Fixture) -> Vec<(String, bool)> {
    let applied = fixture.applied.drain(..);
    let heard = applied.map(|applied| (applied.kind().to_owned(), applied.derived));
    heard.collect()
}

fn derived<const N: usize>(kinds: [&str; N]) -> [(String, bool); N] {
    kinds.map(|kind| (kind.to_owned(), true))
}

fn poll(fixture: &mut Fixture) {
    fixture.store.poll(fixture.now, all());
    fixture.collect();
    fixture.answer_all();
}

#[test]
fn listeners_hear_what_a_poll_changed_once_and_oldest_first() {
    let mut fixture = Fixture::loaded();
    poll(&mut fixture);
    assert_eq!(heard(&mut fixture), []);
    let mut events = Vec::new();
    for body in [order("o8", "b1"), order("o9", "b2"), unlike("b1")] {
        events.extend(fixture.server.elsewhere(body));
    }
    poll(&mut fixture);
    let orders = fixture.applied.iter().filter_map(|applied| {
        let change = applied.change()?.downcast::<OrderChange>()?;
        match change {
            OrderChange::Created(order) => Some(order.id.clone()),
            OrderChange::Updated(_) => None,
        }
    });
    assert_eq!(orders.collect::<Vec<_>>(), ["o8", "o9"]);
    let mut kinds = heard(&mut fixture);
    kinds.sort();
    let logged = kind::ACTIVITY_LOGGED;
    let created = kind::ORDER_CREATED;
    let (removed, stats) = (kind::FAVORITE_REMOVED, kind::STATS_UPDATED);
    assert_eq!(
        kinds,
        derived([logged, logged, logged, removed, created, created, stats])
    );
    // The events themselves, late: they are known.
    fixture.receive(&events);
    assert_eq!(heard(&mut fixture), []);
}

#[test]
fn listeners_hear_nothing_of_a_first_read_of_another_epoch_or_of_rows_that_were_there() {
    let mut fixture = Fixture::empty();
    fixture.seed();
    fixture.load(all());
    assert_eq!(heard(&mut fixture), []);
    fixture.server.epoch = "e2".to_owned();
    fixture.server.elsewhere(order("o9", "b2"));
    poll(&mut fixture);
    fixture.drain();
    assert_eq!(heard(&mut fixture), []);

    // One of ten leaves, so that the page shows one of those below it.
    let mut fixture = ten();
    fixture.applied.clear();
    fixture.server.elsewhere(unlike("f9"));
    fixture.store.poll(fixture.now, some([Resource::Favorites]));
    fixture.collect();
    fixture.answer_all();
    assert_eq!(fixture.favorites(), ["f8", "f7", "f6", "f5", "f4"]);
    assert_eq!(heard(&mut fixture), derived([kind::FAVORITE_REMOVED]));
}

#[test]
fn listeners_hear_of_a_row_that_left_below_the_loaded_ones() {
    let mut fixture = ten();
    fixture.applied.clear();
    fixture.server.elsewhere(unlike("f1"));
    fixture.store.poll(fixture.now, some([Resource::Favorites]));
    fixture.collect();
    fixture.answer_all();
    let removed = fixture.applied.iter().filter_map(|applied| {
        match applied.change()?.downcast::<FavoriteChange>()? {
            FavoriteChange::Removed(removed) => Some(removed.beat_id.clone()),
            FavoriteChange::Added(_) => None,
        }
    });
    assert_eq!(removed.collect::<Vec<_>>(), ["f1"]);
    assert_eq!(heard(&mut fixture), derived([kind::FAVORITE_REMOVED]));
}
