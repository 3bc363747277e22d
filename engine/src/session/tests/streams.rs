//! Channels over connections: nothing twice, nothing missing unsaid.

use dashboard_protocol::Channel;

use super::world::{World, favorites, orders};
use crate::session::{Input, Output, Recovery};
use crate::view::SubscriptionState;

#[test]
fn what_was_missed_comes_before_what_is_new_and_nothing_twice() {
    let mut world = World::live();
    world.publish(&favorites(), "1");
    world.run(100);
    world.cut(1006);
    world.publish(&favorites(), "2");
    world.publish(&favorites(), "3");
    world.run(1000);
    world.publish(&favorites(), "4");
    world.run(100);
    let expected = [("1", false), ("2", true), ("3", true), ("4", false)];
    let expected = expected.map(|(data, recovered)| (data.to_owned(), recovered));
    assert_eq!(world.publications(), expected, "{}", world.story());
    let recoveries = world.recoveries();
    assert_eq!(recoveries[..2], [Recovery::Fresh, Recovery::Fresh]);
    assert_eq!(recoveries[2..], [Recovery::Recovered, Recovery::Recovered]);
}

#[test]
fn a_stream_that_cannot_be_recovered_says_so_and_the_others_do_not() {
    let mut world = World::live();
    world.publish(&favorites(), "1");
    world.run(100);
    world.cut(1006);
    world.publish(&favorites(), "2");
    world.forget_history(&favorites());
    world.take();
    world.run(1000);
    assert_eq!(world.publications(), []);
    let lost = |output: &&Output| matches!(output, Output::Subscribed { channel, recovery: Recovery::Lost } if *channel == favorites());
    assert_eq!(world.outputs.iter().filter(lost).count(), 1);
    assert!(world.recoveries().contains(&Recovery::Recovered));
    // From here on the stream is whole again.
    world.publish(&favorites(), "3");
    world.run(100);
    assert_eq!(world.publications(), [("3".to_owned(), false)]);
}

#[test]
fn a_channel_that_was_left_recovers_when_it_is_wanted_again() {
    let mut world = World::live();
    world.give(Input::Unsubscribe(orders()));
    world.run(1000);
    assert!(world.session.is_live());
    world.publish(&orders(), "7");
    world.run(60_000);
    world.take();
    world.give(Input::Subscribe(orders()));
    assert!(!world.session.is_live());
    world.run(100);
    assert!(world.session.is_live());
    assert_eq!(world.publications(), [("7".to_owned(), true)]);
    assert_eq!(world.recoveries(), [Recovery::Recovered]);
}

#[test]
fn leaving_and_wanting_again_in_one_moment_ends_subscribed() {
    let mut world = World::live();
    for _ in 0..5 {
        world.give(Input::Unsubscribe(orders()));
        world.give(Input::Subscribe(orders()));
        world.run(7);
    }
    world.run(1000);
    assert!(world.session.is_live(), "{}", world.story());
    assert_eq!(world.opened_at.len(), 1);
    world.publish(&orders(), "1");
    world.run(100);
    assert_eq!(world.publications().len(), 1);
}

#[test]
fn an_unsubscribe_push_is_obeyed_by_its_code() {
    for (code, comes_back, expected) in [
        (2000, false, None),
        (2499, false, None),
        (2500, true, Some(Recovery::Recovered)),
        (2501, true, Some(Recovery::Recovered)),
        (2502, true, Some(Recovery::Lost)),
    ] {
        let mut world = World::live();
        world.run(1000);
        world.take();
        world.unsubscribe_by_server(&favorites(), code);
        world.run(2000);
        assert_eq!(world.session.is_live(), comes_back, "{code}");
        assert_eq!(world.recoveries().first().copied(), expected, "{code}");
        assert!(world.session.is_settled());
        assert_eq!(world.opened_at.len(), 1);
    }
}

#[test]
fn a_refused_channel_is_not_asked_for_again() {
    let mut world = World::new();
    world.refusals.insert(orders().to_string(), (103, false));
    world.give(Input::Subscribe(favorites()));
    world.give(Input::Subscribe(orders()));
    world.give(Input::SignedIn);
    world.run(60_000);
    assert!(world.session.is_settled() && !world.session.is_live());
    world.cut(1006);
    world.run(60_000);
    assert!(world.session.is_settled());
    let refused = |output: &&Output| matches!(output, Output::Refused { code: 103, .. });
    assert_eq!(world.outputs.iter().filter(refused).count(), 1);
    // Wanted anew, it is asked for anew.
    world.refusals.clear();
    world.give(Input::Unsubscribe(orders()));
    world.give(Input::Subscribe(orders()));
    world.run(1000);
    assert!(world.session.is_live());
}

#[test]
fn a_temporary_refusal_is_tried_again_with_growing_waits() {
    let mut world = World::new();
    world.refusals.insert(orders().to_string(), (100, true));
    world.give(Input::Subscribe(orders()));
    world.give(Input::SignedIn);
    world.run(120_000);
    let asked = world.commands.iter().filter(|c| c.subscribe.is_some());
    let asked = asked.count();
    assert!((8..40).contains(&asked), "{asked}");
    assert_eq!(world.opened_at.len(), 1);
    world.refusals.clear();
    world.run(21_000);
    assert!(world.session.is_live());
}

#[test]
fn a_position_that_the_server_calls_unrecoverable_is_given_up_and_said_to_be_lost() {
    let mut world = World::live();
    world.publish(&orders(), "1");
    world.run(100);
    world.refusals.insert(orders().to_string(), (112, false));
    world.cut(1006);
    world.run(700);
    world.refusals.clear();
    world.take();
    world.run(5000);
    assert!(world.session.is_live(), "{}", world.story());
    assert!(world.recoveries().contains(&Recovery::Lost));
}

#[test]
fn invalidated_state_drops_the_token_and_all_positions() {
    let mut world = World::live();
    world.publish(&orders(), "1");
    world.run(100);
    world.take();
    world.cut(3014);
    world.run(1000);
    assert!(world.session.is_live());
    assert_eq!(world.recoveries(), [Recovery::Lost, Recovery::Lost]);
    let recovers = |command: &dashboard_protocol::centrifugo::Command| {
        command.subscribe.as_ref().is_some_and(|s| s.recover)
    };
    assert!(!world.commands.iter().any(recovers));
    assert!(world.story().matches("token\n").count() >= 2);
}

#[test]
fn publications_of_a_channel_nobody_wants_are_counted_and_dropped() {
    let mut world = World::live();
    let unknown = world.session.counters().unknown;
    world.say_now(r#"{"push":{"channel":"dashboard:stats#ada","pub":{"data":{},"offset":1}}}"#);
    world.say_now(r#"{"push":{"channel":"dashboard:orders#eve","pub":{"data":{},"offset":1}}}"#);
    world.say_now(r#"{"push":{"channel":"no such channel","pub":{"data":{}}}}"#);
    assert_eq!(world.session.counters().unknown, unknown + 3);
    assert!(world.publications().is_empty());
}

#[test]
fn each_stream_tells_its_place_how_it_came_back_and_when_it_was_last_heard() {
    let mut world = World::live();
    world.publish(&favorites(), "1");
    world.run(100);
    let told = |world: &World, channel: Channel| {
        let all = world.session.subscriptions();
        all.into_iter().find(|one| one.channel == channel).unwrap()
    };
    let before = told(&world, favorites());
    assert_eq!(before.state, SubscriptionState::Joined);
    assert_eq!(before.recovery, Some(Recovery::Fresh));
    assert_eq!(before.position.map(|position| position.offset), Some(1));
    assert!(
        before
            .heard_at_ms
            .is_some_and(|at_ms| at_ms <= world.now.wall_ms)
    );
    assert_eq!(told(&world, orders()).heard_at_ms, None);

    world.cut(1006);
    world.publish(&favorites(), "2");
    assert_eq!(told(&world, favorites()).state, SubscriptionState::Joining);
    world.run(1000);
    let after = told(&world, favorites());
    assert_eq!(after.state, SubscriptionState::Joined);
    assert_eq!(after.recovery, Some(Recovery::Recovered));
    assert_eq!(after.position.map(|position| position.offset), Some(2));
    assert!(after.heard_at_ms > before.heard_at_ms);

    world.give(Input::Unsubscribe(favorites()));
    world.run(100);
    let left = told(&world, favorites());
    assert_eq!(left.state, SubscriptionState::Left);
    assert!(left.position.is_some());
}
