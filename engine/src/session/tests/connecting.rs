//! Making the connection, losing it, making it again.

use super::world::{Net, World};
use crate::core::{PageSignal, SocketEvent};
use crate::session::{Fault, Input, Output, State, TerminalReason};
use crate::settings::Settings;

#[test]
fn signing_in_connects_and_subscribes_in_one_frame() {
    let world = World::live();
    assert_eq!(world.opened_at.len(), 1);
    let frames = world.outputs.iter().filter_map(|output| match output {
        Output::Send { text, .. } => Some(text.lines().count()),
        _ => None,
    });
    // connect and two subscribes, then the first measurement.
    assert_eq!(frames.collect::<Vec<_>>(), [3, 1]);
    assert_eq!(world.session.attempts(), 0);
}

#[test]
fn a_cut_connection_is_back_within_a_second() {
    let mut world = World::live();
    world.cut(1006);
    assert!(matches!(world.session.state(), State::Reconnecting { .. }));
    world.run(1000);
    assert!(world.session.is_live(), "{}", world.story());
}

#[test]
fn late_events_of_an_old_socket_are_ignored() {
    let mut world = World::live();
    let old = world.generation();
    world.cut(1006);
    world.run(1000);
    let before = world.session.state().clone();
    for event in [
        SocketEvent::Opened,
        SocketEvent::Text("{}".to_owned()),
        SocketEvent::Closed {
            code: 3500,
            reason: String::new(),
        },
        SocketEvent::Failed,
    ] {
        let generation = old;
        world.give(Input::Socket { generation, event });
    }
    assert_eq!(*world.session.state(), before);
    assert_eq!(world.session.counters().stale, 4);
}

#[test]
fn retries_stay_within_the_caps_and_end_parked() {
    let mut world = World::new();
    world.net = Net::Refusing;
    world.go_nowhere();
    world.run(60_000);
    let early = world.session.counters().tries;
    assert!((15..150).contains(&early), "{early}");
    world.run(400_000);
    assert!(world.session.state().is_parked(), "{}", world.story());
    let parked_at = world.session.counters().tries;
    world.run(1_500_000);
    let slow = world.session.counters().tries - parked_at;
    assert!((4..=5).contains(&slow), "{slow}");
}

#[test]
fn a_parked_session_wakes_on_any_sign_of_a_network() {
    for signal in [
        Input::Page(PageSignal::Visible),
        Input::Page(PageSignal::Focus),
        Input::Page(PageSignal::Online),
        Input::Page(PageSignal::Resumed),
        Input::Page(PageSignal::Restored),
        Input::HttpAnswered,
        Input::Reconnect,
        Input::Connect,
    ] {
        let mut world = World::new();
        world.net = Net::Refusing;
        world.go_nowhere();
        world.run(600_000);
        assert!(world.session.state().is_parked());
        world.net = Net::Up;
        world.give(signal.clone());
        world.run(1000);
        assert!(world.session.is_live(), "{signal}: {}", world.story());
    }
}

#[test]
fn a_wake_signal_during_the_last_try_keeps_it_from_being_the_last() {
    let settings = Settings {
        max_retries: 1,
        ..Settings::default()
    };
    // Found by a random course: the signal came 500 ms into a try that was bound to fail, and was forgotten.
    let mut world = World::with(&settings, 3);
    world.latency_ms = 400;
    world.net = Net::Refusing;
    world.go_nowhere();
    world.run(600_000);
    assert!(world.session.state().is_parked());
    world.give(Input::HttpAnswered);
    world.run(100);
    world.page(PageSignal::Online);
    world.net = Net::Up;
    world.run(5000);
    assert!(world.session.is_live(), "{}", world.story());
}

#[test]
fn an_opening_that_hangs_is_given_up_after_four_seconds_in_the_first_minute() {
    let mut world = World::live();
    world.net = Net::BlackHole;
    world.cut(1006);
    world.run(20_000);
    let waits: Vec<_> = world.opened_at.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(waits.len() >= 3);
    assert!(
        waits[1..].iter().all(|wait| (4000..=8000).contains(wait)),
        "{waits:?}"
    );
}

/// How long openings that hang were waited for, from the time that the test bench closed each.
fn openings(connection_timeout_ms: u64, outage_ms: u64) -> Vec<u64> {
    let settings = Settings {
        connection_timeout_ms,
        ..Settings::default()
    };
    let mut world = World::with(&settings, 3);
    world.go_live();
    world.net = Net::BlackHole;
    world.cut(1006);
    world.run(outage_ms);
    world.take();
    let (mut opened_at, mut waits) = (None, Vec::new());
    for _ in 0..120_000 / 10 {
        world.run(10);
        for output in world.take() {
            match output {
                Output::Open { .. } => opened_at = Some(world.now.mono_ms),
                Output::Close { .. } => {
                    let opened_at = opened_at.take();
                    waits.extend(opened_at.map(|at| world.now.mono_ms - at));
                }
                _ => {}
            }
        }
    }
    waits
}

#[test]
fn the_connection_timeout_of_the_settings_counts() {
    for (timeout_ms, outage_ms, expected) in [
        (1000, 0, 1000),
        (2500, 100_000, 2500),
        (20_000, 100_000, 20_000),
        (60_000, 100_000, 60_000),
    ] {
        let waits = openings(timeout_ms, outage_ms);
        assert!(!waits.is_empty(), "{timeout_ms}");
        let is_so = |wait: &u64| wait.abs_diff(expected) <= 10;
        assert!(waits.iter().all(is_so), "{timeout_ms}: {waits:?}");
    }
    // In the first minute no try is given more than four seconds.
    let early = openings(20_000, 0)[..8].to_vec();
    assert!(
        early.iter().all(|wait| wait.abs_diff(4000) <= 10),
        "{early:?}"
    );
}

#[test]
fn an_answered_call_replaces_an_opening_that_hangs_but_only_once() {
    let mut world = World::live();
    world.net = Net::BlackHole;
    world.cut(1006);
    world.run(2500);
    let before = world.opened_at.len();
    world.give(Input::HttpAnswered);
    assert_eq!(world.opened_at.len(), before + 1);
    world.run(1500);
    world.give(Input::HttpAnswered);
    assert_eq!(world.opened_at.len(), before + 1);
}

#[test]
fn an_answered_call_gives_one_try_at_once() {
    let mut world = World::live();
    world.net = Net::Refusing;
    world.cut(1006);
    world.run(30_000);
    world.net = Net::Up;
    while world.session.state().is_trying() {
        world.run(10);
    }
    // The last try may have begun just now; a second later nothing stands in the way.
    world.give(Input::HttpAnswered);
    world.run(1500);
    assert!(world.session.is_live(), "{}", world.story());
}

#[test]
fn a_page_that_slept_over_its_greeting_comes_back_by_itself() {
    let mut world = World::new();
    let reply = world.connect_reply.take();
    world.give(Input::SignedIn);
    world.run(200);
    assert!(world.has_socket() && !world.is_connected());
    world.connect_reply = reply;
    // 3502: the server waited ten seconds for a greeting that a page that does not run cannot send.
    world.cut(3502);
    assert!(matches!(world.session.state(), State::Reconnecting { .. }));
    world.run(1000);
    assert!(world.is_connected(), "{}", world.story());
}

#[test]
fn terminal_codes_stop_with_their_reason_and_others_do_not() {
    for (code, reason) in [
        (3501, Some(TerminalReason::BadRequest)),
        (3502, Some(TerminalReason::Stale)),
        (3503, Some(TerminalReason::ForcedOff)),
        (3504, Some(TerminalReason::TooManyConnections)),
        (3507, Some(TerminalReason::NotPermitted)),
        (4500, Some(TerminalReason::Application(4500))),
        (1000, None),
        (1009, None),
        (3001, None),
        (3012, None),
        (4000, None),
    ] {
        let mut world = World::live();
        world.cut(code);
        match reason {
            Some(reason) => {
                let why = Fault::Terminal(reason);
                assert_eq!(*world.session.state(), State::Error { why }, "{code}");
                let tries = world.session.counters().tries;
                world.page(PageSignal::Visible);
                world.give(Input::HttpAnswered);
                world.run(1_000_000);
                assert_eq!(world.session.counters().tries, tries, "{code}");
                world.give(Input::Connect);
            }
            None => assert!(matches!(world.session.state(), State::Reconnecting { .. })),
        }
        world.run(1000);
        assert!(world.session.is_live(), "{code}: {}", world.story());
    }
}

#[test]
fn the_retry_limit_of_the_settings_counts() {
    let settings = Settings {
        max_retries: 1,
        ..Settings::default()
    };
    let mut world = World::with(&settings, 3);
    world.net = Net::Refusing;
    world.go_nowhere();
    world.run(75_000);
    assert!(world.session.state().is_parked(), "{}", world.story());
}

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered() {
    let mut world = World::live();
    let start = world.opened_at.len();
    for _ in 0..120_000 / 50 {
        if world.is_connected() {
            world.cut(1006);
        }
        world.run(50);
    }
    // Each connection lives under 50 ms: two minutes of that at the first cap would be hundreds of tries.
    let tries = world.opened_at.len() - start;
    assert!((20..100).contains(&tries), "{tries}");
}

impl World {
    /// Signs in with something to subscribe, whatever comes of it.
    fn go_nowhere(&mut self) {
        self.give(Input::Subscribe(super::world::favorites()));
        self.give(Input::SignedIn);
    }
}
