//! Many clients at once, and one client for long.

use std::collections::BTreeMap;

use super::sim::{Net, Sim, favorites};
use crate::connection::ConnectionInput;
use crate::settings::Settings;
use crate::status::{Facts, ShownState, StatusDeriver};

#[test]
fn first_retries_of_many_clients_are_spread_evenly() {
    let mut bins = [0_u32; 10];
    for seed in 0..10_000 {
        let mut sim = Sim::with(&Settings::default(), seed);
        sim.give(ConnectionInput::SignedIn);
        sim.run(1000);
        let dropped_at = sim.now.mono_ms;
        sim.cut(1006);
        sim.run(501);
        let waited = sim.opened_at[1] - dropped_at;
        bins[(waited / 50).min(9) as usize] += 1;
    }
    // 1,000 each; a tenth more or less is far beyond chance.
    assert!(
        bins.iter().all(|count| (850..=1150).contains(count)),
        "{bins:?}"
    );
}

#[test]
fn a_crowd_that_lost_its_server_for_thirty_seconds_comes_back_without_a_peak() {
    let mut seconds: BTreeMap<u64, u32> = BTreeMap::new();
    for seed in 0..10_000 {
        let mut sim = Sim::with(&Settings::default(), seed);
        sim.give(ConnectionInput::Subscribe(favorites()));
        sim.give(ConnectionInput::SignedIn);
        sim.run(1000);
        sim.net = Net::Refusing;
        sim.cut(1006);
        sim.run(30_000);
        sim.net = Net::Up;
        let healed_at = sim.now.mono_ms;
        sim.run(6000);
        assert!(sim.connection.is_live(), "{seed}: {}", sim.story());
        let back_at = sim.opened_at.last().expect("it is live") - healed_at;
        *seconds.entry(back_at / 1000).or_default() += 1;
    }
    let peak = f64::from(*seconds.values().max().expect("there are clients"));
    let span = seconds.keys().last().expect("there are clients") + 1;
    let mean = 10_000.0 / span as f64;
    assert!(peak / mean <= 2.2, "{seconds:?}");
}

#[test]
fn a_flapping_network_shows_nothing_and_bounds_the_attempts() {
    for seed in 0..500 {
        let mut sim = Sim::with(&Settings::default(), seed);
        let mut deriver = StatusDeriver::new(true);
        sim.go_live();
        let mut look = |sim: &Sim, expected: bool| {
            let facts = Facts {
                connection: sim.connection.state.clone(),
                live: sim.connection.is_live(),
                attempts: sim.connection.attempts(),
                ..Facts::default()
            };
            deriver.update(sim.now, facts);
            deriver.handle_timeout(sim.now);
            if expected {
                assert_eq!(deriver.view().shown, ShownState::Live, "{}", sim.story());
                assert_eq!(deriver.view().banner, None);
            }
        };
        look(&sim, false);
        let before = sim.opened_at.len();
        for _ in 0..20 {
            sim.net = Net::Refusing;
            sim.cut(1006);
            for tick in 0..60 {
                if tick == 20 {
                    sim.net = Net::Up;
                }
                sim.run(50);
                look(&sim, true);
            }
        }
        let attempts = sim.opened_at.len() - before;
        assert!(attempts <= 160, "{attempts}");
    }
}

#[test]
fn within_the_first_minute_a_heal_is_followed_by_a_live_connection_within_five_seconds() {
    for seed in 0..300 {
        for net in [Net::Refusing, Net::BlackHole] {
            let mut sim = Sim::with(&Settings::default(), seed);
            sim.go_live();
            sim.net = net;
            sim.cut(1006);
            sim.run(1000 + seed * 45);
            sim.net = Net::Up;
            let healed_at = sim.now.mono_ms;
            sim.run(5000);
            let late = sim.now.mono_ms - healed_at;
            assert!(
                sim.connection.is_live(),
                "{seed} {net:?} {late}: {}",
                sim.story()
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_story() {
    let story = |seed| {
        let mut sim = Sim::with(&Settings::default(), seed);
        sim.go_live();
        sim.net = Net::Refusing;
        sim.cut(1006);
        sim.run(90_000);
        sim.story()
    };
    assert_eq!(story(11), story(11));
    assert_ne!(story(11), story(12));
}
