//! Many clients at once, and one client for long.

use std::collections::BTreeMap;

use super::world::{Net, World, favorites};
use crate::session::Input;
use crate::settings::Settings;
use crate::status::{Facts, ShownState, StatusDeriver};

#[test]
fn first_retries_of_many_clients_are_spread_evenly() {
    let mut bins = [0_u32; 10];
    for seed in 0..10_000 {
        let mut world = World::with(&Settings::default(), seed);
        world.give(Input::SignedIn);
        world.run(1000);
        let dropped_at = world.now.mono_ms;
        world.cut(1006);
        world.run(501);
        let waited = world.opened_at[1] - dropped_at;
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
        let mut world = World::with(&Settings::default(), seed);
        world.give(Input::Subscribe(favorites()));
        world.give(Input::SignedIn);
        world.run(1000);
        world.net = Net::Refusing;
        world.cut(1006);
        world.run(30_000);
        world.net = Net::Up;
        let healed_at = world.now.mono_ms;
        world.run(6000);
        assert!(world.session.is_live(), "{seed}: {}", world.story());
        let back_at = world.opened_at.last().expect("it is live") - healed_at;
        *seconds.entry(back_at / 1000).or_default() += 1;
    }
    let peak = f64::from(*seconds.values().max().expect("there are clients"));
    let span = seconds.keys().last().expect("there are clients") + 1;
    let mean = 10_000.0 / span as f64;
    assert!(peak / mean <= 2.2, "{seconds:?}");
}

#[test]
fn a_link_cut_one_second_in_three_shows_nothing_and_bounds_its_tries() {
    for seed in 0..500 {
        let mut world = World::with(&Settings::default(), seed);
        let mut deriver = StatusDeriver::new();
        world.go_live();
        let mut look = |world: &World, expected: bool| {
            let facts = Facts {
                session: world.session.state().clone(),
                live: world.session.is_live(),
                attempts: world.session.attempts(),
                ..Facts::default()
            };
            deriver.update(world.now, &facts);
            deriver.handle_timeout(world.now);
            if expected {
                assert_eq!(deriver.view().shown, ShownState::Live, "{}", world.story());
                assert_eq!(deriver.view().banner, None);
            }
        };
        look(&world, false);
        let before = world.opened_at.len();
        for _ in 0..20 {
            world.net = Net::Refusing;
            world.cut(1006);
            for tick in 0..60 {
                if tick == 20 {
                    world.net = Net::Up;
                }
                world.run(50);
                look(&world, true);
            }
        }
        let tries = world.opened_at.len() - before;
        assert!(tries <= 160, "{tries}");
    }
}

#[test]
fn within_the_first_minute_a_heal_is_followed_by_a_live_connection_within_five_seconds() {
    for seed in 0..300 {
        for net in [Net::Refusing, Net::BlackHole] {
            let mut world = World::with(&Settings::default(), seed);
            world.go_live();
            world.net = net;
            world.cut(1006);
            world.run(1000 + seed * 45);
            world.net = Net::Up;
            let healed_at = world.now.mono_ms;
            world.run(5000);
            let late = world.now.mono_ms - healed_at;
            assert!(
                world.session.is_live(),
                "{seed} {net:?} {late}: {}",
                world.story()
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_story() {
    let story = |seed| {
        let mut world = World::with(&Settings::default(), seed);
        world.go_live();
        world.net = Net::Refusing;
        world.cut(1006);
        world.run(90_000);
        world.story()
    };
    assert_eq!(story(11), story(11));
    assert_ne!(story(11), story(12));
}
