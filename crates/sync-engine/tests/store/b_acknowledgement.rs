//! Replies and events in any order: each change shows once, and nothing is taken back that was granted.

use dashboard_protocol::{Change, OrderStatus, Resource};

use super::super::{Count, StoreOutput};
use super::bench::{Bench, cancel_order, ids_of, like, order, unlike};
use crate::http::{HttpFailure, HttpReply};
use crate::view::{FetchStatus, Key, MutationState};

/// A click that is sent, its call, and the events that it made on the server.
fn sent(bench: &mut Bench, beat_id: &str) -> (u64, HttpReply, Vec<dashboard_protocol::Event>) {
    bench.set(beat_id, true);
    bench.advance(150);
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, events) = bench.serve(&request);
    bench.notified();
    (call, reply, events)
}

#[test]
fn b1_reply_then_event_shows_the_change_once() {
    let mut bench = Bench::loaded();
    let mut frames = vec![bench.favorite("b3")];
    let (call, reply, events) = sent(&mut bench, "b3");
    frames.push(bench.favorite("b3"));
    bench.reply(call, reply);
    frames.push(bench.favorite("b3"));
    assert_eq!(bench.pending(), 0);
    bench.notified();
    bench.deliver(&events);
    frames.push(bench.favorite("b3"));
    assert_eq!(frames, [false, true, true, true]);
    assert_eq!(bench.notified(), []);
    bench.assert_same("at rest");
}

#[test]
fn b2_event_then_reply_shows_the_same_and_the_reply_tells_nothing() {
    let mut bench = Bench::loaded();
    let (call, reply, events) = sent(&mut bench, "b3");
    bench.store.handle_events(bench.now, events);
    bench.collect();
    assert!(bench.favorite("b3"));
    assert_eq!(bench.pending(), 0);
    assert!(!bench.notified().is_empty(), "the row is confirmed now");
    bench.reply(call, reply);
    assert_eq!(bench.notified(), []);
    bench.assert_same("at rest");
}

#[test]
fn b3_an_accepted_mutation_whose_event_is_late_stays_shown() {
    let mut bench = Bench::loaded();
    let (call, reply, events) = sent(&mut bench, "b3");
    let HttpReply::Mutations(mut reply) = reply else {
        panic!("verdicts");
    };
    // A reply that tells the version and the events, of which the first is far ahead of what is known here.
    let ahead = bench.server.elsewhere(like("x1"));
    for result in &mut reply.results {
        if let dashboard_protocol::MutationOutcome::Accepted { events, version } = &mut result.outcome {
            *events = ahead.clone();
            *version = ahead[0].version;
        }
    }
    bench.reply(call, HttpReply::Mutations(reply));
    assert_eq!(bench.states(), [MutationState::Accepted]);
    // Every timer on the way rings, and no read is answered.
    for _ in 0..30 {
        bench.advance(1000);
        assert!(bench.favorite("b3"));
        assert_eq!(bench.states(), [MutationState::Accepted]);
    }
    bench.store.handle_events(bench.now, events);
    bench.collect();
    assert!(bench.favorite("b3"));
    assert_eq!(bench.pending(), 0);
}

#[test]
fn b4_an_accepted_mutation_that_changed_nothing_leaves_when_its_resource_has_reached_the_version() {
    let mut bench = Bench::loaded();
    // It became a favorite elsewhere, which is not known here yet.
    let events = bench.server.elsewhere(like("b3"));
    let (call, reply, none) = sent(&mut bench, "b3");
    assert!(none.is_empty());
    bench.reply(call, reply);
    assert_eq!(bench.states(), [MutationState::Accepted]);
    assert!(bench.favorite("b3"));
    assert_eq!(bench.counter(), 3, "the counter keeps step with its list");
    bench.store.handle_events(bench.now, events);
    bench.collect();
    assert_eq!(bench.pending(), 0);
    assert!(bench.favorite("b3"));
    bench.assert_same("at rest");
}

#[test]
fn b5_a_server_value_other_than_the_guess_replaces_it_without_the_old_one_between() {
    let mut bench = Bench::loaded();
    bench.mutate(order("o2", "b3"));
    let number = |bench: &Bench| {
        let view = bench.store.orders().data.unwrap();
        view.rows
            .iter()
            .find(|row| row.item.id == "o2")
            .map(|row| row.item.number.clone())
    };
    assert_eq!(number(&bench).as_deref(), Some(""));
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, events) = bench.serve(&request);
    for event in &events {
        bench.store.handle_event(bench.now, event.clone());
        assert!(number(&bench).is_some());
    }
    bench.reply(call, reply);
    assert_eq!(number(&bench).as_deref(), Some("N1"));
}

#[test]
fn b6_the_same_event_twice_tells_nothing() {
    let mut bench = Bench::loaded();
    let events = bench.server.elsewhere(like("b3"));
    bench.deliver(&events);
    bench.notified();
    bench.deliver(&events);
    assert_eq!(bench.notified(), []);
    assert_eq!(bench.counted(&Count::Duplicate(Resource::Favorites)), 1);
    // Also while it waits for one that is missing.
    let _missing = bench.server.elsewhere(like("b4"));
    let later = bench.server.elsewhere(like("b5"));
    bench.deliver(&later);
    bench.deliver(&later);
    assert_eq!(bench.counted(&Count::Duplicate(Resource::Favorites)), 2);
    assert_eq!(bench.notified(), []);
}

#[test]
fn b7_an_event_that_is_known_is_ignored() {
    let mut bench = Bench::loaded();
    let events = bench.server.elsewhere(like("b3"));
    bench.load(&Resource::ALL);
    bench.deliver(&events);
    assert_eq!(bench.notified(), []);
    bench.assert_same("at rest");
}

#[test]
fn b8_events_are_applied_in_order_and_one_that_stays_away_costs_one_fetch() {
    let mut bench = Bench::loaded();
    let five = bench.server.elsewhere(like("b5"));
    let six = bench.server.elsewhere(like("b6"));
    let seven = bench.server.elsewhere(like("b7"));
    bench.store.handle_events(bench.now, five);
    assert_eq!(bench.favorites()[0], "b5");
    bench.store.handle_events(bench.now, seven);
    assert_eq!(bench.favorites()[0], "b5", "7 waits");
    bench.store.handle_events(bench.now, six);
    assert_eq!(bench.favorites()[..3], ["b7", "b6", "b5"]);
    // Another one that never comes.
    bench.set("b9", true);
    let _lost = bench.server.elsewhere(like("b8"));
    let ten = bench.server.elsewhere(like("b10"));
    bench.store.handle_events(bench.now, ten);
    bench.collect();
    assert_eq!(bench.snapshot_calls().len(), 0);
    bench.advance(999);
    assert_eq!(bench.snapshot_calls().len(), 0);
    bench.advance(1);
    assert_eq!(bench.snapshot_calls().len(), 1);
    let view = bench.store.favorites();
    assert_eq!(view.fetch, FetchStatus::Fetching, "catching up");
    assert!(
        bench.favorite("b9") && bench.favorite("b7"),
        "data and wish still show"
    );
    bench.advance(500);
    assert_eq!(bench.snapshot_calls().len(), 1);
    assert_eq!(bench.counted(&Count::Gap(Resource::Favorites)), 2);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn b9_parts_of_one_commit_show_together_or_after_fifty_milliseconds() {
    let mut bench = Bench::loaded();
    let events = bench.server.elsewhere(like("b3"));
    let (last, first) = events.split_last().unwrap();
    for event in first {
        bench.deliver(std::slice::from_ref(event));
        assert_eq!((bench.favorites().len(), bench.counter()), (2, 2));
    }
    bench.advance(49);
    bench.deliver(std::slice::from_ref(last));
    assert_eq!((bench.favorites().len(), bench.counter()), (3, 3));
    // A part that does not come is not waited for any longer.
    let events = bench.server.elsewhere(like("b4"));
    bench.deliver(&events[..1]);
    bench.advance(49);
    assert_eq!(bench.favorites().len(), 3);
    bench.advance(1);
    assert_eq!(bench.favorites().len(), 4);
}

#[test]
fn b9_parts_that_nobody_listens_to_are_not_waited_for() {
    let mut bench = Bench::loaded();
    bench
        .store
        .set_live(&[Resource::Favorites, Resource::Stats]);
    let events = bench.server.elsewhere(like("b3"));
    let live = events
        .iter()
        .filter(|event| event.resource != Resource::Activity);
    let live: Vec<_> = live.cloned().collect();
    bench.deliver(&live);
    assert_eq!((bench.favorites().len(), bench.counter()), (3, 3));
}

#[test]
fn b10_a_mutation_leaves_in_the_very_commit_that_brings_its_effect() {
    let mut bench = Bench::loaded();
    let (_, _, events) = sent(&mut bench, "b3");
    assert!(bench.store.favorites().data.unwrap().list.rows[0].is_pending());
    bench.store.handle_events(bench.now, events);
    let mut at_once = Vec::new();
    while let Some(output) = bench.store.poll_output() {
        if let StoreOutput::Changed(key) = output {
            at_once.push(key);
        }
    }
    assert!(
        at_once.contains(&Key::Resource(Resource::Favorites)) && at_once.contains(&Key::Mutations)
    );
    assert!(!bench.store.favorites().data.unwrap().list.rows[0].is_pending());
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.counter(), 3);
}

#[test]
fn b11_a_new_epoch_replaces_the_base_and_the_mutations_are_replayed_on_it() {
    let mut bench = Bench::loaded();
    // Taken by the server, and lost when the server was restored from a backup.
    let (call, reply, _) = sent(&mut bench, "b3");
    let HttpReply::Mutations(mut reply) = reply else {
        panic!("verdicts");
    };
    if let dashboard_protocol::MutationOutcome::Accepted { events, .. } = &mut reply.results[0].outcome {
        events.retain(|event| event.resource == Resource::Stats);
    }
    bench.reply(call, HttpReply::Mutations(reply));
    assert_eq!(bench.states(), [MutationState::Accepted]);
    bench.server = super::server::Server::new(super::bench::START_MS - 500);
    bench.server.epoch = "e2".to_owned();
    let events = bench.server.elsewhere(like("r1"));
    assert!(events[0].version < bench.store.version_of(Resource::Favorites).unwrap());
    bench.store.handle_events(bench.now, events);
    bench.collect();
    assert_eq!(
        bench.favorites(),
        ["b3", "b2", "b1"],
        "the old data show until there are new ones"
    );
    let (snapshot, request) = bench.snapshot_calls().remove(0);
    assert!(request.resources.iter().all(|(_, known)| known.is_none()));
    assert_eq!(request.epoch, None);
    assert_eq!(request.resources.len(), 5);
    bench.answer(snapshot);
    assert_eq!(bench.favorites(), ["b3", "r1"]);
    assert!(bench.favorite("b3") && !bench.favorite("b1"));
    bench.drain();
    assert_eq!(
        bench.favorites(),
        ["b3", "r1"],
        "the wish was sent again under its id"
    );
    assert_eq!(bench.server.effects, 1);
    bench.assert_same("at rest");
    // A late event of the old epoch is no new epoch.
    let mut old = super::server::Server::new(super::bench::START_MS - 500);
    let late = old.elsewhere(like("z"));
    bench.forget();
    bench.deliver(&late);
    assert_eq!((bench.notified(), bench.calls_made), (vec![], 0));
}

#[test]
fn b11_a_reply_of_an_ended_epoch_is_not_taken_for_a_new_one() {
    let mut bench = Bench::loaded();
    bench.store.fetch(bench.now, &[Resource::Stats]);
    bench.collect();
    let old_server = bench.server.clone();
    let (old_call, request) = bench.snapshot_calls().remove(0);
    let mut request = request;
    request.epoch = None;
    let old_reply = HttpReply::Snapshot(old_server.snapshot(&request));
    bench.server.epoch = "e2".to_owned();
    let events = bench.server.elsewhere(like("b3"));
    bench.store.handle_events(bench.now, events);
    bench.collect();
    bench.take_call(old_call);
    bench.reply(old_call, old_reply);
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn b12_versions_of_other_resources_never_look_like_gaps() {
    let mut bench = Bench::loaded();
    for _ in 0..5 {
        bench.server.log("elsewhere");
    }
    let events = bench.server.elsewhere(cancel_order("o1"));
    let orders: Vec<_> = events
        .into_iter()
        .filter(|event| event.resource == Resource::Orders)
        .collect();
    bench.store.set_live(&[Resource::Orders]);
    bench.deliver(&orders);
    assert_eq!(bench.counted(&Count::Gap(Resource::Orders)), 0);
    assert_eq!(bench.counted(&Count::Applied(Resource::Orders)), 1);
}

#[test]
fn b13_an_event_that_cannot_be_read_costs_one_fetch_of_its_resource() {
    let mut bench = Bench::loaded();
    let mut events = bench.server.elsewhere(like("b3"));
    for event in &mut events {
        if event.resource == Resource::Favorites {
            event.changes = vec![Change::Unknown {
                kind: "favorite_starred".to_owned(),
            }];
        }
    }
    bench.store.set_live(&[]);
    bench.deliver(&events);
    let (_, request) = bench.snapshot_calls().remove(0);
    assert_eq!(request.resources, [(Resource::Favorites, Some(2))]);
    assert_eq!(bench.counted(&Count::Malformed(Resource::Favorites)), 1);
    assert_eq!(bench.counter(), 3, "the others go on");
    bench.drain();
    bench.assert_same("at rest");
    bench.forget();
    bench.store.handle_malformed(bench.now, Resource::Orders);
    bench.collect();
    assert_eq!(bench.counted(&Count::Malformed(Resource::Orders)), 1);
    assert_eq!(bench.snapshot_calls()[0].1.resources[0].0, Resource::Orders);
    bench.drain();
}

#[test]
fn b14_events_before_the_first_snapshot_are_kept_and_applied_on_top() {
    let mut bench = Bench::empty();
    bench.seed();
    bench.store.ensure(bench.now, &Resource::ALL);
    bench.collect();
    let (call, request) = bench.calls.pop_front().unwrap();
    let (reply, _) = bench.serve(&request);
    let events = bench.server.elsewhere(like("b3"));
    bench.deliver(&events);
    assert!(bench.store.favorites().data.is_none());
    bench.reply(call, reply);
    assert_eq!(bench.favorites(), ["b3", "b2", "b1"]);
    bench.assert_same("at rest");
    assert_eq!(bench.calls.len(), 0);
}

#[test]
fn b15_a_thousand_events_are_one_commit_with_one_notification_for_each_key() {
    let mut bench = Bench::loaded();
    let mut events = Vec::new();
    for number in 0..500 {
        let body = if number % 2 == 0 {
            like("b3")
        } else {
            unlike("b3")
        };
        events.extend(bench.server.elsewhere(body));
    }
    events.extend(bench.server.elsewhere(like("b4")));
    assert!(events.len() >= 1000);
    let rebases = bench.store.rebases(Resource::Favorites);
    bench.store.handle_events(bench.now, events);
    bench.collect();
    let notified = bench.notified();
    let favorites = notified
        .iter()
        .filter(|key| **key == Key::Resource(Resource::Favorites));
    assert_eq!(favorites.count(), 1);
    assert_eq!(bench.store.rebases(Resource::Favorites), rebases + 1);
    assert_eq!(
        bench.store.rebases(Resource::Orders),
        bench.store.rebases(Resource::Downloads)
    );
    bench.drain();
    bench.assert_same("at rest");
}

#[test]
fn b11_an_outcome_of_a_new_epoch_is_not_measured_by_the_old_versions() {
    let mut bench = Bench::loaded();
    bench.set("b3", true);
    bench.advance(150);
    bench.server = super::server::Server::new(super::bench::START_MS - 500);
    bench.server.epoch = "e2".to_owned();
    bench.server.elsewhere(like("b3"));
    // It is a favorite there already, at a version that is long past in the epoch that is known here.
    let (call, _) = bench.mutation_calls().remove(0);
    let events = bench.answer(call);
    assert!(events.is_empty());
    assert!(bench.favorite("b3"));
    assert_eq!(bench.states(), [MutationState::Accepted]);
    bench.drain();
    assert_eq!(bench.favorites(), ["b3"]);
    assert_eq!(bench.pending(), 0);
    bench.assert_same("at rest");
}

#[test]
fn b4_a_mutation_that_changed_nothing_and_whose_reply_was_lost_leaves_by_itself() {
    let mut bench = Bench::loaded();
    bench.server.elsewhere(like("b3"));
    bench.set("b3", true);
    bench.advance(150);
    let (call, request) = bench.mutation_calls().remove(0);
    bench.server.run(&request);
    bench.fail(call, HttpFailure::Network);
    bench.store.set_paused(bench.now, true);
    bench.store.set_paused(bench.now, false);
    bench.collect();
    for (call, _) in bench.mutation_calls() {
        bench.fail(call, HttpFailure::Network);
    }
    bench.store.fetch(bench.now, &[Resource::Favorites]);
    bench.drain();
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.server.effects, 0);
    assert!(bench.favorite("b3"));
}

#[test]
fn b4_a_mutation_that_changed_nothing_is_read_for_where_nobody_listens() {
    let mut bench = Bench::loaded();
    // The user went to another tab: events of favorites come no more.
    bench.store.set_live(&[Resource::Orders, Resource::Stats]);
    bench.server.elsewhere(like("b3"));
    let (call, reply, none) = sent(&mut bench, "b3");
    assert!(none.is_empty());
    bench.reply(call, reply);
    assert_eq!(bench.pending(), 1);
    let (read, request) = bench.snapshot_calls().remove(0);
    let mut read_of = request.resources.iter().map(|(resource, _)| *resource);
    assert!(read_of.any(|resource| resource == Resource::Favorites));
    bench.answer(read);
    assert_eq!(bench.pending(), 0);
    assert!(bench.favorite("b3"));
}

#[test]
fn b4_a_mutation_whose_reply_was_lost_is_read_for_where_nobody_listens() {
    let mut bench = Bench::loaded();
    bench.store.set_live(&[Resource::Stats]);
    let (call, _, events) = sent(&mut bench, "b3");
    // The statistics' stream tells that the server ran it; the reply with the other events is lost.
    let of_stats = events
        .into_iter()
        .filter(|event| event.resource == Resource::Stats);
    let of_stats: Vec<_> = of_stats.collect();
    bench.deliver(&of_stats);
    assert_eq!(bench.states(), [MutationState::Accepted]);
    assert!(
        bench.snapshot_calls().is_empty(),
        "the reply may still come"
    );
    bench.fail(call, HttpFailure::Network);
    assert_eq!(bench.snapshot_calls().len(), 1);
    bench.drain();
    assert_eq!(bench.pending(), 0);
    bench.assert_same("at rest");
}

#[test]
fn b4_a_part_of_a_batch_that_changed_nothing_is_read_for() {
    let mut bench = Bench::loaded();
    bench.batch(vec![like("b1"), order("o2", "b3")], true);
    bench.wait_for_call();
    let (call, request) = bench.only_call();
    let (reply, events) = bench.serve(&request);
    assert!(
        events
            .iter()
            .all(|event| event.resource != Resource::Favorites)
    );
    bench.calls.clear();
    bench.reply(call, reply);
    bench.deliver(&events);
    assert_eq!(
        bench.pending(),
        1,
        "nothing said so far that the heart is right"
    );
    bench.drain();
    assert_eq!(bench.pending(), 0);
    assert!(bench.favorite("b1"));
}

#[test]
fn b11_mutations_for_one_thing_keep_their_order_when_another_epoch_begins() {
    let mut bench = Bench::loaded();
    // The event of another order is lost, so that the own one cannot be applied yet.
    bench.server.elsewhere(order("x1", "b2"));
    let first = bench.mutate(order("o2", "b3"));
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert_eq!(bench.states(), [MutationState::Accepted]);
    bench.store.set_paused(bench.now, true);
    let second = bench.mutate(cancel_order("o2"));
    // The server is restored from a time before that.
    bench.server.epoch = "e2".to_owned();
    bench.server.orders.retain(|order| order.id == "o1");
    bench.server.outcomes.clear();
    let events = bench.server.elsewhere(like("b4"));
    bench.deliver(&events);
    bench.store.set_paused(bench.now, false);
    bench.collect();
    let sent = bench.mutation_calls();
    assert_eq!(sent.len(), 1);
    assert_eq!(ids_of(&sent[0].1), [first.as_str()]);
    bench.answer(sent[0].0);
    assert_eq!(ids_of(&bench.mutation_calls()[0].1), [second.as_str()]);
    bench.drain();
    assert_eq!(bench.server.orders[0].id, "o2");
    assert_eq!(bench.server.orders[0].status, OrderStatus::Cancelled);
    bench.assert_same("at rest");
}

#[test]
fn b11_a_click_that_another_epoch_lost_does_not_overtake_the_one_that_took_it_back() {
    let mut bench = Bench::loaded();
    bench.server.elsewhere(like("x1"));
    bench.set("b3", true);
    bench.advance(150);
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert_eq!(bench.states(), [MutationState::Accepted]);
    bench.set("b3", false);
    bench.wait_for_call();
    while bench.mutation_calls().is_empty() {
        bench.calls.clear();
        bench.wait_for_call();
    }
    bench.server.epoch = "e2".to_owned();
    bench.server.favorites.retain(|row| row.beat_id != "b3");
    bench.server.outcomes.clear();
    let (call, _) = bench.mutation_calls().remove(0);
    bench.answer(call);
    assert!(!bench.favorite("b3"));
    bench.drain();
    assert!(!bench.favorite("b3"), "the last click holds");
    bench.assert_same("at rest");
}
