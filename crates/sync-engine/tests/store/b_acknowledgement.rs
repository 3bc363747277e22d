//! Replies and events in any order: each change shows once, and no accepted mutation is rolled back.

use dashboard_model::views::{DashboardStore, key_of};
use dashboard_model::{Event, OrderStatus, Resource};
use sync_engine::event::Change;
use sync_engine::http::{HttpFailure, HttpReply, MutationOutcome};
use sync_engine::metrics::Counter;
use sync_engine::schema::ResourceSet;
use sync_engine::store::StoreOutput;
use sync_engine::view::{FetchStatus, Key, MutationState};

use crate::fixture::{Fixture, START_MS, all, cancel_order, ids_of, like, order, some, unlike};
use crate::server::{Server, decoded};

/// A click that was sent: its call, the reply to it, and the events of its commit.
fn sent(fixture: &mut Fixture, beat_id: &str) -> (u64, HttpReply, Vec<Event>) {
    fixture.set(beat_id, true);
    fixture.advance(150);
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, events) = fixture.serve(&request);
    fixture.notified();
    (call, reply, events)
}

#[test]
fn b1_reply_then_event_shows_the_change_once() {
    let mut fixture = Fixture::loaded();
    let mut frames = vec![fixture.favorite("b3")];
    let (call, reply, events) = sent(&mut fixture, "b3");
    frames.push(fixture.favorite("b3"));
    fixture.reply(call, reply);
    frames.push(fixture.favorite("b3"));
    assert_eq!(fixture.pending(), 0);
    fixture.notified();
    fixture.deliver(&events);
    frames.push(fixture.favorite("b3"));
    assert_eq!(frames, [false, true, true, true]);
    assert_eq!(fixture.notified(), []);
    fixture.assert_same("at rest");
}

#[test]
fn b2_event_then_reply_shows_the_same_and_the_reply_emits_nothing() {
    let mut fixture = Fixture::loaded();
    let (call, reply, events) = sent(&mut fixture, "b3");
    fixture.receive(&events);
    fixture.collect();
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.pending(), 0);
    assert!(!fixture.notified().is_empty(), "the row is confirmed now");
    fixture.reply(call, reply);
    assert_eq!(fixture.notified(), []);
    fixture.assert_same("at rest");
}

#[test]
fn b3_an_accepted_mutation_whose_event_is_late_stays_shown() {
    let mut fixture = Fixture::loaded();
    let (call, reply, events) = sent(&mut fixture, "b3");
    let HttpReply::Mutations(mut reply) = reply else {
        panic!("outcomes");
    };
    // The reply has a version and events that are far ahead of what is known here.
    let ahead = fixture.server.elsewhere(like("x1"));
    for result in &mut reply.results {
        if let MutationOutcome::Accepted { events, version } = &mut result.outcome {
            *events = decoded(&ahead);
            *version = ahead[0].version;
        }
    }
    fixture.reply(call, HttpReply::Mutations(reply));
    assert_eq!(fixture.states(), [MutationState::Accepted]);
    // Every timer on the way rings, and no read is answered.
    for _ in 0..30 {
        fixture.advance(1000);
        assert!(fixture.favorite("b3"));
        assert_eq!(fixture.states(), [MutationState::Accepted]);
    }
    fixture.receive(&events);
    fixture.collect();
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.pending(), 0);
}

#[test]
fn b4_an_accepted_noop_is_settled_once_its_resource_has_reached_the_version() {
    let mut fixture = Fixture::loaded();
    // It became a favorite elsewhere, which is not known here yet.
    let events = fixture.server.elsewhere(like("b3"));
    let (call, reply, none) = sent(&mut fixture, "b3");
    assert!(none.is_empty());
    fixture.reply(call, reply);
    assert_eq!(fixture.states(), [MutationState::Accepted]);
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.counter(), 3, "the counter keeps step with its list");
    fixture.receive(&events);
    fixture.collect();
    assert_eq!(fixture.pending(), 0);
    assert!(fixture.favorite("b3"));
    fixture.assert_same("at rest");
}

#[test]
fn b5_a_server_value_other_than_the_prediction_replaces_it_without_a_flicker() {
    let mut fixture = Fixture::loaded();
    fixture.mutate(order("o2", "b3"));
    let number = |fixture: &Fixture| {
        let view = fixture.store.orders().data.unwrap();
        view.rows
            .iter()
            .find(|row| row.item.id == "o2")
            .map(|row| row.item.number.clone())
    };
    assert_eq!(number(&fixture).as_deref(), Some(""));
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, events) = fixture.serve(&request);
    for event in decoded(&events) {
        fixture.store.handle_event(fixture.now, event);
        assert!(number(&fixture).is_some());
    }
    fixture.reply(call, reply);
    assert_eq!(number(&fixture).as_deref(), Some("N1"));
}

#[test]
fn b6_a_duplicate_event_emits_nothing() {
    let mut fixture = Fixture::loaded();
    let events = fixture.server.elsewhere(like("b3"));
    fixture.deliver(&events);
    fixture.notified();
    fixture.deliver(&events);
    assert_eq!(fixture.notified(), []);
    assert_eq!(fixture.counted(Counter::Duplicates, Resource::Favorites), 1);
    // Also while it waits for one that is missing.
    let _missing = fixture.server.elsewhere(like("b4"));
    let later = fixture.server.elsewhere(like("b5"));
    fixture.deliver(&later);
    fixture.deliver(&later);
    assert_eq!(fixture.counted(Counter::Duplicates, Resource::Favorites), 2);
    assert_eq!(fixture.notified(), []);
}

#[test]
fn b7_an_event_that_the_data_include_is_ignored() {
    let mut fixture = Fixture::loaded();
    let events = fixture.server.elsewhere(like("b3"));
    fixture.load(all());
    fixture.deliver(&events);
    assert_eq!(fixture.notified(), []);
    fixture.assert_same("at rest");
}

#[test]
fn b8_events_are_applied_in_order_and_a_missing_one_costs_one_fetch() {
    let mut fixture = Fixture::loaded();
    let five = fixture.server.elsewhere(like("b5"));
    let six = fixture.server.elsewhere(like("b6"));
    let seven = fixture.server.elsewhere(like("b7"));
    fixture.receive(&five);
    assert_eq!(fixture.favorites()[0], "b5");
    fixture.receive(&seven);
    assert_eq!(fixture.favorites()[0], "b5", "7 waits");
    fixture.receive(&six);
    assert_eq!(fixture.favorites()[..3], ["b7", "b6", "b5"]);
    // Another one that never comes.
    fixture.set("b9", true);
    let _lost = fixture.server.elsewhere(like("b8"));
    let ten = fixture.server.elsewhere(like("b10"));
    fixture.receive(&ten);
    fixture.collect();
    assert_eq!(fixture.snapshot_calls().len(), 0);
    fixture.advance(999);
    assert_eq!(fixture.snapshot_calls().len(), 0);
    fixture.advance(1);
    assert_eq!(fixture.snapshot_calls().len(), 1);
    let view = fixture.store.favorites();
    assert_eq!(view.fetch, FetchStatus::Fetching, "catching up");
    assert!(
        fixture.favorite("b9") && fixture.favorite("b7"),
        "data and mutation still show"
    );
    fixture.advance(500);
    assert_eq!(fixture.snapshot_calls().len(), 1);
    assert_eq!(fixture.counted(Counter::Gaps, Resource::Favorites), 2);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn b9_parts_of_one_commit_show_together_or_after_fifty_milliseconds() {
    let mut fixture = Fixture::loaded();
    let events = fixture.server.elsewhere(like("b3"));
    let (last, first) = events.split_last().unwrap();
    for event in first {
        fixture.deliver(std::slice::from_ref(event));
        assert_eq!((fixture.favorites().len(), fixture.counter()), (2, 2));
    }
    fixture.advance(49);
    fixture.deliver(std::slice::from_ref(last));
    assert_eq!((fixture.favorites().len(), fixture.counter()), (3, 3));
    // A part that does not come is not waited for any longer.
    let events = fixture.server.elsewhere(like("b4"));
    fixture.deliver(&events[..1]);
    fixture.advance(49);
    assert_eq!(fixture.favorites().len(), 3);
    fixture.advance(1);
    assert_eq!(fixture.favorites().len(), 4);
}

#[test]
fn b9_parts_without_a_subscription_are_not_waited_for() {
    let mut fixture = Fixture::loaded();
    fixture
        .store
        .set_live(some([Resource::Favorites, Resource::Stats]));
    let events = fixture.server.elsewhere(like("b3"));
    let live = events
        .iter()
        .filter(|event| event.resource != Resource::Activity);
    let live: Vec<_> = live.cloned().collect();
    fixture.deliver(&live);
    assert_eq!((fixture.favorites().len(), fixture.counter()), (3, 3));
}

#[test]
fn b10_a_mutation_is_settled_in_the_commit_that_brings_its_effect() {
    let mut fixture = Fixture::loaded();
    let (_, _, events) = sent(&mut fixture, "b3");
    assert!(fixture.store.favorites().data.unwrap().rows[0].is_pending());
    fixture.receive(&events);
    let mut at_once = Vec::new();
    while let Some(output) = fixture.store.poll_output() {
        if let StoreOutput::Changed(key) = output {
            at_once.push(key);
        }
    }
    assert!(at_once.contains(&key_of(Resource::Favorites)) && at_once.contains(&Key::Mutations));
    assert!(!fixture.store.favorites().data.unwrap().rows[0].is_pending());
    assert_eq!(fixture.pending(), 0);
    assert_eq!(fixture.counter(), 3);
}

#[test]
fn b11_a_new_epoch_replaces_the_server_state_and_mutations_are_rebased_on_it() {
    let mut fixture = Fixture::loaded();
    // Accepted by the server, and lost when the server was restored from a backup.
    let (call, reply, _) = sent(&mut fixture, "b3");
    let HttpReply::Mutations(mut reply) = reply else {
        panic!("outcomes");
    };
    if let MutationOutcome::Accepted { events, .. } = &mut reply.results[0].outcome {
        events.retain(|event| event.resource == Resource::Stats.into());
    }
    fixture.reply(call, HttpReply::Mutations(reply));
    assert_eq!(fixture.states(), [MutationState::Accepted]);
    fixture.server = Server::new(START_MS - 500);
    fixture.server.epoch = "e2".to_owned();
    let events = fixture.server.elsewhere(like("r1"));
    assert!(
        events[0].version
            < fixture
                .store
                .version_of(Resource::Favorites.into())
                .unwrap()
    );
    fixture.receive(&events);
    fixture.collect();
    assert_eq!(
        fixture.favorites(),
        ["b3", "b2", "b1"],
        "the old data show until there are new ones"
    );
    let (snapshot, request) = fixture.snapshot_calls().remove(0);
    assert!(request.resources.iter().all(|(_, known)| known.is_none()));
    assert_eq!(request.epoch, None);
    assert_eq!(request.resources.len(), 5);
    fixture.answer(snapshot);
    assert_eq!(fixture.favorites(), ["b3", "r1"]);
    assert!(fixture.favorite("b3") && !fixture.favorite("b1"));
    fixture.drain();
    assert_eq!(
        fixture.favorites(),
        ["b3", "r1"],
        "the mutation was sent again under its id"
    );
    assert_eq!(fixture.server.effects, 1);
    fixture.assert_same("at rest");
    // A late event of the old epoch is no new epoch.
    let mut old = Server::new(START_MS - 500);
    let late = old.elsewhere(like("z"));
    fixture.forget();
    fixture.deliver(&late);
    assert_eq!((fixture.notified(), fixture.calls_made), (vec![], 0));
}

#[test]
fn b11_a_reply_of_an_ended_epoch_is_not_taken_for_a_new_one() {
    let mut fixture = Fixture::loaded();
    fixture.store.fetch(fixture.now, Resource::Stats.into());
    fixture.collect();
    let old_server = fixture.server.clone();
    let (old_call, request) = fixture.snapshot_calls().remove(0);
    let mut request = request;
    request.epoch = None;
    let old_reply = HttpReply::Snapshot(old_server.snapshot(&request));
    fixture.server.epoch = "e2".to_owned();
    let events = fixture.server.elsewhere(like("b3"));
    fixture.receive(&events);
    fixture.collect();
    fixture.take_call(old_call);
    fixture.reply(old_call, old_reply);
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn b12_versions_of_other_resources_never_look_like_gaps() {
    let mut fixture = Fixture::loaded();
    for _ in 0..5 {
        fixture.server.log("elsewhere");
    }
    let events = fixture.server.elsewhere(cancel_order("o1"));
    let orders: Vec<_> = events
        .into_iter()
        .filter(|event| event.resource == Resource::Orders)
        .collect();
    fixture.store.set_live(Resource::Orders.into());
    fixture.deliver(&orders);
    assert_eq!(fixture.counted(Counter::Gaps, Resource::Orders), 0);
    assert_eq!(fixture.counted(Counter::Applied, Resource::Orders), 1);
}

#[test]
fn b13_an_event_that_cannot_be_read_costs_one_fetch_of_its_resource() {
    let mut fixture = Fixture::loaded();
    let mut events = decoded(&fixture.server.elsewhere(like("b3")));
    for event in &mut events {
        if event.resource == Resource::Favorites.into() {
            event.changes = vec![Change::unknown("favorite_starred")];
        }
    }
    fixture.store.set_live(ResourceSet::EMPTY);
    for event in events {
        fixture.store.handle_event(fixture.now, event);
        fixture.collect();
    }
    let (_, request) = fixture.snapshot_calls().remove(0);
    assert_eq!(request.resources, [(Resource::Favorites.into(), Some(2))]);
    assert_eq!(
        fixture.counted(Counter::FramesMalformed, Resource::Favorites),
        1
    );
    assert_eq!(fixture.counter(), 3, "the others go on");
    fixture.drain();
    fixture.assert_same("at rest");
    fixture.forget();
    fixture
        .store
        .handle_malformed(fixture.now, Resource::Orders.into());
    fixture.collect();
    assert_eq!(
        fixture.counted(Counter::FramesMalformed, Resource::Orders),
        1
    );
    let (_, request) = fixture.snapshot_calls().remove(0);
    assert_eq!(request.resources[0].0, Resource::Orders.into());
    fixture.drain();
}

#[test]
fn b14_events_before_the_first_snapshot_are_kept_and_applied_on_top() {
    let mut fixture = Fixture::empty();
    fixture.seed();
    fixture.store.ensure(fixture.now, all());
    fixture.collect();
    let (call, request) = fixture.calls.pop_front().unwrap();
    let (reply, _) = fixture.serve(&request);
    let events = fixture.server.elsewhere(like("b3"));
    fixture.deliver(&events);
    assert!(fixture.store.favorites().data.is_none());
    fixture.reply(call, reply);
    assert_eq!(fixture.favorites(), ["b3", "b2", "b1"]);
    fixture.assert_same("at rest");
    assert_eq!(fixture.calls.len(), 0);
}

#[test]
fn b15_a_thousand_events_are_one_commit_with_one_notification_for_each_key() {
    let mut fixture = Fixture::loaded();
    let mut events = Vec::new();
    for number in 0..500 {
        let body = if number % 2 == 0 {
            like("b3")
        } else {
            unlike("b3")
        };
        events.extend(fixture.server.elsewhere(body));
    }
    events.extend(fixture.server.elsewhere(like("b4")));
    assert!(events.len() >= 1000);
    let rebases = fixture.store.rebases(Resource::Favorites.into());
    fixture.receive(&events);
    fixture.collect();
    let notified = fixture.notified();
    let favorites = notified
        .iter()
        .filter(|key| **key == key_of(Resource::Favorites));
    assert_eq!(favorites.count(), 1);
    assert_eq!(
        fixture.store.rebases(Resource::Favorites.into()),
        rebases + 1
    );
    assert_eq!(
        fixture.store.rebases(Resource::Orders.into()),
        fixture.store.rebases(Resource::Downloads.into())
    );
    fixture.drain();
    fixture.assert_same("at rest");
}

#[test]
fn b11_an_outcome_of_a_new_epoch_is_not_compared_with_old_versions() {
    let mut fixture = Fixture::loaded();
    fixture.set("b3", true);
    fixture.advance(150);
    fixture.server = Server::new(START_MS - 500);
    fixture.server.epoch = "e2".to_owned();
    fixture.server.elsewhere(like("b3"));
    // It is a favorite there already, at a version that is long past in the epoch that is known here.
    let (call, _) = fixture.mutation_calls().remove(0);
    let events = fixture.answer(call);
    assert!(events.is_empty());
    assert!(fixture.favorite("b3"));
    assert_eq!(fixture.states(), [MutationState::Accepted]);
    fixture.drain();
    assert_eq!(fixture.favorites(), ["b3"]);
    assert_eq!(fixture.pending(), 0);
    fixture.assert_same("at rest");
}

#[test]
fn b4_a_noop_whose_reply_was_lost_is_settled_by_itself() {
    let mut fixture = Fixture::loaded();
    fixture.server.elsewhere(like("b3"));
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, request) = fixture.mutation_calls().remove(0);
    fixture.server.run(&request);
    fixture.fail(call, HttpFailure::Network);
    fixture.store.set_paused(fixture.now, true);
    fixture.store.set_paused(fixture.now, false);
    fixture.collect();
    for (call, _) in fixture.mutation_calls() {
        fixture.fail(call, HttpFailure::Network);
    }
    fixture.store.fetch(fixture.now, Resource::Favorites.into());
    fixture.drain();
    assert_eq!(fixture.pending(), 0);
    assert_eq!(fixture.server.effects, 0);
    assert!(fixture.favorite("b3"));
}

#[test]
fn b4_a_noop_costs_a_read_where_nothing_is_subscribed() {
    let mut fixture = Fixture::loaded();
    // The user went to another tab: events of favorites come no more.
    fixture
        .store
        .set_live(some([Resource::Orders, Resource::Stats]));
    fixture.server.elsewhere(like("b3"));
    let (call, reply, none) = sent(&mut fixture, "b3");
    assert!(none.is_empty());
    fixture.reply(call, reply);
    assert_eq!(fixture.pending(), 1);
    let (read, request) = fixture.snapshot_calls().remove(0);
    let mut read_of = request.resources.iter().map(|(resource, _)| *resource);
    assert!(read_of.any(|resource| resource == Resource::Favorites.into()));
    fixture.answer(read);
    assert_eq!(fixture.pending(), 0);
    assert!(fixture.favorite("b3"));
}

#[test]
fn b4_a_lost_reply_costs_a_read_where_nothing_is_subscribed() {
    let mut fixture = Fixture::loaded();
    fixture.store.set_live(Resource::Stats.into());
    let (call, _, events) = sent(&mut fixture, "b3");
    // The event of the statistics names it; the reply with the other events is lost.
    let of_stats = events
        .into_iter()
        .filter(|event| event.resource == Resource::Stats);
    let of_stats: Vec<_> = of_stats.collect();
    fixture.deliver(&of_stats);
    assert_eq!(fixture.states(), [MutationState::Accepted]);
    assert!(
        fixture.snapshot_calls().is_empty(),
        "the reply may still come"
    );
    fixture.fail(call, HttpFailure::Network);
    assert_eq!(fixture.snapshot_calls().len(), 1);
    fixture.drain();
    assert_eq!(fixture.pending(), 0);
    fixture.assert_same("at rest");
}

#[test]
fn b4_a_noop_in_a_batch_costs_a_read() {
    let mut fixture = Fixture::loaded();
    fixture.batch(vec![like("b1"), order("o2", "b3")], true);
    fixture.wait_for_call();
    let (call, request) = fixture.only_call();
    let (reply, events) = fixture.serve(&request);
    assert!(
        events
            .iter()
            .all(|event| event.resource != Resource::Favorites)
    );
    fixture.calls.clear();
    fixture.reply(call, reply);
    fixture.deliver(&events);
    assert_eq!(
        fixture.pending(),
        1,
        "nothing has confirmed the favorite so far"
    );
    fixture.drain();
    assert_eq!(fixture.pending(), 0);
    assert!(fixture.favorite("b1"));
}

#[test]
fn b11_mutations_of_one_entity_keep_their_order_when_another_epoch_begins() {
    let mut fixture = Fixture::loaded();
    // The event of another order is lost, so that the own one cannot be applied yet.
    fixture.server.elsewhere(order("x1", "b2"));
    let first = fixture.mutate(order("o2", "b3"));
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert_eq!(fixture.states(), [MutationState::Accepted]);
    fixture.store.set_paused(fixture.now, true);
    let second = fixture.mutate(cancel_order("o2"));
    // The server is restored from a time before that.
    fixture.server.epoch = "e2".to_owned();
    fixture.server.orders.retain(|order| order.id == "o1");
    fixture.server.outcomes.clear();
    let events = fixture.server.elsewhere(like("b4"));
    fixture.deliver(&events);
    fixture.store.set_paused(fixture.now, false);
    fixture.collect();
    let sent = fixture.mutation_calls();
    assert_eq!(sent.len(), 1);
    assert_eq!(ids_of(&sent[0].1), [first.as_str()]);
    fixture.answer(sent[0].0);
    assert_eq!(ids_of(&fixture.mutation_calls()[0].1), [second.as_str()]);
    fixture.drain();
    assert_eq!(fixture.server.orders[0].id, "o2");
    assert_eq!(fixture.server.orders[0].status, OrderStatus::Cancelled);
    fixture.assert_same("at rest");
}

#[test]
fn b11_a_click_that_another_epoch_lost_does_not_overtake_a_later_one() {
    let mut fixture = Fixture::loaded();
    fixture.server.elsewhere(like("x1"));
    fixture.set("b3", true);
    fixture.advance(150);
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert_eq!(fixture.states(), [MutationState::Accepted]);
    fixture.set("b3", false);
    fixture.wait_for_call();
    while fixture.mutation_calls().is_empty() {
        fixture.calls.clear();
        fixture.wait_for_call();
    }
    fixture.server.epoch = "e2".to_owned();
    fixture.server.favorites.retain(|row| row.beat_id != "b3");
    fixture.server.outcomes.clear();
    let (call, _) = fixture.mutation_calls().remove(0);
    fixture.answer(call);
    assert!(!fixture.favorite("b3"));
    fixture.drain();
    assert!(!fixture.favorite("b3"), "the last click holds");
    fixture.assert_same("at rest");
}
