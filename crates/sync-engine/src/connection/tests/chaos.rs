//! Random scenarios from printed seeds. After every event the bench checks the invariants.

use super::sim::{Net, Sim, favorites, orders};
use crate::connection::{
    ChannelName, Connection, ConnectionInput, ConnectionOutput, Recovery, State, transport::Stage,
};
use crate::io::PageSignal;
use crate::random::Random;
use crate::settings::Settings;

/// Scenarios that are run.
const SEEDS: u64 = 1500;
/// Events of one scenario.
const STEPS: usize = 120;

impl Connection {
    /// The state and the work in flight fit together.
    pub(super) fn assert_consistent(&self) {
        let stage = match &self.transport {
            None => self.awaits_token.then_some(None),
            Some(transport) => Some(Some(transport.stage)),
        };
        assert!(!self.awaits_token || self.transport.is_none());
        let fits = match &self.state {
            State::Disconnected { .. } | State::Error { .. } => stage.is_none(),
            State::Connected { .. } => stage == Some(Some(Stage::Ready)),
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                matches!(stage, Some(None | Some(Stage::Opening | Stage::Handshake)))
            }
            State::Reconnecting { .. } => stage.is_none(),
        };
        assert!(fits, "{:?} with {:?}", self.state, stage);
        let wants = self.intent.off_reason().is_none();
        let is_off = matches!(self.state, State::Disconnected { .. });
        assert_eq!(wants, !is_off, "{:?}", self.state);
        if !is_off && !matches!(self.state, State::Error { .. }) {
            assert!(
                self.next_deadline().is_some(),
                "nothing drives {:?}",
                self.state
            );
        }
    }
}

fn step(sim: &mut Sim, random: &mut Random, published: &mut u64) {
    let channel = if random.up_to(1) == 0 {
        favorites()
    } else {
        orders()
    };
    match random.up_to(19) {
        // A socket that lost something is dead: TCP does not skip.
        0 => {
            sim.net = Net::Refusing;
            sim.kill_sockets();
        }
        1 => {
            sim.net = Net::BlackHole;
            sim.kill_sockets();
        }
        2..=4 => sim.net = Net::Up,
        5 => sim.cut([1006, 1001, 1009, 3001, 3005, 3012, 3014, 4000][random.up_to(7) as usize]),
        6 => sim.page(
            [
                PageSignal::Online,
                PageSignal::Offline,
                PageSignal::Visible,
                PageSignal::Hidden,
                PageSignal::Focus,
                PageSignal::Resumed,
                PageSignal::Restored,
            ][random.up_to(6) as usize],
        ),
        7 => sim.suspend(random.up_to(3_600_000) as i64),
        8 => sim.give(ConnectionInput::HttpAnswered),
        9 => sim.give(ConnectionInput::Reconnect),
        10 => sim.give(ConnectionInput::Subscribe(channel)),
        11 => sim.give(ConnectionInput::Unsubscribe(channel)),
        12 => sim.forget_history(&channel),
        13 => sim.latency_ms = random.up_to(800),
        14 if random.up_to(5) == 0 => sim.give(ConnectionInput::Disconnect),
        15 => sim.give(ConnectionInput::Connect),
        16 => sim.give(ConnectionInput::Unauthenticated),
        _ => {
            *published += 1;
            sim.publish(&channel, &published.to_string());
        }
    }
    let ms = match random.up_to(9) {
        0 => random.up_to(90_000),
        1..=3 => random.up_to(5000),
        _ => random.up_to(300),
    };
    sim.run(ms);
}

/// Nothing twice, nothing out of order, and no gap that was not reported.
fn check_stream(sim: &mut Sim, channel: &ChannelName, seed: u64) {
    let (mut last, mut shown_since, mut gap) = (0, true, false);
    for output in &sim.outputs {
        match output {
            ConnectionOutput::Publication {
                channel: of, data, ..
            } if of == channel => {
                let number: u64 = data.get().parse().expect("numbers are published");
                assert!(number > last, "seed {seed}: {number} after {last}");
                assert!(!gap, "seed {seed}: a gap before {last} was not reported");
                gap = !shown_since && sim.skipped(channel, last, number);
                (last, shown_since) = (number, false);
            }
            ConnectionOutput::Subscribed {
                channel: of,
                recovery: Recovery::Lost | Recovery::Fresh,
            } if of == channel => (shown_since, gap) = (true, false),
            _ => {}
        }
    }
    assert!(!gap, "seed {seed}: a gap before {last} was not reported");
    let newest = sim.newest(channel);
    assert!(
        shown_since || newest <= last,
        "seed {seed}: {newest} is missing after {last}\n{}",
        sim.story()
    );
}

#[test]
fn invariants_hold_whatever_happens_and_a_healed_network_is_enough() {
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let mut sim = Sim::with(&Settings::default(), seed);
        let mut published = 0;
        sim.go_live();
        for _ in 0..STEPS {
            step(&mut sim, &mut random, &mut published);
        }
        sim.net = Net::Up;
        sim.latency_ms = 20;
        sim.give(ConnectionInput::Subscribe(favorites()));
        sim.give(ConnectionInput::Subscribe(orders()));
        sim.give(ConnectionInput::Connect);
        sim.page(PageSignal::Online);
        sim.run(40_000);
        assert!(
            sim.connection.is_live() && !sim.connection.is_offline(),
            "seed {seed}: {}\n{}",
            sim.connection.state,
            sim.story()
        );
        assert!(sim.connection.next_deadline().is_some());
        check_stream(&mut sim, &favorites(), seed);
        check_stream(&mut sim, &orders(), seed);
    }
}
