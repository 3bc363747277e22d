//! Random courses of events from printed seeds. After every event the bench checks what must always hold.

use dashboard_protocol::Channel;

use super::world::{Net, World, favorites, orders};
use crate::core::PageSignal;
use crate::random::Random;
use crate::session::{Input, Output, Recovery, Session, State, Work, link::Stage};
use crate::settings::Settings;

/// Courses that are run.
const SEEDS: u64 = 1500;
/// Events of one course.
const STEPS: usize = 120;

impl Session {
    /// The state and what is under way fit together.
    pub(super) fn assert_consistent(&self) {
        let stage = match &self.work {
            Work::Idle => None,
            Work::Token => Some(None),
            Work::Socket(link) => Some(Some(link.stage)),
        };
        let fits = match &self.state {
            State::Disconnected { .. } | State::Error { .. } => stage.is_none(),
            State::Connected { .. } => stage == Some(Some(Stage::Ready)),
            State::Connecting { .. } | State::Reconnecting { retry_at: None, .. } => {
                matches!(stage, Some(None | Some(Stage::Opening | Stage::Handshake)))
            }
            State::Reconnecting { .. } => stage.is_none(),
        };
        assert!(fits, "{:?} with {:?}", self.state, self.work);
        let wants = self.signed_in && self.realtime && !self.switched_off;
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

fn step(world: &mut World, random: &mut Random, published: &mut u64) {
    let channel = if random.up_to(1) == 0 {
        favorites()
    } else {
        orders()
    };
    match random.up_to(19) {
        // A socket that lost something is dead: TCP does not skip.
        0 => {
            world.net = Net::Refusing;
            world.kill_sockets();
        }
        1 => {
            world.net = Net::BlackHole;
            world.kill_sockets();
        }
        2..=4 => world.net = Net::Up,
        5 => world.cut([1006, 1001, 1009, 3001, 3005, 3012, 3014, 4000][random.up_to(7) as usize]),
        6 => world.page(
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
        7 => world.suspend(random.up_to(3_600_000) as i64),
        8 => world.give(Input::HttpAnswered),
        9 => world.give(Input::Reconnect),
        10 => world.give(Input::Subscribe(channel)),
        11 => world.give(Input::Unsubscribe(channel)),
        12 => world.forget_history(&channel),
        13 => world.latency_ms = random.up_to(800),
        14 if random.up_to(5) == 0 => world.give(Input::Disconnect),
        15 => world.give(Input::Connect),
        16 => world.give(Input::Unauthenticated),
        _ => {
            *published += 1;
            world.publish(&channel, &published.to_string());
        }
    }
    let ms = match random.up_to(9) {
        0 => random.up_to(90_000),
        1..=3 => random.up_to(5000),
        _ => random.up_to(300),
    };
    world.run(ms);
}

/// Nothing twice, nothing out of order, and no hole that was not told.
fn check_stream(world: &mut World, channel: &Channel, seed: u64) {
    let (mut last, mut told_since, mut gap) = (0, true, false);
    for output in &world.outputs {
        match output {
            Output::Publication {
                channel: of, data, ..
            } if of == channel => {
                let number: u64 = data.get().parse().expect("numbers are published");
                assert!(number > last, "seed {seed}: {number} after {last}");
                assert!(!gap, "seed {seed}: a hole before {last} was not told");
                gap = !told_since && world.skipped(channel, last, number);
                (last, told_since) = (number, false);
            }
            Output::Subscribed {
                channel: of,
                recovery: Recovery::Lost | Recovery::Fresh,
            } if of == channel => (told_since, gap) = (true, false),
            _ => {}
        }
    }
    assert!(!gap, "seed {seed}: a hole before {last} was not told");
    let newest = world.newest(channel);
    assert!(
        told_since || newest <= last,
        "seed {seed}: {newest} is missing after {last}\n{}",
        world.story()
    );
}

#[test]
fn whatever_happens_the_invariants_hold_and_a_heal_is_enough() {
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let mut world = World::with(&Settings::default(), seed);
        let mut published = 0;
        world.go_live();
        for _ in 0..STEPS {
            step(&mut world, &mut random, &mut published);
        }
        world.net = Net::Up;
        world.latency_ms = 20;
        world.give(Input::Subscribe(favorites()));
        world.give(Input::Subscribe(orders()));
        world.give(Input::Connect);
        world.page(PageSignal::Online);
        world.run(40_000);
        assert!(
            world.session.is_live() && !world.session.is_offline(),
            "seed {seed}: {}\n{}",
            world.session.state(),
            world.story()
        );
        assert!(world.session.next_deadline().is_some());
        check_stream(&mut world, &favorites(), seed);
        check_stream(&mut world, &orders(), seed);
    }
}
