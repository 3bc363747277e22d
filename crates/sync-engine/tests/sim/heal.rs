//! How long it takes from the end of an outage to a live connection, over many seeds.

use std::collections::BTreeMap;

use sync_engine::io::{ConnectionStatus, PageSignal};

use crate::network::Way;
use crate::sim::Sim;
use crate::stories::{live, run, status};

const SEEDS: u64 = 200;

/// What ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outage {
    /// The server was stopped, and starts again.
    Restart,
    /// The network of the user refused or swallowed everything.
    Network(Way),
}

const OUTAGES: [Outage; 3] = [
    Outage::Restart,
    Outage::Network(Way::Refusing),
    Outage::Network(Way::BlackHole),
];

impl Outage {
    /// One tab after an outage of so long.
    fn ended(self, seed: u64, outage_ms: u64) -> Sim {
        let mut sim = live(seed);
        run(&mut sim, 5000 + seed * 37 % 10_000);
        match self {
            Self::Restart => {
                sim.server.restart(sim.now, outage_ms, true);
                sim.post();
            }
            Self::Network(way) => {
                // The outage is noticed at once, so that all of it counts.
                let generation = sim.clients[0].socket.expect("it is live");
                sim.cut((0, generation));
                sim.set_way(0, way);
            }
        }
        run(&mut sim, outage_ms);
        sim
    }

    /// How long it takes from its end to a live connection, in milliseconds. A signal reaches the page with the end.
    fn healed_after(self, seed: u64, outage_ms: u64, signal: Option<PageSignal>) -> u64 {
        let mut sim = self.ended(seed, outage_ms);
        sim.set_way(0, Way::Up);
        if let Some(signal) = signal {
            give(&mut sim, signal);
        }
        live_after(&mut sim)
    }

    /// As [`Self::healed_after`], but the network works only so long after the browser has said so.
    fn healed_late(self, seed: u64, outage_ms: u64, late_ms: u64) -> u64 {
        let mut sim = self.ended(seed, outage_ms);
        give(&mut sim, PageSignal::Online);
        run(&mut sim, late_ms);
        sim.set_way(0, Way::Up);
        live_after(&mut sim)
    }
}

fn give(sim: &mut Sim, signal: PageSignal) {
    let given = sim.page(0, signal);
    given.unwrap_or_else(|wrong| panic!("{wrong}"));
}

fn live_after(sim: &mut Sim) -> u64 {
    let healed_at = sim.now;
    while status(sim) != ConnectionStatus::Connected {
        run(sim, 10);
        assert!(sim.now - healed_at < 120_000, "it never comes back");
    }
    sim.now - healed_at
}

/// The 50th and the 99th percentile over the seeds.
fn percentiles(of: impl Fn(u64) -> u64) -> [u64; 2] {
    let mut all: Vec<_> = (0..SEEDS).map(of).collect();
    all.sort_unstable();
    [all[all.len() / 2], all[all.len() * 99 / 100 - 1]]
}

#[test]
fn a_heal_that_a_signal_shows_ends_in_a_live_connection_within_1500_ms() {
    for outage in OUTAGES {
        for outage_ms in [5000, 30_000, 66_000, 300_000] {
            for signal in [PageSignal::Online, PageSignal::Visible] {
                let found = percentiles(|seed| outage.healed_after(seed, outage_ms, Some(signal)));
                let what = format!("{outage:?} of {outage_ms} ms, {signal:?}: {found:?} ms");
                eprintln!("{what}");
                assert!(found[1] <= 1500, "{what}");
            }
        }
    }
}

/// Browsers say "online" once there is a network, which may be before it carries anything.
#[test]
fn a_network_that_works_only_after_the_browser_says_so_is_live_within_five_seconds() {
    for outage in &OUTAGES[1..] {
        for outage_ms in [30_000, 66_000, 300_000] {
            for late_ms in [300, 1000] {
                let found = percentiles(|seed| outage.healed_late(seed, outage_ms, late_ms));
                let what = format!("{outage:?} of {outage_ms} ms, {late_ms} ms late: {found:?} ms");
                eprintln!("{what}");
                assert!(found[1] <= 5000, "{what}");
            }
        }
    }
}

/// Nothing but time, and the answer to a poll, shows that the server is there again. After the first minute the attempts
/// become rare.
#[test]
fn a_restart_within_the_first_minute_heals_within_five_seconds_without_a_signal() {
    for (outage_ms, within_ms) in [
        (5000, 5000),
        (30_000, 5000),
        (55_000, 5000),
        (66_000, 25_000),
        (300_000, 60_000),
    ] {
        let found = percentiles(|seed| Outage::Restart.healed_after(seed, outage_ms, None));
        let what = format!("restart of {outage_ms} ms: {found:?} ms");
        eprintln!("{what}");
        assert!(found[1] <= within_ms, "{what}");
    }
}

/// All of them lost the server at the same time. One that answers a connection in 10 ms keeps up.
#[test]
fn a_thousand_clients_of_a_restarted_server_come_back_spread_out() {
    for (outage_ms, most) in [(5000, 120), (30_000, 70), (66_000, 40), (300_000, 20)] {
        let mut bins: BTreeMap<u64, u32> = BTreeMap::new();
        for seed in 0..1000 {
            let after = Outage::Restart.healed_after(seed, outage_ms, None);
            *bins.entry(after / 100).or_default() += 1;
        }
        let peak = bins.values().max().copied().unwrap_or_default();
        eprintln!("1000 clients after {outage_ms} ms: at most {peak} in 100 ms");
        assert!(peak <= most, "{outage_ms} ms: {bins:?}");
    }
}
