//! The browser's word that there is no network.

use super::world::{Net, World};
use crate::core::PageSignal;
use crate::session::{Input, Output};

#[test]
fn a_short_flap_asks_nobody() {
    let mut world = World::live();
    world.run(5000);
    let probes = world.session.counters().probes;
    world.page(PageSignal::Offline);
    world.run(900);
    assert_eq!(world.session.counters().probes, probes);
    world.page(PageSignal::Online);
    world.run(5000);
    assert!(!world.session.is_offline());
    assert!(world.session.is_live());
}

#[test]
fn a_wrong_word_is_not_believed() {
    let mut world = World::live();
    world.run(5000);
    world.page(PageSignal::Offline);
    world.run(60_000);
    assert!(!world.session.is_offline());
    assert!(world.session.is_live());
    assert_eq!(world.opened_at.len(), 1);
}

#[test]
fn a_dead_link_proves_it_within_three_seconds() {
    for net in [Net::BlackHole, Net::Refusing] {
        let mut world = World::live();
        world.run(5000);
        world.net = net;
        world.page(PageSignal::Offline);
        world.run(3100);
        assert!(world.session.is_offline(), "{}", world.story());
        assert!(!world.is_connected());
    }
}

/// What was on its way when the cable was pulled still arrives, from any part's call, and proves nothing.
#[test]
fn an_answer_that_was_on_its_way_does_not_end_the_doubt() {
    for net in [Net::BlackHole, Net::Refusing] {
        let mut world = World::live();
        world.run(5000);
        world.net = net;
        world.page(PageSignal::Offline);
        world.run(300);
        world.give(Input::HttpAnswered);
        world.run(2800);
        assert!(world.session.is_offline(), "{}", world.story());
    }
}

#[test]
fn an_answer_while_the_server_is_asked_ends_the_doubt() {
    let mut world = World::live();
    world.give(Input::Disconnect);
    world.net = Net::BlackHole;
    world.page(PageSignal::Offline);
    world.run(1500);
    world.give(Input::HttpAnswered);
    world.run(10_000);
    assert!(!world.session.is_offline(), "{}", world.story());
}

#[test]
fn without_a_connection_a_call_proves_it() {
    for (net, is_offline) in [
        (Net::Refusing, true),
        (Net::BlackHole, true),
        (Net::Up, false),
    ] {
        let mut world = World::live();
        world.give(Input::Disconnect);
        world.net = net;
        world.page(PageSignal::Offline);
        world.run(3100);
        assert_eq!(world.session.is_offline(), is_offline, "{net:?}");
    }
}

#[test]
fn a_link_that_closes_while_it_is_asked_hands_the_question_on() {
    let mut world = World::live();
    world.run(5000);
    world.net = Net::Refusing;
    world.page(PageSignal::Offline);
    world.run(1100);
    world.cut(1006);
    world.run(1000);
    assert!(world.session.is_offline(), "{}", world.story());
}

#[test]
fn back_online_is_believed_at_once_and_tried_at_once() {
    let mut world = World::live();
    world.net = Net::Refusing;
    world.page(PageSignal::Offline);
    world.run(60_000);
    assert!(world.session.is_offline());
    world.net = Net::Up;
    world.page(PageSignal::Online);
    assert!(!world.session.is_offline());
    world.run(1000);
    assert!(world.session.is_live(), "{}", world.story());
}

#[test]
fn an_answer_takes_the_verdict_back() {
    let mut world = World::live();
    world.net = Net::Refusing;
    world.page(PageSignal::Offline);
    world.run(20_000);
    assert!(world.session.is_offline());
    world.net = Net::Up;
    world.give(Input::HttpAnswered);
    assert!(!world.session.is_offline());
    world.run(1500);
    assert!(world.session.is_live());
    let asked = |output: &&Output| matches!(output, Output::SignedOut);
    assert_eq!(world.outputs.iter().filter(asked).count(), 0);
}
