//! A connection that looks open and is dead.

use super::sim::{Net, Sim};
use crate::connection::{ConnectionInput, ConnectionOutput, Counters, cause_code};
use crate::io::{PageSignal, SocketEvent};
use crate::settings::Settings;

/// How long it takes until a dead connection is noticed, in milliseconds.
fn noticed_after(sim: &mut Sim) -> u64 {
    let start = sim.now.mono_ms;
    while sim.is_connected() {
        sim.run(10);
        assert!(sim.now.mono_ms - start < 600_000, "{}", sim.story());
    }
    sim.now.mono_ms - start
}

#[test]
fn a_half_open_connection_is_noticed_within_12_seconds_when_idle() {
    for visible in [true, false] {
        for idle_ms in (0..60_000).step_by(3700) {
            let mut sim = Sim::live();
            if !visible {
                sim.page(PageSignal::Hidden);
            }
            sim.run(idle_ms);
            sim.net = Net::BlackHole;
            let after = noticed_after(&mut sim);
            assert!(after <= 12_000, "{after} after {idle_ms}");
        }
    }
}

#[test]
fn the_longest_silence_follows_the_pings_that_the_server_announced() {
    // Seconds between pings, and the longest silence in milliseconds. Without pings, or with rare ones, the heartbeat of the
    // settings counts. The round trip of 40 ms goes on top.
    for (ping_s, limit) in [
        (0, 32_040),
        (1, 2840),
        (10, 11_840),
        (25, 26_840),
        (30, 31_840),
        (120, 32_040),
        (u32::MAX, 32_040),
    ] {
        let mut sim = Sim::new();
        sim.announce_pings(ping_s);
        sim.go_live();
        sim.page(PageSignal::Hidden);
        sim.run(100_000);
        assert!(sim.connection.is_live(), "{ping_s}: {}", sim.story());
        sim.say_now("{}");
        sim.net = Net::BlackHole;
        assert_eq!(noticed_after(&mut sim), limit, "{ping_s}: {}", sim.story());
    }
}

/// Every second ping is missing, so that only the answer to a probe keeps the connection.
#[test]
fn a_slow_link_outlives_missing_pings_and_its_end_is_still_noticed() {
    for (latency_ms, limit) in [(750, 13_300), (1500, 13_800)] {
        let mut sim = Sim::live();
        sim.latency_ms = latency_ms;
        sim.run(40_000);
        sim.ping_s = 20;
        sim.run(300_000);
        assert_eq!(sim.opened_at.len(), 1, "{}", sim.story());
        assert!(sim.connection.is_live(), "{}", sim.story());
        sim.page(PageSignal::Hidden);
        sim.ping_s = 10;
        sim.run(30_000);
        sim.latency_ms = 20;
        sim.run(10_000);
        sim.say_now("{}");
        sim.net = Net::BlackHole;
        assert_eq!(noticed_after(&mut sim), limit, "{}", sim.story());
    }
}

#[test]
fn pings_that_come_less_than_half_a_second_late_cost_no_probe() {
    for (late_ms, probes) in [(490, 0), (510, 10)] {
        let mut sim = Sim::new();
        sim.go_live();
        sim.page(PageSignal::Hidden);
        sim.run(30_000);
        let before = sim.connection.counters.probes;
        for tick in 0..20 {
            sim.latency_ms = 20 + late_ms * (tick % 2);
            sim.run(10_000);
        }
        assert_eq!(sim.connection.counters.probes - before, probes, "{late_ms}");
        assert_eq!(sim.opened_at.len(), 1, "{}", sim.story());
    }
}

#[test]
fn a_half_open_connection_is_noticed_within_3_seconds_of_any_wake_signal() {
    for signal in [
        Some(PageSignal::Visible),
        Some(PageSignal::Focus),
        Some(PageSignal::Resumed),
        Some(PageSignal::Restored),
        Some(PageSignal::Online),
        None,
    ] {
        let mut sim = Sim::live();
        sim.run(10_000);
        sim.net = Net::BlackHole;
        match signal {
            Some(signal) => sim.page(signal),
            // No signal at all, but the wall clock went on alone.
            None => {
                sim.suspend(60_000);
                sim.give(ConnectionInput::Subscribe(super::sim::favorites()));
            }
        }
        let after = noticed_after(&mut sim);
        assert!(after <= 3000, "{signal:?}: {after}");
    }
}

/// Frames that came during a sleep are delivered after it: only the answer to the probe proves the present.
#[test]
fn frames_from_before_a_sleep_are_no_heartbeat_after_it() {
    for is_clock_stopped in [true, false] {
        let mut sim = Sim::live();
        sim.run(10_000);
        if is_clock_stopped {
            sim.suspend(600_000);
            sim.page(PageSignal::Resumed);
        } else {
            sim.now = sim.now.after(600_000);
        }
        sim.take();
        sim.say_now("{}");
        let is_alive = |output: &ConnectionOutput| matches!(output, ConnectionOutput::Heartbeat);
        assert!(!sim.take().iter().any(is_alive), "{}", sim.story());
        sim.run(100);
        assert!(sim.take().iter().any(is_alive), "{}", sim.story());
    }
}

#[test]
fn an_answer_to_connect_from_before_a_sleep_is_no_heartbeat_after_it() {
    let is_alive = |output: &ConnectionOutput| matches!(output, ConnectionOutput::Heartbeat);
    let mut sim = Sim::new();
    sim.give(ConnectionInput::SignedIn);
    while sim.commands.is_empty() {
        sim.run(1);
    }
    sim.now = sim.now.after(600_000);
    sim.run(0);
    assert!(sim.is_connected(), "{}", sim.story());
    assert!(!sim.take().iter().any(is_alive), "{}", sim.story());
    sim.run(100);
    assert!(sim.take().iter().any(is_alive), "{}", sim.story());
}

#[test]
fn several_wake_signals_are_one_probe() {
    let mut sim = Sim::live();
    sim.run(10_000);
    let probes = sim.connection.counters.probes;
    for signal in [
        PageSignal::Resumed,
        PageSignal::Restored,
        PageSignal::Visible,
        PageSignal::Focus,
        PageSignal::Online,
    ] {
        sim.page(signal);
        sim.run(20);
    }
    assert_eq!(sim.connection.counters.probes, probes + 1);
    assert!(sim.connection.is_live());
}

#[test]
fn a_wake_signal_right_after_a_verification_gets_a_probe_of_its_own() {
    let mut sim = Sim::live();
    sim.run(10_000);
    sim.page(PageSignal::Offline);
    // It is verified after a second, and answered 40 ms later.
    sim.run(1100);
    sim.kill_sockets();
    sim.page(PageSignal::Online);
    assert!(noticed_after(&mut sim) <= 3000);
}

#[test]
fn only_its_own_answer_satisfies_the_probe_after_a_wake_signal() {
    let mut sim = Sim::live();
    sim.run(10_000);
    sim.net = Net::BlackHole;
    sim.page(PageSignal::Resumed);
    // Delivered now, sent before the sleep.
    sim.say_now("{}");
    assert!(noticed_after(&mut sim) <= 2100);
}

#[test]
fn silence_is_probed_and_an_answer_keeps_the_connection() {
    let settings = Settings {
        heartbeat_interval_ms: 5000,
        ..Settings::default()
    };
    let mut sim = Sim::with(&settings, 1);
    sim.announce_pings(0);
    sim.go_live();
    sim.page(PageSignal::Hidden);
    sim.run(100_000);
    assert!(sim.connection.is_live());
    assert_eq!(sim.opened_at.len(), 1);
    // Silence of 5 s, and the answer takes 40 ms.
    assert!((18..=21).contains(&sim.connection.counters.probes));
    sim.net = Net::BlackHole;
    assert!(noticed_after(&mut sim) <= 7100);
}

#[test]
fn a_ping_is_answered_only_if_the_server_wants_it() {
    for (wants, answers) in [(true, 1), (false, 0)] {
        let mut sim = Sim::new();
        sim.ping_s = 0;
        sim.connect_reply = Some(format!(r#""client":"c","ping":25,"pong":{wants}"#));
        sim.go_live();
        sim.take();
        sim.say_now("{}");
        sim.run(10);
        let is_pong = |command: &&sync_protocol::centrifugo::Command| {
            command.id == 0 && command.send.is_none()
        };
        assert_eq!(sim.commands.iter().filter(is_pong).count(), answers);
    }
}

#[test]
fn a_server_that_is_slow_to_accept_is_dropped_after_five_seconds() {
    let mut sim = Sim::new();
    sim.connect_reply = None;
    sim.give(ConnectionInput::SignedIn);
    sim.run(30_000);
    assert!(
        (4..=7).contains(&sim.opened_at.len()),
        "{:?}",
        sim.opened_at
    );
}

#[test]
fn a_late_alarm_waits_for_the_events_queued_behind_it() {
    let mut sim = Sim::live();
    sim.run(10_000);
    // Timers stood still for 40 s: longer than the connection may be silent. The frames of that time come right after.
    sim.now = sim.now.after(40_000);
    sim.connection.handle_timeout(sim.now);
    sim.say_now("{}");
    sim.run(3000);
    assert!(sim.connection.is_live(), "{}", sim.story());
    assert_eq!(sim.opened_at.len(), 1);
}

#[test]
fn a_command_without_an_answer_ends_the_connection() {
    let mut sim = Sim::live();
    sim.net = Net::BlackHole;
    sim.give(ConnectionInput::Unsubscribe(super::sim::orders()));
    assert!(noticed_after(&mut sim) <= 5100);
    assert!(
        sim.story()
            .contains(&format!(": {} ", cause_code::COMMAND_TIMEOUT))
    );
}

#[test]
fn round_trips_are_measured_while_the_page_is_visible() {
    let rtts = |sim: &Sim| sim.story().matches("round trip 40 ms").count();
    let mut sim = Sim::live();
    sim.run(300_000);
    assert!((9..=12).contains(&rtts(&sim)), "{}", rtts(&sim));
    sim.page(PageSignal::Hidden);
    let before = rtts(&sim);
    sim.run(300_000);
    assert_eq!(rtts(&sim), before);
}

#[test]
fn a_failed_socket_is_a_lost_one() {
    let mut sim = Sim::live();
    let generation = sim.generation();
    let event = SocketEvent::Failed;
    sim.give(ConnectionInput::Socket { generation, event });
    assert!(!sim.is_connected());
    let Counters { stale, .. } = sim.connection.counters;
    assert_eq!(stale, 0);
}

#[test]
fn an_answer_from_before_a_sleep_proves_nothing_after_it() {
    for clock_stops in [true, false] {
        let mut sim = Sim::live();
        sim.page(PageSignal::Focus);
        sim.run(5);
        // The answer is in flight; the device sleeps, and the connection dies meanwhile.
        if clock_stops {
            sim.suspend(3_600_000);
        } else {
            sim.now = sim.now.after(3_600_000);
        }
        sim.kill_sockets();
        sim.page(PageSignal::Visible);
        sim.run(3000);
        assert!(sim.opened_at.len() > 1, "{}", sim.story());
    }
}
