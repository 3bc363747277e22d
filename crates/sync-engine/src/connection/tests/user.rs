//! The user's decisions hold.

use super::sim::{Net, Sim, favorites};
use crate::connection::{ConnectionInput, ConnectionOutput, OffReason, State};
use crate::http::HttpFailure;
use crate::io::PageSignal;
use crate::settings::Settings;

const SIGNALS: [PageSignal; 7] = [
    PageSignal::Online,
    PageSignal::Offline,
    PageSignal::Visible,
    PageSignal::Hidden,
    PageSignal::Focus,
    PageSignal::Resumed,
    PageSignal::Restored,
];

#[test]
fn disconnect_stays_off_over_every_wake_signal() {
    let mut sim = Sim::live();
    sim.give(ConnectionInput::Disconnect);
    let opened = sim.opened_at.len();
    for signal in SIGNALS {
        sim.page(signal);
        sim.run(5000);
    }
    sim.suspend(3_600_000);
    sim.give(ConnectionInput::HttpAnswered);
    sim.run(3_600_000);
    assert_eq!(sim.opened_at.len(), opened);
    let why = OffReason::SwitchedOff;
    assert_eq!(sim.connection.state, State::Disconnected { why });
    sim.give(ConnectionInput::Connect);
    sim.run(1000);
    assert!(sim.connection.is_live());
}

#[test]
fn disconnect_before_signing_in_holds() {
    let mut sim = Sim::new();
    sim.give(ConnectionInput::Disconnect);
    sim.give(ConnectionInput::SignedIn);
    sim.run(60_000);
    assert!(sim.opened_at.is_empty());
    assert!(sim.connection.intent.switched_off);
    sim.give(ConnectionInput::Reconnect);
    sim.run(1000);
    assert!(sim.is_connected());
}

#[test]
fn disconnect_during_an_attempt_cancels_everything() {
    let mut sim = Sim::new();
    sim.net = Net::BlackHole;
    sim.give(ConnectionInput::SignedIn);
    sim.give(ConnectionInput::Disconnect);
    let cancelled =
        |output: &ConnectionOutput| matches!(output, ConnectionOutput::CancelHttp { .. });
    assert!(sim.outputs.iter().any(cancelled));
    assert_eq!(sim.connection.next_deadline(), None);
}

#[test]
fn reconnect_makes_a_new_connection_at_once() {
    let mut sim = Sim::live();
    let old = sim.generation();
    sim.give(ConnectionInput::Reconnect);
    assert!(sim.connection.state.is_attempting());
    sim.run(500);
    assert!(sim.connection.is_live());
    assert_ne!(sim.generation(), old);
}

#[test]
fn reconnect_while_waiting_attempts_at_once() {
    let mut sim = Sim::live();
    sim.net = Net::Refusing;
    sim.cut(1006);
    sim.run(30_000);
    while sim.connection.state.is_attempting() {
        sim.run(1);
    }
    let attempts = sim.connection.counters.attempts;
    sim.give(ConnectionInput::Reconnect);
    assert_eq!(sim.connection.counters.attempts, attempts + 1);
}

#[test]
fn signing_out_stops_everything() {
    let mut sim = Sim::live();
    sim.publish(&favorites(), "{}");
    sim.give(ConnectionInput::SignedOut);
    sim.take();
    sim.run(3_600_000);
    for signal in SIGNALS {
        sim.page(signal);
    }
    sim.run(3_600_000);
    assert!(sim.take().is_empty(), "{}", sim.story());
    assert_eq!(sim.connection.next_deadline(), None);
}

#[test]
fn a_401_to_the_token_call_ends_the_session() {
    let unauthenticated = HttpFailure::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    };
    let mut sim = Sim::new();
    sim.token_failure = Some(unauthenticated);
    sim.give(ConnectionInput::SignedIn);
    sim.run(1000);
    let why = OffReason::SessionEnded;
    assert_eq!(sim.connection.state, State::Disconnected { why });
    let signed_out = |output: &&ConnectionOutput| matches!(output, ConnectionOutput::SignedOut);
    assert_eq!(sim.outputs.iter().filter(signed_out).count(), 1);
    // Signing out as a consequence keeps the reason.
    sim.give(ConnectionInput::SignedOut);
    assert_eq!(sim.connection.state, State::Disconnected { why });
    sim.token_failure = None;
    sim.give(ConnectionInput::SignedIn);
    sim.run(1000);
    assert!(sim.is_connected());
}

#[test]
fn a_401_elsewhere_or_a_forced_end_is_verified_with_the_server() {
    let mut sim = Sim::live();
    sim.give(ConnectionInput::Unauthenticated);
    sim.give(ConnectionInput::Unauthenticated);
    sim.run(1000);
    assert!(sim.connection.is_live());
    sim.session_failure = Some(HttpFailure::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    });
    sim.cut(3503);
    sim.run(1000);
    let why = OffReason::SessionEnded;
    assert_eq!(sim.connection.state, State::Disconnected { why });
}

#[test]
fn nothing_is_opened_where_the_settings_say_so() {
    let settings = Settings {
        realtime: false,
        ..Settings::default()
    };
    let mut sim = Sim::with(&settings, 1);
    sim.give(ConnectionInput::SignedIn);
    sim.give(ConnectionInput::Connect);
    sim.give(ConnectionInput::Reconnect);
    sim.page(PageSignal::Visible);
    sim.run(100_000);
    let why = OffReason::Disabled;
    assert_eq!(sim.connection.state, State::Disconnected { why });
    sim.give(ConnectionInput::Disconnect);
    assert!(sim.connection.intent.switched_off);
    sim.give(ConnectionInput::Connect);
    assert_eq!(sim.connection.state, State::Disconnected { why });
    assert!(sim.opened_at.is_empty());
}
