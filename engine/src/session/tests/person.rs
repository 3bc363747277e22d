//! What a person decides holds.

use super::world::{Net, World, favorites};
use crate::core::PageSignal;
use crate::http::HttpFailure;
use crate::session::{Input, OffReason, Output, State};
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
    let mut world = World::live();
    world.give(Input::Disconnect);
    let opened = world.opened_at.len();
    for signal in SIGNALS {
        world.page(signal);
        world.run(5000);
    }
    world.suspend(3_600_000);
    world.give(Input::HttpAnswered);
    world.run(3_600_000);
    assert_eq!(world.opened_at.len(), opened);
    let why = OffReason::SwitchedOff;
    assert_eq!(*world.session.state(), State::Disconnected { why });
    world.give(Input::Connect);
    world.run(1000);
    assert!(world.session.is_live());
}

#[test]
fn disconnect_before_signing_in_holds() {
    let mut world = World::new();
    world.give(Input::Disconnect);
    world.give(Input::SignedIn);
    world.run(60_000);
    assert!(world.opened_at.is_empty());
    assert!(world.session.is_switched_off());
    world.give(Input::Reconnect);
    world.run(1000);
    assert!(world.is_connected());
}

#[test]
fn disconnect_while_trying_cancels_everything() {
    let mut world = World::new();
    world.net = Net::BlackHole;
    world.give(Input::SignedIn);
    world.give(Input::Disconnect);
    let cancelled = |output: &Output| matches!(output, Output::CancelHttp { .. });
    assert!(world.outputs.iter().any(cancelled));
    assert_eq!(world.session.next_deadline(), None);
}

#[test]
fn reconnect_makes_a_new_connection_at_once() {
    let mut world = World::live();
    let old = world.generation();
    world.give(Input::Reconnect);
    assert!(world.session.state().is_trying());
    world.run(500);
    assert!(world.session.is_live());
    assert_ne!(world.generation(), old);
}

#[test]
fn reconnect_while_waiting_tries_at_once() {
    let mut world = World::live();
    world.net = Net::Refusing;
    world.cut(1006);
    world.run(30_000);
    while world.session.state().is_trying() {
        world.run(1);
    }
    let tries = world.session.counters().tries;
    world.give(Input::Reconnect);
    assert_eq!(world.session.counters().tries, tries + 1);
}

#[test]
fn signing_out_stops_everything() {
    let mut world = World::live();
    world.publish(&favorites(), "{}");
    world.give(Input::SignedOut);
    world.take();
    world.run(3_600_000);
    for signal in SIGNALS {
        world.page(signal);
    }
    world.run(3_600_000);
    assert!(world.take().is_empty(), "{}", world.story());
    assert_eq!(world.session.next_deadline(), None);
}

#[test]
fn a_401_to_the_token_call_ends_the_session() {
    let unauthenticated = HttpFailure::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    };
    let mut world = World::new();
    world.token_failure = Some(unauthenticated);
    world.give(Input::SignedIn);
    world.run(1000);
    let why = OffReason::SessionEnded;
    assert_eq!(*world.session.state(), State::Disconnected { why });
    let signed_out = |output: &&Output| matches!(output, Output::SignedOut);
    assert_eq!(world.outputs.iter().filter(signed_out).count(), 1);
    // Signing out as a consequence keeps the reason.
    world.give(Input::SignedOut);
    assert_eq!(*world.session.state(), State::Disconnected { why });
    world.token_failure = None;
    world.give(Input::SignedIn);
    world.run(1000);
    assert!(world.is_connected());
}

#[test]
fn a_401_elsewhere_or_a_forced_end_asks_the_server_before_it_is_believed() {
    let mut world = World::live();
    world.give(Input::Unauthenticated);
    world.give(Input::Unauthenticated);
    world.run(1000);
    assert!(world.session.is_live());
    world.session_failure = Some(HttpFailure::Status {
        status: 401,
        problem: None,
        retry_after_ms: None,
    });
    world.cut(3503);
    world.run(1000);
    let why = OffReason::SessionEnded;
    assert_eq!(*world.session.state(), State::Disconnected { why });
}

#[test]
fn nothing_is_opened_where_the_settings_say_so() {
    let settings = Settings {
        realtime: false,
        ..Settings::default()
    };
    let mut world = World::with(&settings, 1);
    world.give(Input::SignedIn);
    world.give(Input::Connect);
    world.give(Input::Reconnect);
    world.page(PageSignal::Visible);
    world.run(100_000);
    let why = OffReason::Disabled;
    assert_eq!(*world.session.state(), State::Disconnected { why });
    world.give(Input::Disconnect);
    assert!(world.session.is_switched_off());
    world.give(Input::Connect);
    assert_eq!(*world.session.state(), State::Disconnected { why });
    assert!(world.opened_at.is_empty());
}
