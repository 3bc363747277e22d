//! Making the connection, losing it, making it again.

use super::sim::{Net, Sim};
use crate::connection::{
    ConnectionFault, ConnectionInput, ConnectionOutput, State, TerminalReason,
};
use crate::io::{PageSignal, SocketCommand, SocketEvent};
use crate::settings::Settings;

#[test]
fn signing_in_connects_and_subscribes_in_one_frame() {
    let sim = Sim::live();
    assert_eq!(sim.opened_at.len(), 1);
    let frames = sim.outputs.iter().filter_map(|output| match output {
        ConnectionOutput::Socket(SocketCommand::Send { text, .. }) => Some(text.lines().count()),
        _ => None,
    });
    // connect and two subscribes, then the first measurement.
    assert_eq!(frames.collect::<Vec<_>>(), [3, 1]);
    assert_eq!(sim.connection.attempts(), 0);
}

#[test]
fn a_cut_connection_is_back_within_a_second() {
    let mut sim = Sim::live();
    sim.cut(1006);
    assert!(matches!(sim.connection.state, State::Reconnecting { .. }));
    sim.run(1000);
    assert!(sim.connection.is_live(), "{}", sim.story());
}

#[test]
fn late_events_of_an_old_socket_are_ignored() {
    let mut sim = Sim::live();
    let old = sim.generation();
    sim.cut(1006);
    sim.run(1000);
    let before = sim.connection.state.clone();
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
        sim.give(ConnectionInput::Socket { generation, event });
    }
    assert_eq!(sim.connection.state, before);
    assert_eq!(sim.connection.counters.stale, 4);
}

#[test]
fn retries_stay_within_the_caps_and_end_suspended() {
    let mut sim = Sim::new();
    sim.net = Net::Refusing;
    sim.go_nowhere();
    sim.run(60_000);
    let early = sim.connection.counters.attempts;
    assert!((15..150).contains(&early), "{early}");
    sim.run(400_000);
    assert!(sim.connection.state.is_suspended(), "{}", sim.story());
    let suspended_at = sim.connection.counters.attempts;
    sim.run(1_500_000);
    let slow = sim.connection.counters.attempts - suspended_at;
    assert!((4..=5).contains(&slow), "{slow}");
}

#[test]
fn a_suspended_connection_wakes_on_any_sign_of_a_network() {
    for signal in [
        ConnectionInput::Page(PageSignal::Visible),
        ConnectionInput::Page(PageSignal::Focus),
        ConnectionInput::Page(PageSignal::Online),
        ConnectionInput::Page(PageSignal::Resumed),
        ConnectionInput::Page(PageSignal::Restored),
        ConnectionInput::HttpAnswered,
        ConnectionInput::Reconnect,
        ConnectionInput::Connect,
    ] {
        let mut sim = Sim::new();
        sim.net = Net::Refusing;
        sim.go_nowhere();
        sim.run(600_000);
        assert!(sim.connection.state.is_suspended());
        sim.net = Net::Up;
        sim.give(signal.clone());
        sim.run(1000);
        assert!(sim.connection.is_live(), "{signal}: {}", sim.story());
    }
}

#[test]
fn a_wake_signal_during_the_last_attempt_allows_another() {
    let settings = Settings {
        max_retries: 1,
        ..Settings::default()
    };
    // Found by a random scenario: the signal came 500 ms into an attempt that was bound to fail, and was forgotten.
    let mut sim = Sim::with(&settings, 3);
    sim.latency_ms = 400;
    sim.net = Net::Refusing;
    sim.go_nowhere();
    sim.run(600_000);
    assert!(sim.connection.state.is_suspended());
    sim.give(ConnectionInput::HttpAnswered);
    sim.run(100);
    sim.page(PageSignal::Online);
    sim.net = Net::Up;
    sim.run(5000);
    assert!(sim.connection.is_live(), "{}", sim.story());
}

#[test]
fn a_hanging_socket_is_closed_after_four_seconds_in_the_first_minute() {
    let mut sim = Sim::live();
    sim.net = Net::BlackHole;
    sim.cut(1006);
    sim.run(20_000);
    let waits: Vec<_> = sim.opened_at.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(waits.len() >= 3);
    assert!(
        waits[1..].iter().all(|wait| (4000..=8000).contains(wait)),
        "{waits:?}"
    );
}

#[test]
fn a_signal_just_after_an_attempt_began_is_the_reason_of_the_next_one() {
    // While the attempt is in flight, and after it has failed.
    for signal_after_ms in [20, 100] {
        let mut sim = Sim::live();
        sim.net = Net::Refusing;
        sim.cut(1006);
        sim.run(100_000);
        let opened = sim.opened_at.len();
        while sim.opened_at.len() == opened {
            sim.run(1);
        }
        sim.run(signal_after_ms);
        sim.page(PageSignal::Focus);
        sim.run(20);
        sim.net = Net::BlackHole;
        sim.run(600);
        assert_eq!(sim.opened_at.len(), opened + 2, "{}", sim.story());
        assert!(sim.connection.state.is_attempting());
        // It gets four seconds to open, not fifteen.
        sim.run(4000);
        assert!(!sim.connection.state.is_attempting(), "{}", sim.story());
    }
}

/// How long openings that hang were waited for, from the time that the test bench closed each.
fn openings(connection_timeout_ms: u64, outage_ms: u64) -> Vec<u64> {
    let settings = Settings {
        connection_timeout_ms,
        ..Settings::default()
    };
    let mut sim = Sim::with(&settings, 3);
    sim.go_live();
    sim.net = Net::BlackHole;
    sim.cut(1006);
    sim.run(outage_ms);
    sim.take();
    let (mut opened_at, mut waits) = (None, Vec::new());
    for _ in 0..120_000 / 10 {
        sim.run(10);
        for output in sim.take() {
            match output {
                ConnectionOutput::Socket(SocketCommand::Open { .. }) => {
                    opened_at = Some(sim.now.mono_ms);
                }
                ConnectionOutput::Socket(SocketCommand::Close { .. }) => {
                    let opened_at = opened_at.take();
                    waits.extend(opened_at.map(|at| sim.now.mono_ms - at));
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
    // In the first minute no attempt gets more than four seconds.
    let early = openings(20_000, 0)[..8].to_vec();
    assert!(
        early.iter().all(|wait| wait.abs_diff(4000) <= 10),
        "{early:?}"
    );
}

#[test]
fn an_answered_call_replaces_a_hanging_attempt_but_only_once() {
    let mut sim = Sim::live();
    sim.net = Net::BlackHole;
    sim.cut(1006);
    sim.run(2500);
    let before = sim.opened_at.len();
    sim.give(ConnectionInput::HttpAnswered);
    assert_eq!(sim.opened_at.len(), before + 1);
    sim.run(1500);
    sim.give(ConnectionInput::HttpAnswered);
    assert_eq!(sim.opened_at.len(), before + 1);
}

#[test]
fn a_retry_of_the_user_replaces_an_attempt_as_soon_as_it_hangs() {
    let mut sim = Sim::live();
    sim.net = Net::BlackHole;
    sim.cut(1006);
    while !sim.connection.state.is_attempting() {
        sim.run(10);
    }
    let before = sim.opened_at.len();
    sim.run(500);
    // Pressing more often makes no difference.
    sim.give(ConnectionInput::Reconnect);
    sim.give(ConnectionInput::Reconnect);
    sim.net = Net::Up;
    assert_eq!(sim.opened_at.len(), before);
    sim.run(600);
    assert_eq!(sim.opened_at.len(), before + 1);
    assert!(sim.connection.is_live(), "{}", sim.story());
}

#[test]
fn an_attempt_that_succeeds_is_not_replaced_afterwards() {
    let mut sim = Sim::live();
    sim.cut(1006);
    while !sim.connection.state.is_attempting() {
        sim.run(1);
    }
    sim.give(ConnectionInput::Reconnect);
    let opened = sim.opened_at.len();
    sim.run(60_000);
    assert_eq!(sim.opened_at.len(), opened);
    assert!(sim.connection.is_live(), "{}", sim.story());
}

#[test]
fn an_answered_call_allows_one_attempt_at_once() {
    let mut sim = Sim::live();
    sim.net = Net::Refusing;
    sim.cut(1006);
    sim.run(30_000);
    sim.net = Net::Up;
    while sim.connection.state.is_attempting() {
        sim.run(10);
    }
    // The last attempt may have begun just now; a second later nothing prevents the next one.
    sim.give(ConnectionInput::HttpAnswered);
    sim.run(1500);
    assert!(sim.connection.is_live(), "{}", sim.story());
}

#[test]
fn a_page_that_slept_before_connect_reconnects_by_itself() {
    let mut sim = Sim::new();
    let reply = sim.connect_reply.take();
    sim.give(ConnectionInput::SignedIn);
    sim.run(200);
    assert!(sim.has_socket() && !sim.is_connected());
    sim.connect_reply = reply;
    // 3502: the server waited ten seconds for a greeting that a page that does not run cannot send.
    sim.cut(3502);
    assert!(matches!(sim.connection.state, State::Reconnecting { .. }));
    sim.run(1000);
    assert!(sim.is_connected(), "{}", sim.story());
}

#[test]
fn terminal_codes_stop_with_their_reason_and_others_do_not() {
    for (code, reason) in [
        (3501, Some(TerminalReason::Other)),
        (3502, Some(TerminalReason::Other)),
        (3503, Some(TerminalReason::Credentials)),
        (3504, Some(TerminalReason::Limit)),
        (3505, Some(TerminalReason::Limit)),
        (3507, Some(TerminalReason::Credentials)),
        (3509, Some(TerminalReason::Limit)),
        (4500, Some(TerminalReason::Other)),
        (1000, None),
        (1009, None),
        (3001, None),
        (3012, None),
        (4000, None),
    ] {
        let mut sim = Sim::live();
        sim.cut(code);
        match reason {
            Some(reason) => {
                let why = ConnectionFault::Terminal(reason);
                assert_eq!(sim.connection.state, State::Error { why }, "{code}");
                let attempts = sim.connection.counters.attempts;
                sim.page(PageSignal::Visible);
                sim.give(ConnectionInput::HttpAnswered);
                sim.run(1_000_000);
                assert_eq!(sim.connection.counters.attempts, attempts, "{code}");
                sim.give(ConnectionInput::Connect);
            }
            None => assert!(matches!(sim.connection.state, State::Reconnecting { .. })),
        }
        sim.run(1000);
        assert!(sim.connection.is_live(), "{code}: {}", sim.story());
    }
}

#[test]
fn the_retry_limit_of_the_settings_counts() {
    let settings = Settings {
        max_retries: 1,
        ..Settings::default()
    };
    let mut sim = Sim::with(&settings, 3);
    sim.net = Net::Refusing;
    sim.go_nowhere();
    sim.run(75_000);
    assert!(sim.connection.state.is_suspended(), "{}", sim.story());
}

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered() {
    let mut sim = Sim::live();
    let start = sim.opened_at.len();
    for _ in 0..120_000 / 50 {
        if sim.is_connected() {
            sim.cut(1006);
        }
        sim.run(50);
    }
    // Each connection lives under 50 ms: two minutes of that at the first cap would be hundreds of attempts.
    let attempts = sim.opened_at.len() - start;
    assert!((20..100).contains(&attempts), "{attempts}");
}

impl Sim {
    /// Signs in with something to subscribe, whatever comes of it.
    fn go_nowhere(&mut self) {
        self.give(ConnectionInput::Subscribe(super::sim::favorites()));
        self.give(ConnectionInput::SignedIn);
    }
}
