//! Written scenarios: what a user notices of a connection that fails in a certain way.

use std::collections::BTreeMap;
use std::rc::Rc;

use dashboard_model::views::favorite_of;
use dashboard_model::{MutationBody, SetFavorite};
use sync_engine::Core;
use sync_engine::io::ConnectionStatus;
use sync_engine::io::PageSignal;
use sync_engine::metrics::Counter;
use sync_engine::settings::Settings;
use sync_engine::status::ShownState;
use sync_protocol::centrifugo::close_code;

use crate::network::Way;
use crate::server::Rules;
use crate::sim::Sim;
use crate::trace::Trace;
use crate::users::BEATS;

const RULES: Rules = Rules {
    ping_s: 10,
    pong: true,
    token_ms: 600_000,
    history: 256,
    history_ms: 300_000,
    rejects: false,
    knows_probe: true,
};

/// One tab that is live.
pub(crate) fn live(seed: u64) -> Sim {
    let settings = Settings::default();
    let mut sim = Sim::new(seed, RULES, &settings, &[(0, 0)], Trace::default());
    sim.clients[0].net.latency = (10, 20);
    sim.hold(0).expect("nothing happened yet");
    sim.sign_in(0, 0).expect("the server is up");
    run(&mut sim, 1000);
    assert_eq!(shown(&sim), ShownState::Live);
    sim
}

pub(crate) fn run(sim: &mut Sim, ms: u64) {
    sim.run(ms).unwrap_or_else(|wrong| panic!("{wrong}"));
}

fn shown(sim: &Sim) -> ShownState {
    sim.clients[0].core.connection().shown
}

pub(crate) fn status(sim: &Sim) -> ConnectionStatus {
    sim.clients[0].core.connection().status
}

#[test]
fn a_connection_that_dies_silently_is_noticed_within_12_seconds() {
    for seed in 0..200 {
        let mut sim = live(seed);
        run(&mut sim, 500 * seed);
        sim.kill(0);
        run(&mut sim, 12_000);
        let is_replaced = sim.clients[0].record.sockets() > 1;
        assert!(
            is_replaced || status(&sim) == ConnectionStatus::Reconnecting,
            "seed {seed}"
        );
    }
}

#[test]
fn a_dead_connection_is_noticed_within_three_seconds_of_any_wake_signal() {
    for signal in [
        PageSignal::Focus,
        PageSignal::Online,
        PageSignal::Restored,
        PageSignal::Resumed,
        PageSignal::Visible,
    ] {
        let mut sim = live(7);
        run(&mut sim, 10_000);
        sim.kill(0);
        sim.page(0, signal)
            .unwrap_or_else(|wrong| panic!("{wrong}"));
        run(&mut sim, 3000);
        assert_ne!(sim.clients[0].record.sockets(), 1, "{signal:?}");
    }
}

#[test]
fn a_connection_cut_one_second_in_three_changes_nothing_on_screen() {
    for seed in 0..100 {
        let mut sim = live(seed);
        let before = sim.clients[0].record.sockets();
        for _ in 0..20 {
            sim.set_way(0, Way::Refusing);
            for tick in 0..60 {
                if tick == 20 {
                    sim.set_way(0, Way::Up);
                }
                run(&mut sim, 50);
                let view = sim.clients[0].core.connection();
                assert_eq!(view.shown, ShownState::Live, "seed {seed}");
                assert_eq!(view.banner, None, "seed {seed}");
            }
        }
        let attempts = sim.clients[0].record.sockets() - before;
        assert!(attempts <= 160, "seed {seed}: {attempts}");
    }
}

/// A minute in which the server accepts each connection and drops it before it has answered anything else.
pub(crate) fn is_not_hammered(seed: u64) {
    let mut sim = live(seed);
    let before = sim.clients[0].record.sockets();
    for _ in 0..6000 {
        run(&mut sim, 10);
        let accepted = sim.server.connections.iter();
        let accepted = accepted.filter(|(_, connection)| connection.accepted);
        for socket in accepted.map(|(socket, _)| *socket).collect::<Vec<_>>() {
            sim.server.hang_up(socket, close_code::SHUTDOWN);
        }
        sim.post();
    }
    let attempts = sim.clients[0].record.sockets() - before;
    assert!(attempts <= 100, "seed {seed}: {attempts}");
}

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered_by_the_whole_engine() {
    (0..50).for_each(is_not_hammered);
}

/// One change while the connection is cut for a second.
pub(crate) fn is_recovered(seed: u64) {
    let mut sim = live(seed);
    run(&mut sim, 5000);
    sim.set_way(0, Way::Refusing);
    let events = sim.server.users.commit(sim.now, 0, |model| {
        model.elsewhere(MutationBody::SetFavorite(SetFavorite {
            beat_id: BEATS[0].to_owned(),
            favorite: true,
        }))
    });
    sim.make_public(0, &events);
    run(&mut sim, 1000);
    sim.set_way(0, Way::Up);
    run(&mut sim, 5000);
    let favorite = sim.clients[0].core.entity(&favorite_of(BEATS[0]));
    assert!(favorite.present, "seed {seed}");
    // It was recovered with the channels: nothing had to be read again.
    let lost = sim.clients[0].core.metrics();
    assert_eq!(lost.counts.of(Counter::Resyncs), 0, "seed {seed}");
}

#[test]
fn changes_during_a_short_cut_are_recovered_by_the_channels() {
    (0..50).for_each(is_recovered);
}

#[test]
fn ten_thousand_clients_dropped_at_once_come_back_spread_out() {
    let mut back_at = Vec::new();
    for seed in 0..10_000 {
        let mut sim = live(seed);
        sim.server.restart(sim.now, 30_000, true);
        sim.post();
        run(&mut sim, 30_000);
        run(&mut sim, 6000);
        assert_eq!(status(&sim), ConnectionStatus::Connected, "seed {seed}");
        back_at.push(sim.clients[0].record.last_opened());
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

/// Nothing helps: no signal of the page, no click. Polls are retried within a minute, and the first that is answered
/// starts an attempt at once; where nothing is polled, a suspended connection attempts it every five minutes.
#[test]
fn after_a_long_outage_the_screen_recovers_by_itself() {
    for seed in 0..20 {
        for way in [Way::Refusing, Way::BlackHole] {
            for (is_polled, within_ms) in [(true, 70_000), (false, 310_000)] {
                let mut sim = live(seed);
                if !is_polled {
                    let tab = sim.clients[0].tab;
                    let leave = |core: &mut Core, now| {
                        core.release(now, &tab.topics(&Rc::clone(core.schema())));
                    };
                    let left = sim.input(0, || "leaves".to_owned(), leave);
                    left.unwrap_or_else(|wrong| panic!("{wrong}"));
                    sim.clients[0].wanted.clear();
                    run(&mut sim, 20_000);
                }
                sim.set_way(0, way);
                run(&mut sim, 300_000 + seed * 61_000);
                assert_ne!(shown(&sim), ShownState::Live, "seed {seed} {way:?}");
                sim.set_way(0, Way::Up);
                run(&mut sim, within_ms);
                assert_eq!(shown(&sim), ShownState::Live, "seed {seed} {way:?}");
            }
        }
    }
}

#[test]
fn an_outage_under_a_minute_ends_in_a_live_screen_within_five_seconds() {
    for seed in 0..400 {
        for way in [Way::Refusing, Way::BlackHole, Way::Stalled] {
            let mut sim = live(seed);
            run(&mut sim, 5000);
            if way == Way::BlackHole {
                // Otherwise it would take up to 12 s until the outage is noticed at all.
                let generation = sim.clients[0].socket.expect("it is live");
                sim.cut((0, generation));
            }
            sim.set_way(0, way);
            run(&mut sim, 200 + seed * 37);
            sim.set_way(0, Way::Up);
            run(&mut sim, 5000);
            assert_eq!(
                status(&sim),
                ConnectionStatus::Connected,
                "seed {seed} {way:?}"
            );
        }
    }
}
