//! Reading whole resources while mutations and events go on.

use std::rc::Rc;

use dashboard_protocol::{BeatChange, CatalogUpdate, OrderStatus, Resource};

use super::super::Count;
use super::bench::{Bench, like, order, unlike};
use super::server::money;
use crate::http::{HttpFailure, HttpRequest, ListName};
use crate::view::{DataStatus, ErrorKind, FetchStatus, Key};

#[test]
fn c1_a_fetch_that_began_before_a_mutation_becomes_the_base_below_it() {
    let mut bench = Bench::loaded();
    bench.server.elsewhere(like("x1"));
    bench.store.fetch(bench.now, &Resource::ALL);
    bench.collect();
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, _) = bench.serve(&request);
    bench.set("b3", true);
    bench.reply(call, reply);
    assert_eq!(bench.favorites(), ["b3", "x1", "b2", "b1"]);
    assert_eq!(bench.counter(), 4);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn c2_a_late_snapshot_older_than_an_accepted_mutation_takes_nothing_back() {
    let mut bench = Bench::loaded();
    let old = bench.server.clone();
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.collect();
    let (call, mut request) = bench.snapshot_calls().remove(0);
    bench.take_call(call);
    bench.set("b3", true);
    bench.advance(150);
    let (post, _) = bench.mutation_calls().remove(0);
    bench.answer(post);
    assert_eq!(bench.pending(), 0);
    request.epoch = None;
    bench.reply(
        call,
        crate::http::HttpReply::Snapshot(old.snapshot(&request)),
    );
    assert!(bench.favorite("b3"));
    assert_eq!(bench.favorites(), ["b3", "b2", "b1"]);
    bench.assert_same("at rest");
}

/// Ten favorites, of which five are loaded.
fn ten() -> Bench {
    let mut bench = Bench::empty();
    for number in 0..10 {
        bench.server.elsewhere(like(&format!("f{number}")));
    }
    bench.load(&Resource::ALL);
    assert_eq!(bench.favorites(), ["f9", "f8", "f7", "f6", "f5"]);
    bench
}

#[test]
fn c3_a_page_for_another_end_of_the_list_is_dropped_and_read_once_more() {
    let mut bench = ten();
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    let (page, _) = bench.calls[0].clone();
    let (stale, _) = bench.serve(&bench.calls[0].1.clone());
    // Meanwhile a snapshot replaces the window.
    bench.server.elsewhere(unlike("f5"));
    bench.store.fetch(bench.now, &Resource::ALL);
    bench.collect();
    let (snapshot, _) = bench.snapshot_calls().remove(0);
    bench.answer(snapshot);
    let pages = |bench: &Bench| {
        let calls = bench.calls.iter();
        calls
            .filter(|(_, request)| matches!(request, HttpRequest::Older { .. }))
            .count()
    };
    assert_eq!(pages(&bench), 1, "exactly one follow-up");
    bench.reply(page, stale);
    assert_eq!(bench.favorites(), ["f9", "f8", "f7", "f6", "f4"]);
    bench.drain();
    assert_eq!(bench.favorites().len(), 9);
    bench.assert_same("at rest");
}

#[test]
fn c3_a_row_that_went_while_its_page_was_read_does_not_come_back() {
    let mut bench = ten();
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    let (page, request) = bench.calls.pop_front().unwrap();
    let (reply, _) = bench.serve(&request);
    let events = bench.server.elsewhere(unlike("f3"));
    bench.store.handle_events(bench.now, events);
    bench.reply(page, reply);
    assert!(!bench.favorites().contains(&"f3".to_owned()));
    bench.assert_same("at rest");
}

#[test]
fn c4_of_two_fetches_answered_in_reverse_the_later_one_holds() {
    let mut bench = Bench::loaded();
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.collect();
    let (first, mut request) = bench.snapshot_calls().remove(0);
    bench.take_call(first);
    request.epoch = None;
    let early = bench.server.snapshot(&request);
    // The first is given up after its time, and answered all the same after the second.
    bench.server.elsewhere(like("b3"));
    bench.advance(10_000);
    let (second, _) = bench.snapshot_calls().remove(0);
    bench.answer(second);
    assert!(bench.favorite("b3"));
    bench.reply(first, crate::http::HttpReply::Snapshot(early));
    assert!(bench.favorite("b3"));
}

#[test]
fn c5_an_event_during_a_fetch_is_there_after_it() {
    let mut bench = Bench::loaded();
    bench.store.fetch(bench.now, &Resource::ALL);
    bench.collect();
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, _) = bench.serve(&request);
    let events = bench.server.elsewhere(like("b3"));
    bench.store.handle_events(bench.now, events);
    assert!(bench.favorite("b3"));
    bench.reply(call, reply);
    assert!(bench.favorite("b3"));
    bench.assert_same("at rest");
}

#[test]
fn c6_what_is_wanted_again_while_it_is_read_is_read_once_more() {
    let mut bench = Bench::loaded();
    for _ in 0..3 {
        bench.store.fetch(bench.now, &[Resource::Favorites]);
        bench.collect();
    }
    assert_eq!(bench.calls_made, 1);
    let (call, _) = bench.only_call();
    bench.answer(call);
    assert_eq!(bench.calls_made, 2);
    let (call, _) = bench.only_call();
    bench.answer(call);
    assert_eq!(bench.calls_made, 2);
}

#[test]
fn c7_a_refetch_while_a_mutation_is_pending_does_not_flicker() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.set("b1", false);
    bench.notified();
    for _ in 0..3 {
        bench.store.fetch(bench.now, &Resource::ALL);
        bench.collect();
        let snapshots = bench.snapshot_calls();
        for (call, _) in snapshots {
            bench.answer(call);
        }
        assert!(bench.favorite("b3") && !bench.favorite("b1"));
        assert_eq!(bench.favorites(), ["b3", "b2"]);
    }
    assert!(
        !bench
            .notified()
            .iter()
            .any(|key| matches!(key, Key::Favorite(_)))
    );
}

#[test]
fn c8_nothing_is_read_while_events_arrive_and_a_poll_is_one_request() {
    let mut bench = Bench::loaded();
    for number in 0..20 {
        let events = bench.server.elsewhere(like(&format!("x{number}")));
        bench.store.handle_events(bench.now, events);
        bench.advance(5000);
    }
    assert_eq!(bench.calls_made, 0);
    bench.store.poll(bench.now, &Resource::ALL);
    bench.store.poll(bench.now, &[Resource::Favorites]);
    bench.collect();
    assert_eq!(bench.calls_made, 1);
    let (call, _) = bench.only_call();
    bench.notified();
    bench.answer(call);
    assert_eq!(bench.notified(), [], "nothing new, nothing told");
    assert_eq!(bench.counted(&Count::NotModified(Resource::Stats)), 1);
}

#[test]
fn c8_a_failed_poll_is_left_to_the_poller() {
    let mut bench = Bench::loaded();
    bench.store.poll(bench.now, &Resource::ALL);
    bench.collect();
    let (call, _) = bench.only_call();
    bench.fail(call, HttpFailure::Network);
    assert_eq!(bench.store.next_deadline(), None);
    assert!(bench.store.stats().error.is_some());
}

#[test]
fn c9_many_wants_are_one_request_and_a_hanging_one_delays_nothing() {
    let mut bench = Bench::loaded();
    bench.store.fetch(bench.now, &[Resource::Orders]);
    bench.collect();
    assert_eq!(bench.calls_made, 1, "this one hangs");
    for _ in 0..7 {
        bench.store.fetch(bench.now, &[Resource::Favorites]);
        bench.store.handle_malformed(bench.now, Resource::Stats);
    }
    bench.collect();
    assert_eq!(bench.calls_made, 2);
    let (_, request) = bench.snapshot_calls().remove(1);
    let asked: Vec<_> = request
        .resources
        .iter()
        .map(|(resource, _)| *resource)
        .collect();
    assert_eq!(asked, [Resource::Favorites, Resource::Stats]);
}

#[test]
fn c10_a_failed_read_leaves_the_data_and_says_so_beside_them() {
    let mut bench = Bench::loaded();
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.collect();
    for _ in 0..5 {
        let (call, _) = bench.only_call();
        bench.status(call, 503, None);
        bench.wait_for_call();
    }
    let view = bench.store.favorites();
    assert_eq!(view.status, DataStatus::Success);
    assert!(view.error.is_some() && view.data.is_some());
    let (call, _) = bench.only_call();
    bench.answer(call);
    assert_eq!(bench.store.favorites().error, None);
}

#[test]
fn c10_without_data_a_lasting_failure_is_an_error_and_is_still_tried() {
    let mut bench = Bench::empty();
    bench.seed();
    bench.store.ensure(bench.now, &[Resource::Stats]);
    bench.collect();
    assert_eq!(bench.store.stats().status, DataStatus::Pending);
    for _ in 0..3 {
        let (call, _) = bench.only_call();
        bench.fail(call, HttpFailure::Network);
        bench.wait_for_call();
    }
    assert_eq!(bench.store.stats().status, DataStatus::Error);
    assert_eq!(bench.store.stats().fetch, FetchStatus::Fetching);
    let (call, _) = bench.only_call();
    bench.answer(call);
    assert_eq!(bench.store.stats().status, DataStatus::Success);
}

#[test]
fn c11_fifty_who_need_the_same_cost_one_request() {
    let mut bench = Bench::empty();
    bench.seed();
    for _ in 0..50 {
        bench
            .store
            .ensure(bench.now, &[Resource::Favorites, Resource::Stats]);
        bench.collect();
    }
    assert_eq!(bench.calls_made, 1);
    bench.answer_all();
    bench
        .store
        .ensure(bench.now, &[Resource::Favorites, Resource::Stats]);
    bench.collect();
    assert_eq!(bench.calls_made, 1, "what is loaded is not read again");
}

#[test]
fn c12_a_pause_holds_reads_and_sends_and_its_end_lets_them_go_at_once() {
    let mut bench = Bench::loaded();
    bench.store.set_paused(bench.now, true);
    bench.store.fetch(bench.now, &[Resource::Stats]);
    bench.set("b3", true);
    bench.advance(60_000);
    assert_eq!(bench.calls_made, 0);
    assert_eq!(bench.store.stats().fetch, FetchStatus::Paused);
    assert_eq!(bench.store.next_deadline(), None);
    bench.store.set_paused(bench.now, false);
    bench.collect();
    assert_eq!(bench.calls_made, 2);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn c13_an_event_costs_no_fetch_and_refolds_only_what_it_touches() {
    let mut bench = Bench::loaded();
    let rebases = |bench: &Bench| Resource::ALL.map(|resource| bench.store.rebases(resource));
    let before = rebases(&bench);
    let events = bench.server.set_order("o1", OrderStatus::Processing);
    bench.store.handle_events(bench.now, events);
    bench.collect();
    let after = rebases(&bench);
    let changed = Resource::ALL.map(|resource| after[resource.index()] - before[resource.index()]);
    assert_eq!(changed, [0, 1, 0, 0, 0]);
    assert_eq!(bench.calls_made, 0);
    assert_eq!(bench.notified(), [Key::Resource(Resource::Orders)]);
}

#[test]
fn c14_a_list_with_pages_has_no_row_twice_and_skips_none_while_rows_come_and_go() {
    let mut bench = ten();
    // Three new rows push three out of sight; the window keeps its count.
    for number in 0..3 {
        let events = bench.server.elsewhere(like(&format!("n{number}")));
        bench.store.handle_events(bench.now, events);
    }
    assert_eq!(bench.favorites(), ["n2", "n1", "n0", "f9", "f8"]);
    bench.collect();
    bench.calls_made = 0;
    // Those are uncovered first, without a call; then a page goes on behind them.
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    assert_eq!(bench.calls_made, 0);
    assert_eq!(bench.favorites().len(), 8);
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    assert!(bench.store.favorites().data.unwrap().list.loading_older);
    let events = bench.server.elsewhere(unlike("f7"));
    bench.store.handle_events(bench.now, events);
    let events = bench.server.elsewhere(like("n3"));
    bench.store.handle_events(bench.now, events);
    bench.answer_all();
    bench.assert_same("after the page");
    assert_eq!(bench.favorites().len(), 13, "13 of them: f7 went, n3 came");
    assert!(!bench.store.favorites().data.unwrap().list.has_older);
    // A resync asks for as many as are loaded.
    bench.server.elsewhere(like("n4"));
    bench.store.fetch(bench.now, &Resource::ALL);
    bench.collect();
    assert_eq!(bench.snapshot_calls()[0].1.limit, Some(13));
    bench.answer_all();
    bench.assert_same("after the resync");
}

#[test]
fn c14_a_list_that_is_pushed_far_goes_on_through_a_larger_snapshot() {
    let mut bench = ten();
    for number in 0..230 {
        let events = bench.server.elsewhere(like(&format!("n{number}")));
        bench.store.handle_events(bench.now, events);
    }
    let mut seen = 0;
    for _ in 0..300 {
        bench.store.load_older(bench.now, ListName::Favorites);
        bench.collect();
        bench.answer_all();
        bench.assert_same("on the way");
        let view = bench.store.favorites().data.unwrap();
        seen = seen.max(view.list.rows.len());
        if !view.list.has_older {
            break;
        }
    }
    assert_eq!(seen, 240);
}

#[test]
fn c14_an_update_of_a_row_older_than_the_window_is_not_shown() {
    let mut bench = Bench::empty();
    for number in 0..10 {
        bench.server.elsewhere(order(&format!("o{number}"), "b1"));
    }
    bench.load(&Resource::ALL);
    let before = bench.store.orders().data.unwrap();
    let events = bench.server.set_order("o0", OrderStatus::Paid);
    bench.store.handle_events(bench.now, events);
    let after = bench.store.orders().data.unwrap();
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
fn c12_a_poll_takes_along_what_waits_for_another_try() {
    let mut bench = Bench::loaded();
    bench.store.fetch(bench.now, &[Resource::Stats]);
    bench.collect();
    let (call, _) = bench.only_call();
    bench.status(call, 503, Some(25_000));
    bench.server.elsewhere(like("b3"));
    bench.advance(5000);
    assert_eq!(bench.calls.len(), 0);
    bench
        .store
        .poll(bench.now, &[Resource::Stats, Resource::Favorites]);
    bench.collect();
    let (call, _) = bench.only_call();
    bench.answer(call);
    assert_eq!(bench.counter(), 3);
    assert_eq!(
        bench.store.next_deadline(),
        None,
        "and it is not read again"
    );
}

fn catalog_updates(beat_id: &str, amount: i64) -> CatalogUpdate {
    CatalogUpdate {
        changes: vec![BeatChange {
            id: beat_id.to_owned(),
            price: Some(money(amount)),
            prices: None,
            plays: None,
        }],
    }
}

fn price(bench: &Bench, beat_id: &str) -> i64 {
    let view = bench.store.favorites().data.unwrap();
    let mut rows = view.list.rows.iter();
    let row = rows.find(|row| row.item.beat_id == beat_id);
    row.expect("it is shown").item.beat.price.amount
}

#[test]
fn c5_a_price_that_changes_while_favorites_are_read_stays_when_the_read_lands() {
    let mut bench = Bench::loaded();
    bench.server.elsewhere(like("b3"));
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.collect();
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, _) = bench.serve(&request);
    bench.store.handle_catalog_update(bench.now, &catalog_updates("b1", 1200));
    bench.store.handle_catalog_update(bench.now, &catalog_updates("b3", 1300));
    bench.store.handle_catalog_update(bench.now, &catalog_updates("b1", 1400));
    assert_eq!(price(&bench, "b1"), 1400);
    bench.reply(call, reply);
    assert_eq!((price(&bench, "b1"), price(&bench, "b3")), (1400, 1300));
    // A read that begins afterwards knows better.
    bench.server.elsewhere(like("b4"));
    bench.load(&[Resource::Favorites]);
    assert_eq!(price(&bench, "b1"), 1000);
}

#[test]
fn c5_a_price_that_changes_while_older_favorites_are_read_stays_when_the_page_lands() {
    let mut bench = ten();
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    let (page, request) = bench.calls.pop_front().unwrap();
    let (reply, _) = bench.serve(&request);
    bench.store.handle_catalog_update(bench.now, &catalog_updates("f2", 1400));
    bench.reply(page, reply);
    assert_eq!(price(&bench, "f2"), 1400);
}

#[test]
fn c5_a_price_that_changes_while_an_older_favorite_waits_in_a_gap_stays_when_that_is_applied() {
    let mut bench = Bench::loaded();
    let missing = bench.server.elsewhere(like("b3"));
    let waiting = bench.server.elsewhere(like("b4"));
    bench.deliver(&waiting);
    bench.store.handle_catalog_update(bench.now, &catalog_updates("b4", 1200));
    bench.store.handle_catalog_update(bench.now, &catalog_updates("b4", 1400));
    bench.store.handle_catalog_update(bench.now, &catalog_updates("b3", 1300));
    bench.deliver(&missing);
    assert_eq!(bench.favorites()[..2], ["b4", "b3"]);
    assert_eq!(price(&bench, "b4"), 1400);
    // What comes after the change knows better.
    assert_eq!(price(&bench, "b3"), 1000);
}

#[test]
fn c5_a_price_that_changes_while_a_favorite_is_saved_stays_when_the_reply_lands() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, _) = bench.serve(&request);
    bench.store.handle_catalog_update(bench.now, &catalog_updates("b3", 1400));
    assert_eq!(price(&bench, "b3"), 1400);
    bench.reply(call, reply);
    assert_eq!(bench.pending(), 0);
    assert_eq!(price(&bench, "b3"), 1400);
    // And is forgotten with that.
    bench.server.elsewhere(like("b4"));
    bench.load(&[Resource::Favorites]);
    assert_eq!(price(&bench, "b3"), 1000);
}

#[test]
fn c5_more_prices_than_are_kept_for_a_read_have_it_made_once_more() {
    for (count, reads) in [(1024, 0), (1025, 1)] {
        let mut bench = Bench::loaded();
        bench.store.fetch(bench.now, &[Resource::Favorites]);
        bench.collect();
        for number in 0..count {
            bench
                .store
                .handle_catalog_update(bench.now, &catalog_updates(&format!("m{number}"), 1400));
        }
        let (call, _) = bench.only_call();
        bench.answer(call);
        assert_eq!(bench.snapshot_calls().len(), reads, "{count}");
        bench.drain();
    }
}

fn page_calls(bench: &Bench) -> Vec<u64> {
    let calls = bench.calls.iter();
    let pages = calls.filter(|(_, request)| matches!(request, HttpRequest::Older { .. }));
    pages.map(|(id, _)| *id).collect()
}

#[test]
fn c10_an_older_page_that_fails_is_tried_three_times_more_and_then_told() {
    let mut bench = ten();
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    for attempts in 1..=4 {
        bench.wait_for_call();
        let view = bench.store.favorites();
        assert!(view.error.is_none() && view.data.unwrap().list.loading_older);
        let call = page_calls(&bench)[0];
        if attempts == 2 {
            bench.status(call, 503, Some(7000));
            bench.advance(6999);
            assert_eq!(
                page_calls(&bench).len(),
                0,
                "no earlier than the server says"
            );
        } else {
            bench.fail(call, HttpFailure::Network);
        }
    }
    let view = bench.store.favorites();
    assert_eq!(view.error.map(|error| error.kind), Some(ErrorKind::Network));
    let data = view.data.unwrap();
    assert!(
        !data.list.loading_older && data.list.rows.len() == 5,
        "what there was stays"
    );
    bench.advance(600_000);
    assert_eq!(bench.calls.len(), 0);
    // The user asks again.
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    bench.answer_all();
    assert_eq!(bench.favorites().len(), 10);
    assert!(bench.store.favorites().error.is_none());
    bench.assert_same("at rest");
}

#[test]
fn e4_an_older_page_waits_for_the_sign_in_and_goes_on_after_it() {
    let mut bench = ten();
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.collect();
    let call = page_calls(&bench)[0];
    bench.status(call, 401, None);
    assert_eq!(bench.unauthenticated, 1);
    bench.store.load_older(bench.now, ListName::Favorites);
    bench.store.load_older(bench.now, ListName::Activity);
    bench.advance(60_000);
    assert_eq!(bench.calls.len(), 0, "nothing is sent meanwhile");
    bench.store.sign_in(bench.now, "ada");
    bench.collect();
    assert_eq!(page_calls(&bench).len(), 2);
    bench.drain();
    assert_eq!(bench.favorites().len(), 10);
    bench.assert_same("at rest");
}

#[test]
fn c6_a_gap_that_cannot_be_read_is_tried_again_in_its_time_and_not_at_every_alarm() {
    let mut bench = Bench::loaded();
    bench.server.elsewhere(like("b3"));
    let events = bench.server.elsewhere(like("b4"));
    bench.deliver(&events);
    bench.wait_for_call();
    let begun = bench.now.mono_ms;
    for _ in 0..8 {
        let (call, _) = bench.only_call();
        bench.fail(call, HttpFailure::Network);
        assert_eq!(bench.calls.len(), 0);
        // Alarms that ring for something else.
        bench.store.handle_timeout(bench.now);
        bench.collect();
        assert_eq!(bench.calls.len(), 0);
        bench.wait_for_call();
    }
    // The waits have grown: they are drawn from 0 to half a second, then to one, two and so on.
    assert!(bench.now.mono_ms - begun > 5000);
    bench.drain();
    bench.assert_same("after the gap");
}
