//! The token: one call at a time, in time, and with the server's word above the device's clock.

use super::world::{Net, World};
use crate::http::{HttpFailure, HttpRequest};
use crate::session::{Fault, Input, Output, State, TerminalReason};

fn token_calls(world: &World) -> usize {
    let is_token = |output: &&Output| {
        matches!(
            output,
            Output::Http {
                request: HttpRequest::Token,
                ..
            }
        )
    };
    world.outputs.iter().filter(is_token).count()
}

fn expiring() -> World {
    let mut world = World::new();
    world.connect_reply =
        Some(r#""client":"c","ping":25,"pong":true,"expires":true,"ttl":600"#.to_owned());
    world
}

#[test]
fn a_token_is_used_again_while_it_lasts() {
    let mut world = World::live();
    for _ in 0..5 {
        world.cut(1006);
        world.run(2000);
    }
    assert!(world.session.is_live());
    assert_eq!(token_calls(&world), 1);
}

#[test]
fn an_expired_token_is_replaced_before_the_reconnect() {
    let mut world = World::live();
    world.run(700_000);
    world.cut(1006);
    world.run(1000);
    assert!(world.session.is_live());
    assert_eq!(token_calls(&world), 2);
}

#[test]
fn the_token_is_renewed_on_the_connection_before_it_ends() {
    let mut world = expiring();
    world.go_live();
    world.run(6_000_000);
    assert_eq!(world.opened_at.len(), 1, "{}", world.story());
    let refreshes = world.commands.iter().filter(|c| c.refresh.is_some());
    let refreshes = refreshes.count();
    assert!((11..=17).contains(&refreshes), "{refreshes}");
    assert_eq!(token_calls(&world), refreshes + 1);
}

#[test]
fn a_failed_renewal_is_tried_again_and_never_twice_at_once() {
    let mut world = expiring();
    world.go_live();
    world.token_failure = Some(HttpFailure::Network);
    world.run(560_000);
    let tried = token_calls(&world);
    assert!((3..40).contains(&tried), "{tried}");
    world.token_failure = None;
    world.run(30_000);
    assert!(world.session.is_live());
    assert_eq!(world.opened_at.len(), 1);
}

#[test]
fn a_drop_while_a_token_is_on_its_way_does_not_ask_for_another() {
    let mut world = World::live();
    world.run(700_000);
    world.net = Net::BlackHole;
    world.cut(1006);
    world.run(600);
    assert_eq!(token_calls(&world), 2);
    world.give(Input::Connect);
    assert_eq!(token_calls(&world), 2);
}

#[test]
fn a_token_call_that_hangs_is_given_up_after_four_seconds() {
    let mut world = World::new();
    world.net = Net::BlackHole;
    world.give(Input::SignedIn);
    world.run(3900);
    assert_eq!(token_calls(&world), 1);
    world.run(2000);
    assert_eq!(token_calls(&world), 2);
    let cancelled = |output: &Output| matches!(output, Output::CancelHttp { .. });
    assert!(world.outputs.iter().any(cancelled));
}

#[test]
fn the_server_says_when_to_ask_for_a_token_again() {
    let mut world = World::new();
    world.token_failure = Some(HttpFailure::Status {
        status: 429,
        problem: None,
        retry_after_ms: Some(20_000),
    });
    world.give(Input::SignedIn);
    world.run(19_900);
    assert_eq!(token_calls(&world), 1);
    world.run(2000);
    assert_eq!(token_calls(&world), 2);
}

#[test]
fn an_invalid_token_is_replaced_once_before_it_is_final() {
    let mut world = World::live();
    world.cut(3500);
    assert!(matches!(world.session.state(), State::Reconnecting { .. }));
    world.connect_reply = None;
    world.run(700);
    assert_eq!(token_calls(&world), 2);
    world.cut(3500);
    let why = Fault::Terminal(TerminalReason::InvalidToken);
    assert_eq!(*world.session.state(), State::Error { why });
    // The server is asked whether the person is still signed in; they are, so this stays.
    world.run(60_000);
    assert_eq!(*world.session.state(), State::Error { why });
}

#[test]
fn a_token_that_the_server_calls_expired_is_replaced() {
    let mut world = World::new();
    let good = world.connect_reply.clone();
    world.connect_reply = Some(r#""error":{"code":109,"message":"token expired"}"#.to_owned());
    world.give(Input::SignedIn);
    world.run(100);
    world.connect_reply = good;
    world.run(2000);
    assert!(world.session.is_live());
    assert_eq!(token_calls(&world), 2);
}

#[test]
fn other_connect_errors_decide_by_whether_they_pass() {
    for (error, is_final) in [
        (
            r#""error":{"code":100,"message":"m","temporary":true}"#,
            false,
        ),
        (
            r#""error":{"code":111,"message":"m","temporary":true}"#,
            false,
        ),
        (r#""error":{"code":103,"message":"m"}"#, true),
        (r#""error":{"code":110,"message":"m"}"#, true),
    ] {
        let mut world = World::new();
        world.connect_reply = Some(error.to_owned());
        world.give(Input::SignedIn);
        world.run(10_000);
        let stopped = matches!(
            world.session.state(),
            State::Error {
                why: Fault::Terminal(_)
            }
        );
        assert_eq!(stopped, is_final, "{error}");
    }
}

#[test]
fn the_trace_shows_no_token() {
    let mut world = expiring();
    world.go_live();
    world.run(600_000);
    assert!(!world.story().contains("jwt"));
}
