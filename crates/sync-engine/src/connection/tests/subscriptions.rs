//! Channels over connections: nothing twice, nothing missing unsaid.

use super::sim::{Sim, favorites, orders};
use crate::connection::{
    ChannelName, ConnectionInput, ConnectionOutput, Recovery, SubscriptionState,
};

#[test]
fn missed_publications_come_before_new_ones_and_none_twice() {
    let mut sim = Sim::live();
    sim.publish(&favorites(), "1");
    sim.run(100);
    sim.cut(1006);
    sim.publish(&favorites(), "2");
    sim.publish(&favorites(), "3");
    sim.run(1000);
    sim.publish(&favorites(), "4");
    sim.run(100);
    let expected = [("1", false), ("2", true), ("3", true), ("4", false)];
    let expected = expected.map(|(data, recovered)| (data.to_owned(), recovered));
    assert_eq!(sim.publications(), expected, "{}", sim.story());
    let recoveries = sim.recoveries();
    assert_eq!(recoveries[..2], [Recovery::Fresh, Recovery::Fresh]);
    assert_eq!(recoveries[2..], [Recovery::Recovered, Recovery::Recovered]);
}

#[test]
fn only_a_channel_that_cannot_be_recovered_reports_a_loss() {
    let mut sim = Sim::live();
    sim.publish(&favorites(), "1");
    sim.run(100);
    sim.cut(1006);
    sim.publish(&favorites(), "2");
    sim.forget_history(&favorites());
    sim.take();
    sim.run(1000);
    assert_eq!(sim.publications(), []);
    let lost = |output: &&ConnectionOutput| matches!(output, ConnectionOutput::Subscribed { channel, recovery: Recovery::Lost } if *channel == favorites());
    assert_eq!(sim.outputs.iter().filter(lost).count(), 1);
    assert!(sim.recoveries().contains(&Recovery::Recovered));
    // From here on the channel is complete again.
    sim.publish(&favorites(), "3");
    sim.run(100);
    assert_eq!(sim.publications(), [("3".to_owned(), false)]);
}

#[test]
fn an_unsubscribed_channel_recovers_when_it_is_wanted_again() {
    let mut sim = Sim::live();
    sim.give(ConnectionInput::Unsubscribe(orders()));
    sim.run(1000);
    assert!(sim.connection.is_live());
    sim.publish(&orders(), "7");
    sim.run(60_000);
    sim.take();
    sim.give(ConnectionInput::Subscribe(orders()));
    assert!(!sim.connection.is_live());
    sim.run(100);
    assert!(sim.connection.is_live());
    assert_eq!(sim.publications(), [("7".to_owned(), true)]);
    assert_eq!(sim.recoveries(), [Recovery::Recovered]);
}

#[test]
fn unsubscribing_and_subscribing_at_once_ends_subscribed() {
    let mut sim = Sim::live();
    for _ in 0..5 {
        sim.give(ConnectionInput::Unsubscribe(orders()));
        sim.give(ConnectionInput::Subscribe(orders()));
        sim.run(7);
    }
    sim.run(1000);
    assert!(sim.connection.is_live(), "{}", sim.story());
    assert_eq!(sim.opened_at.len(), 1);
    sim.publish(&orders(), "1");
    sim.run(100);
    assert_eq!(sim.publications().len(), 1);
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
        let mut sim = Sim::live();
        sim.run(1000);
        sim.take();
        sim.unsubscribe_by_server(&favorites(), code);
        sim.run(2000);
        assert_eq!(sim.connection.is_live(), comes_back, "{code}");
        assert_eq!(sim.recoveries().first().copied(), expected, "{code}");
        assert!(sim.connection.is_settled());
        assert_eq!(sim.opened_at.len(), 1);
    }
}

#[test]
fn a_rejected_channel_is_not_asked_for_again() {
    let mut sim = Sim::new();
    sim.rejections.insert(orders().to_string(), (103, false));
    sim.give(ConnectionInput::Subscribe(favorites()));
    sim.give(ConnectionInput::Subscribe(orders()));
    sim.give(ConnectionInput::SignedIn);
    sim.run(60_000);
    assert!(sim.connection.is_settled() && !sim.connection.is_live());
    sim.cut(1006);
    sim.run(60_000);
    assert!(sim.connection.is_settled());
    let rejected =
        |output: &&ConnectionOutput| matches!(output, ConnectionOutput::Rejected { code: 103, .. });
    assert_eq!(sim.outputs.iter().filter(rejected).count(), 1);
    // Wanted anew, it is asked for anew.
    sim.rejections.clear();
    sim.give(ConnectionInput::Unsubscribe(orders()));
    sim.give(ConnectionInput::Subscribe(orders()));
    sim.run(1000);
    assert!(sim.connection.is_live());
}

#[test]
fn a_temporary_rejection_is_retried_with_growing_waits() {
    let mut sim = Sim::new();
    sim.rejections.insert(orders().to_string(), (100, true));
    sim.give(ConnectionInput::Subscribe(orders()));
    sim.give(ConnectionInput::SignedIn);
    sim.run(120_000);
    let asked = sim.commands.iter().filter(|c| c.subscribe.is_some());
    let asked = asked.count();
    assert!((8..40).contains(&asked), "{asked}");
    assert_eq!(sim.opened_at.len(), 1);
    sim.rejections.clear();
    sim.run(21_000);
    assert!(sim.connection.is_live());
}

#[test]
fn an_unrecoverable_position_is_dropped_and_reported_as_lost() {
    let mut sim = Sim::live();
    sim.publish(&orders(), "1");
    sim.run(100);
    sim.rejections.insert(orders().to_string(), (112, false));
    sim.cut(1006);
    sim.run(700);
    sim.rejections.clear();
    sim.take();
    sim.run(5000);
    assert!(sim.connection.is_live(), "{}", sim.story());
    assert!(sim.recoveries().contains(&Recovery::Lost));
}

#[test]
fn invalidated_state_drops_the_token_and_all_positions() {
    let mut sim = Sim::live();
    sim.publish(&orders(), "1");
    sim.run(100);
    sim.take();
    sim.cut(3014);
    sim.run(1000);
    assert!(sim.connection.is_live());
    assert_eq!(sim.recoveries(), [Recovery::Lost, Recovery::Lost]);
    let recovers = |command: &sync_protocol::centrifugo::Command| {
        command.subscribe.as_ref().is_some_and(|s| s.recover)
    };
    assert!(!sim.commands.iter().any(recovers));
    assert!(sim.story().matches("token\n").count() >= 2);
}

#[test]
fn publications_of_a_channel_nobody_wants_are_counted_and_dropped() {
    let mut sim = Sim::live();
    let unknown = sim.connection.counters.unknown;
    sim.say_now(r#"{"push":{"channel":"dashboard:stats#ada","pub":{"data":{},"offset":1}}}"#);
    sim.say_now(r#"{"push":{"channel":"dashboard:orders#eve","pub":{"data":{},"offset":1}}}"#);
    sim.say_now(r#"{"push":{"channel":"no such channel","pub":{"data":{}}}}"#);
    assert_eq!(sim.connection.counters.unknown, unknown + 3);
    assert!(sim.publications().is_empty());
}

#[test]
fn a_subscription_shows_its_position_recovery_and_last_publication() {
    let mut sim = Sim::live();
    sim.publish(&favorites(), "1");
    sim.run(100);
    let view = |sim: &Sim, channel: ChannelName| {
        let all = sim.connection.channels.views();
        all.into_iter().find(|one| one.channel == channel).unwrap()
    };
    let before = view(&sim, favorites());
    assert_eq!(before.state, SubscriptionState::Subscribed);
    assert_eq!(before.recovery, Some(Recovery::Fresh));
    assert_eq!(before.position.map(|position| position.offset), Some(1));
    assert!(
        before
            .received_at_ms
            .is_some_and(|at_ms| at_ms <= sim.now.wall_ms)
    );
    assert_eq!(view(&sim, orders()).received_at_ms, None);

    sim.cut(1006);
    sim.publish(&favorites(), "2");
    assert_eq!(
        view(&sim, favorites()).state,
        SubscriptionState::Subscribing
    );
    sim.run(1000);
    let after = view(&sim, favorites());
    assert_eq!(after.state, SubscriptionState::Subscribed);
    assert_eq!(after.recovery, Some(Recovery::Recovered));
    assert_eq!(after.position.map(|position| position.offset), Some(2));
    assert!(after.received_at_ms > before.received_at_ms);

    sim.give(ConnectionInput::Unsubscribe(favorites()));
    sim.run(100);
    let left = view(&sim, favorites());
    assert_eq!(left.state, SubscriptionState::Unsubscribed);
    assert!(left.position.is_some());
}
