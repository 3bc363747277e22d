//! A link that looks open and is dead.

use super::world::{Net, World};
use crate::core::{PageSignal, SocketEvent};
use crate::session::{Counters, Input, Output, cause_code};
use crate::settings::Settings;

/// How long it takes until a dead link is noticed, in milliseconds.
fn noticed_after(world: &mut World) -> u64 {
    let start = world.now.mono_ms;
    while world.is_connected() {
        world.run(10);
        assert!(world.now.mono_ms - start < 600_000, "{}", world.story());
    }
    world.now.mono_ms - start
}

#[test]
fn a_half_open_link_is_noticed_within_36_seconds_when_idle() {
    for visible in [true, false] {
        for idle_ms in (0..60_000).step_by(3700) {
            let mut world = World::live();
            if !visible {
                world.page(PageSignal::Hidden);
            }
            world.run(idle_ms);
            world.net = Net::BlackHole;
            let after = noticed_after(&mut world);
            assert!(after <= 36_000, "{after} after {idle_ms}");
        }
    }
}

#[test]
fn a_half_open_link_is_noticed_within_three_seconds_of_any_wake_signal() {
    for signal in [
        Some(PageSignal::Visible),
        Some(PageSignal::Focus),
        Some(PageSignal::Resumed),
        Some(PageSignal::Restored),
        Some(PageSignal::Online),
        None,
    ] {
        let mut world = World::live();
        world.run(10_000);
        world.net = Net::BlackHole;
        match signal {
            Some(signal) => world.page(signal),
            // No signal at all, but the wall clock went on alone.
            None => {
                world.suspend(60_000);
                world.give(Input::Subscribe(super::world::favorites()));
            }
        }
        let after = noticed_after(&mut world);
        assert!(after <= 3000, "{signal:?}: {after}");
    }
}

/// Frames that came during a sleep are handed over after it: only the answer to the probe tells that it is now.
#[test]
fn what_was_sent_before_a_sleep_is_no_sign_of_life_after_it() {
    for is_clock_stopped in [true, false] {
        let mut world = World::live();
        world.run(10_000);
        if is_clock_stopped {
            world.suspend(600_000);
            world.page(PageSignal::Resumed);
        } else {
            world.now = world.now.after(600_000);
        }
        world.take();
        world.say_now("{}");
        let is_alive = |output: &Output| matches!(output, Output::ProofOfLife);
        assert!(!world.take().iter().any(is_alive), "{}", world.story());
        world.run(100);
        assert!(world.take().iter().any(is_alive), "{}", world.story());
    }
}

#[test]
fn several_wake_signals_are_one_probe() {
    let mut world = World::live();
    world.run(10_000);
    let probes = world.session.counters().probes;
    for signal in [
        PageSignal::Resumed,
        PageSignal::Restored,
        PageSignal::Visible,
        PageSignal::Focus,
        PageSignal::Online,
    ] {
        world.page(signal);
        world.run(20);
    }
    assert_eq!(world.session.counters().probes, probes + 1);
    assert!(world.session.is_live());
}

#[test]
fn only_its_own_answer_satisfies_the_probe_after_a_wake_signal() {
    let mut world = World::live();
    world.run(10_000);
    world.net = Net::BlackHole;
    world.page(PageSignal::Resumed);
    // Delivered now, sent before the sleep.
    world.say_now("{}");
    assert!(noticed_after(&mut world) <= 2100);
}

#[test]
fn silence_is_probed_and_an_answer_keeps_the_link() {
    let settings = Settings {
        heartbeat_interval_ms: 5000,
        ..Settings::default()
    };
    let mut world = World::with(&settings, 1);
    world.connect_reply = Some(r#""client":"c""#.to_owned());
    world.ping_s = 0;
    world.go_live();
    world.page(PageSignal::Hidden);
    world.run(100_000);
    assert!(world.session.is_live());
    assert_eq!(world.opened_at.len(), 1);
    // Silence of 5 s, and the answer takes 40 ms.
    assert!((18..=21).contains(&world.session.counters().probes));
    world.net = Net::BlackHole;
    assert!(noticed_after(&mut world) <= 7100);
}

#[test]
fn a_ping_is_answered_only_if_the_server_wants_it() {
    for (wants, answers) in [(true, 1), (false, 0)] {
        let mut world = World::new();
        world.ping_s = 0;
        world.connect_reply = Some(format!(r#""client":"c","ping":25,"pong":{wants}"#));
        world.go_live();
        world.take();
        world.say_now("{}");
        world.run(10);
        let is_pong = |command: &&dashboard_protocol::centrifugo::Command| {
            command.id == 0 && command.send.is_none()
        };
        assert_eq!(world.commands.iter().filter(is_pong).count(), answers);
    }
}

#[test]
fn a_server_that_is_slow_to_accept_is_left_after_five_seconds() {
    let mut world = World::new();
    world.connect_reply = None;
    world.give(Input::SignedIn);
    world.run(30_000);
    assert!(
        (4..=7).contains(&world.opened_at.len()),
        "{:?}",
        world.opened_at
    );
}

#[test]
fn a_late_alarm_waits_for_what_is_queued_behind_it() {
    let mut world = World::live();
    world.run(10_000);
    // Timers stood still for 40 s: longer than the link may be silent. The frames of that time come right after.
    world.now = world.now.after(40_000);
    world.session.handle_timeout(world.now);
    world.say_now("{}");
    world.run(3000);
    assert!(world.session.is_live(), "{}", world.story());
    assert_eq!(world.opened_at.len(), 1);
}

#[test]
fn a_command_without_an_answer_ends_the_link() {
    let mut world = World::live();
    world.net = Net::BlackHole;
    world.give(Input::Unsubscribe(super::world::orders()));
    assert!(noticed_after(&mut world) <= 5100);
    assert!(
        world
            .story()
            .contains(&format!(": {} ", cause_code::COMMAND_TIMEOUT))
    );
}

#[test]
fn round_trips_are_measured_while_somebody_looks() {
    let rtts = |world: &World| world.story().matches("round trip 40 ms").count();
    let mut world = World::live();
    world.run(300_000);
    assert!((9..=12).contains(&rtts(&world)), "{}", rtts(&world));
    world.page(PageSignal::Hidden);
    let before = rtts(&world);
    world.run(300_000);
    assert_eq!(rtts(&world), before);
}

#[test]
fn a_failed_socket_is_a_lost_one() {
    let mut world = World::live();
    let generation = world.generation();
    let event = SocketEvent::Failed;
    world.give(Input::Socket { generation, event });
    assert!(!world.is_connected());
    let Counters { stale, .. } = *world.session.counters();
    assert_eq!(stale, 0);
}

#[test]
fn an_answer_from_before_a_sleep_proves_nothing_after_it() {
    for clock_stops in [true, false] {
        let mut world = World::live();
        world.page(PageSignal::Focus);
        world.run(5);
        // The answer is on its way; the device sleeps, and the link dies meanwhile.
        if clock_stops {
            world.suspend(3_600_000);
        } else {
            world.now = world.now.after(3_600_000);
        }
        world.kill_sockets();
        world.page(PageSignal::Visible);
        world.run(3000);
        assert!(world.opened_at.len() > 1, "{}", world.story());
    }
}
