//! Courses that somebody wrote down: what a person would notice of a link that fails in a certain way.

use std::collections::BTreeMap;

use dashboard_engine::core::PageSignal;
use dashboard_engine::metrics::Counter;
use dashboard_engine::settings::Settings;
use dashboard_engine::status::{SessionStatus, ShownState};
use dashboard_protocol::Wish;
use dashboard_protocol::centrifugo::close_code;

use crate::network::Way;
use crate::people::BEATS;
use crate::server::Rules;
use crate::trace::Trace;
use crate::world::World;

const RULES: Rules = Rules {
    ping_s: 25,
    pong: true,
    token_ms: 600_000,
    history: 256,
    history_ms: 300_000,
    refuses: false,
    knows_probe: true,
};

/// One tab that is live.
fn live(seed: u64) -> World {
    let settings = Settings::default();
    let mut world = World::new(seed, RULES, &settings, &[(0, 0)], Trace::default());
    world.clients[0].net.latency = (10, 20);
    world.hold(0).expect("nothing happened yet");
    world.sign_in(0, 0).expect("the server is up");
    run(&mut world, 1000);
    assert_eq!(shown(&world), ShownState::Live);
    world
}

fn run(world: &mut World, ms: u64) {
    world.run(ms).unwrap_or_else(|wrong| panic!("{wrong}"));
}

fn shown(world: &World) -> ShownState {
    world.clients[0].core.connection().shown
}

fn status(world: &World) -> SessionStatus {
    world.clients[0].core.connection().status
}

#[test]
fn a_link_that_dies_without_a_word_is_noticed_within_36_seconds() {
    for seed in 0..200 {
        let mut world = live(seed);
        run(&mut world, 500 * seed);
        world.kill(0);
        run(&mut world, 36_000);
        assert_ne!(world.clients[0].record.sockets(), 1, "seed {seed}");
    }
}

#[test]
fn a_link_that_died_is_noticed_within_three_seconds_of_any_wake_signal() {
    for signal in [
        PageSignal::Focus,
        PageSignal::Online,
        PageSignal::Restored,
        PageSignal::Resumed,
        PageSignal::Visible,
    ] {
        let mut world = live(7);
        run(&mut world, 10_000);
        world.kill(0);
        world
            .page(0, signal)
            .unwrap_or_else(|wrong| panic!("{wrong}"));
        run(&mut world, 3000);
        assert_ne!(world.clients[0].record.sockets(), 1, "{signal:?}");
    }
}

#[test]
fn a_link_cut_one_second_in_three_changes_nothing_on_screen() {
    for seed in 0..100 {
        let mut world = live(seed);
        let before = world.clients[0].record.sockets();
        for _ in 0..20 {
            world.set_way(0, Way::Refusing);
            for tick in 0..60 {
                if tick == 20 {
                    world.set_way(0, Way::Up);
                }
                run(&mut world, 50);
                let view = world.clients[0].core.connection();
                assert_eq!(view.shown, ShownState::Live, "seed {seed}");
                assert_eq!(view.banner, None, "seed {seed}");
            }
        }
        let tries = world.clients[0].record.sockets() - before;
        assert!(tries <= 160, "seed {seed}: {tries}");
    }
}

/// A minute in which the server accepts each connection and drops it before it has answered anything else.
pub(crate) fn is_not_hammered(seed: u64) {
    let mut world = live(seed);
    let before = world.clients[0].record.sockets();
    for _ in 0..6000 {
        run(&mut world, 10);
        let accepted = world.server.connections.iter();
        let accepted = accepted.filter(|(_, connection)| connection.accepted);
        for socket in accepted.map(|(socket, _)| *socket).collect::<Vec<_>>() {
            world.server.hang_up(socket, close_code::SHUTDOWN);
        }
        world.post();
    }
    let tries = world.clients[0].record.sockets() - before;
    assert!(tries <= 100, "seed {seed}: {tries}");
}

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered_by_the_whole_engine() {
    (0..50).for_each(is_not_hammered);
}

/// One change while the link is cut for a second.
pub(crate) fn is_recovered(seed: u64) {
    let mut world = live(seed);
    run(&mut world, 5000);
    world.set_way(0, Way::Refusing);
    let events = world.server.people.commit(world.now, 0, |model| {
        model.elsewhere(Wish::SetFavorite {
            beat_id: BEATS[0].to_owned(),
            favorite: true,
        })
    });
    world.make_public(0, &events);
    run(&mut world, 1000);
    world.set_way(0, Way::Up);
    run(&mut world, 5000);
    let heart = world.clients[0].core.favorite(BEATS[0]);
    assert!(heart.favorite, "seed {seed}");
    // It came with the streams: nothing had to be read anew.
    let lost = world.clients[0].core.metrics();
    assert_eq!(lost.all.counts.of(Counter::Resyncs), 0, "seed {seed}");
}

#[test]
fn what_changed_during_a_short_cut_comes_with_the_streams() {
    (0..50).for_each(is_recovered);
}

#[test]
fn ten_thousand_clients_dropped_at_once_come_back_spread_out() {
    let mut back_at = Vec::new();
    for seed in 0..10_000 {
        let mut world = live(seed);
        world.server.restart(world.now, 30_000, true);
        world.post();
        run(&mut world, 30_000);
        run(&mut world, 6000);
        assert_eq!(status(&world), SessionStatus::Connected, "seed {seed}");
        back_at.push(world.clients[0].record.last_opened());
    }
    let first = *back_at.iter().min().expect("there are clients");
    let last = *back_at.iter().max().expect("there are clients");
    let mut bins: BTreeMap<u64, u32> = BTreeMap::new();
    for at in &back_at {
        *bins.entry((at - first) / 1000).or_default() += 1;
    }
    let peak = f64::from(*bins.values().max().expect("there are clients"));
    let mean_per_s = 10_000.0 * 1000.0 / (last - first) as f64;
    eprintln!(
        "10000 clients back within {} ms: at most {peak} in a second, {mean_per_s:.0} on average, {:.2} times that",
        last - first,
        peak / mean_per_s,
    );
    assert!(peak <= 2.2 * mean_per_s, "{bins:?}, {mean_per_s} a second");
}

/// Nothing helps: no signal of the page, no click. Polls are tried again within a minute, and the first that is
/// answered gives a try at once; where nothing is polled, a parked session tries every five minutes.
#[test]
fn after_a_long_outage_the_screen_is_live_again_by_itself() {
    for seed in 0..20 {
        for way in [Way::Refusing, Way::BlackHole] {
            for (is_polled, within_ms) in [(true, 70_000), (false, 310_000)] {
                let mut world = live(seed);
                if !is_polled {
                    let tab = world.clients[0].tab;
                    let leave = |core: &mut dashboard_engine::Core, now| {
                        core.release(now, &tab.interest());
                    };
                    let left = world.input(0, || "leaves".to_owned(), leave);
                    left.unwrap_or_else(|wrong| panic!("{wrong}"));
                    world.clients[0].wanted.clear();
                    run(&mut world, 20_000);
                }
                world.set_way(0, way);
                run(&mut world, 300_000 + seed * 61_000);
                assert_ne!(shown(&world), ShownState::Live, "seed {seed} {way:?}");
                world.set_way(0, Way::Up);
                run(&mut world, within_ms);
                assert_eq!(shown(&world), ShownState::Live, "seed {seed} {way:?}");
            }
        }
    }
}

#[test]
fn within_the_first_minute_a_heal_is_followed_by_a_live_screen_within_five_seconds() {
    for seed in 0..400 {
        for way in [Way::Refusing, Way::BlackHole, Way::Stalled] {
            let mut world = live(seed);
            run(&mut world, 5000);
            if way == Way::BlackHole {
                // Else it would take up to 36 s until the outage is noticed at all.
                let generation = world.clients[0].socket.expect("it is live");
                world.cut((0, generation));
            }
            world.set_way(0, way);
            run(&mut world, 200 + seed * 37);
            world.set_way(0, Way::Up);
            run(&mut world, 5000);
            assert_eq!(
                status(&world),
                SessionStatus::Connected,
                "seed {seed} {way:?}"
            );
        }
    }
}
