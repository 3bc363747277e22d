//! The browser's signal that there is no network.

use super::sim::{Net, Sim};
use crate::connection::{ConnectionInput, ConnectionOutput};
use crate::io::PageSignal;

#[test]
fn a_short_flap_makes_no_call() {
    let mut sim = Sim::live();
    sim.run(5000);
    let probes = sim.connection.counters.probes;
    sim.page(PageSignal::Offline);
    sim.run(900);
    assert_eq!(sim.connection.counters.probes, probes);
    sim.page(PageSignal::Online);
    sim.run(5000);
    assert!(!sim.connection.is_offline());
    assert!(sim.connection.is_live());
}

#[test]
fn a_wrong_offline_signal_is_not_believed() {
    let mut sim = Sim::live();
    sim.run(5000);
    sim.page(PageSignal::Offline);
    sim.run(60_000);
    assert!(!sim.connection.is_offline());
    assert!(sim.connection.is_live());
    assert_eq!(sim.opened_at.len(), 1);
}

#[test]
fn a_dead_connection_confirms_offline_within_three_seconds() {
    for net in [Net::BlackHole, Net::Refusing] {
        let mut sim = Sim::live();
        sim.run(5000);
        sim.net = net;
        sim.page(PageSignal::Offline);
        sim.run(3100);
        assert!(sim.connection.is_offline(), "{}", sim.story());
        assert!(!sim.is_connected());
    }
}

/// An answer that was in flight when the cable was pulled still arrives, to any part's call, and proves nothing.
#[test]
fn an_answer_that_was_in_flight_does_not_end_the_doubt() {
    for net in [Net::BlackHole, Net::Refusing] {
        let mut sim = Sim::live();
        sim.run(5000);
        sim.net = net;
        sim.page(PageSignal::Offline);
        sim.run(300);
        sim.give(ConnectionInput::HttpAnswered);
        sim.run(2800);
        assert!(sim.connection.is_offline(), "{}", sim.story());
    }
}

#[test]
fn an_answer_during_the_verification_ends_the_doubt() {
    let mut sim = Sim::live();
    sim.give(ConnectionInput::Disconnect);
    sim.net = Net::BlackHole;
    sim.page(PageSignal::Offline);
    sim.run(1500);
    sim.give(ConnectionInput::HttpAnswered);
    sim.run(10_000);
    assert!(!sim.connection.is_offline(), "{}", sim.story());
}

#[test]
fn without_a_connection_a_call_verifies_offline() {
    for (net, is_offline) in [
        (Net::Refusing, true),
        (Net::BlackHole, true),
        (Net::Up, false),
    ] {
        let mut sim = Sim::live();
        sim.give(ConnectionInput::Disconnect);
        sim.net = net;
        sim.page(PageSignal::Offline);
        sim.run(3100);
        assert_eq!(sim.connection.is_offline(), is_offline, "{net:?}");
    }
}

#[test]
fn a_connection_that_closes_while_it_is_asked_is_replaced_by_a_call() {
    let mut sim = Sim::live();
    sim.run(5000);
    sim.net = Net::Refusing;
    sim.page(PageSignal::Offline);
    sim.run(1100);
    sim.cut(1006);
    sim.run(1000);
    assert!(sim.connection.is_offline(), "{}", sim.story());
}

#[test]
fn back_online_is_believed_at_once_and_starts_an_attempt() {
    let mut sim = Sim::live();
    sim.net = Net::Refusing;
    sim.page(PageSignal::Offline);
    sim.run(60_000);
    assert!(sim.connection.is_offline());
    sim.net = Net::Up;
    sim.page(PageSignal::Online);
    assert!(!sim.connection.is_offline());
    sim.run(1000);
    assert!(sim.connection.is_live(), "{}", sim.story());
}

#[test]
fn an_answer_ends_being_offline() {
    let mut sim = Sim::live();
    sim.net = Net::Refusing;
    sim.page(PageSignal::Offline);
    sim.run(20_000);
    assert!(sim.connection.is_offline());
    sim.net = Net::Up;
    sim.give(ConnectionInput::HttpAnswered);
    assert!(!sim.connection.is_offline());
    sim.run(1500);
    assert!(sim.connection.is_live());
    let asked = |output: &&ConnectionOutput| matches!(output, ConnectionOutput::SignedOut);
    assert_eq!(sim.outputs.iter().filter(asked).count(), 0);
}
