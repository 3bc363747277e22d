//! The token: one call at a time, in time, and the server's lifetime above the device's clock.

use sync_protocol::centrifugo::Command;

use super::sim::{Net, Sim};
use crate::connection::{
    ConnectionFault, ConnectionInput, ConnectionOutput, State, TerminalReason,
};
use crate::http::{HttpFailure, HttpRequest};
use crate::io::PageSignal;

fn token_calls(sim: &Sim) -> usize {
    let is_token = |output: &&ConnectionOutput| {
        matches!(
            output,
            ConnectionOutput::Http {
                request: HttpRequest::Token,
                ..
            }
        )
    };
    sim.outputs.iter().filter(is_token).count()
}

fn expiring() -> Sim {
    let mut sim = Sim::new();
    sim.connect_reply =
        Some(r#""client":"c","ping":25,"pong":true,"expires":true,"ttl":600"#.to_owned());
    sim
}

#[test]
fn a_token_is_used_again_while_it_lasts() {
    let mut sim = Sim::live();
    for _ in 0..5 {
        sim.cut(1006);
        sim.run(2000);
    }
    assert!(sim.connection.is_live());
    assert_eq!(token_calls(&sim), 1);
}

#[test]
fn an_expired_token_is_replaced_before_the_reconnect() {
    let mut sim = Sim::live();
    sim.run(700_000);
    sim.cut(1006);
    sim.run(1000);
    assert!(sim.connection.is_live());
    assert_eq!(token_calls(&sim), 2);
}

#[test]
fn the_token_is_renewed_on_the_connection_before_it_ends() {
    let mut sim = expiring();
    sim.go_live();
    sim.run(6_000_000);
    assert_eq!(sim.opened_at.len(), 1, "{}", sim.story());
    let refreshes = sim.commands.iter().filter(|c| c.refresh.is_some());
    let refreshes = refreshes.count();
    assert!((11..=17).contains(&refreshes), "{refreshes}");
    assert_eq!(token_calls(&sim), refreshes + 1);
}

#[test]
fn a_failed_renewal_is_retried_and_never_twice_at_once() {
    let mut sim = expiring();
    sim.go_live();
    sim.token_failure = Some(HttpFailure::Network);
    sim.run(560_000);
    let attempted = token_calls(&sim);
    assert!((3..40).contains(&attempted), "{attempted}");
    sim.token_failure = None;
    sim.run(30_000);
    assert!(sim.connection.is_live());
    assert_eq!(sim.opened_at.len(), 1);
}

#[test]
fn a_drop_while_a_token_is_in_flight_does_not_ask_for_another() {
    let mut sim = Sim::live();
    sim.run(700_000);
    sim.net = Net::BlackHole;
    sim.cut(1006);
    sim.run(600);
    assert_eq!(token_calls(&sim), 2);
    sim.give(ConnectionInput::Connect);
    assert_eq!(token_calls(&sim), 2);
}

#[test]
fn a_hanging_token_call_is_aborted_after_four_seconds() {
    let mut sim = Sim::new();
    sim.net = Net::BlackHole;
    sim.give(ConnectionInput::SignedIn);
    sim.run(3900);
    assert_eq!(token_calls(&sim), 1);
    sim.run(2000);
    assert_eq!(token_calls(&sim), 2);
    let cancelled =
        |output: &ConnectionOutput| matches!(output, ConnectionOutput::CancelHttp { .. });
    assert!(sim.outputs.iter().any(cancelled));
}

#[test]
fn the_server_says_when_to_ask_for_a_token_again() {
    let mut sim = Sim::new();
    sim.token_failure = Some(HttpFailure::Status {
        status: 429,
        problem: None,
        retry_after_ms: Some(20_000),
    });
    sim.give(ConnectionInput::SignedIn);
    sim.run(19_900);
    assert_eq!(token_calls(&sim), 1);
    sim.run(2000);
    assert_eq!(token_calls(&sim), 2);
}

#[test]
fn an_invalid_token_is_replaced_once_before_it_is_final() {
    let mut sim = Sim::live();
    sim.cut(3500);
    assert!(matches!(sim.connection.state, State::Reconnecting { .. }));
    sim.connect_reply = None;
    sim.run(700);
    assert_eq!(token_calls(&sim), 2);
    sim.cut(3500);
    let why = ConnectionFault::Terminal(TerminalReason::Credentials);
    assert_eq!(sim.connection.state, State::Error { why });
    // The server is asked whether the user is still signed in; they are, so this stays.
    sim.run(60_000);
    assert_eq!(sim.connection.state, State::Error { why });
}

#[test]
fn a_token_that_the_server_calls_expired_is_replaced() {
    let mut sim = Sim::new();
    let good = sim.connect_reply.clone();
    sim.connect_reply = Some(r#""error":{"code":109,"message":"token expired"}"#.to_owned());
    sim.give(ConnectionInput::SignedIn);
    sim.run(100);
    sim.connect_reply = good;
    sim.run(2000);
    assert!(sim.connection.is_live());
    assert_eq!(token_calls(&sim), 2);
}

#[test]
fn other_connect_errors_end_or_retry_by_whether_they_pass() {
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
        let mut sim = Sim::new();
        sim.connect_reply = Some(error.to_owned());
        sim.give(ConnectionInput::SignedIn);
        sim.run(10_000);
        let stopped = matches!(
            sim.connection.state,
            State::Error {
                why: ConnectionFault::Terminal(_)
            }
        );
        assert_eq!(stopped, is_final, "{error}");
    }
}

#[test]
fn a_token_that_was_in_flight_during_a_sleep_does_not_name_the_time() {
    let mut sim = Sim::new();
    sim.give(ConnectionInput::SignedIn);
    sim.suspend(60_000);
    sim.run(1000);
    assert!(sim.is_connected(), "{}", sim.story());
    // The answer takes 40 ms, in which the server's time goes on.
    assert_eq!(sim.connection.clock_offset_ms(), -40);
}

#[test]
fn a_jump_of_the_clocks_renews_the_token_only_where_it_ends() {
    for (mut sim, refreshes) in [(Sim::new(), 0), (expiring(), 1)] {
        sim.go_live();
        sim.suspend(60_000);
        sim.page(PageSignal::Resumed);
        sim.run(1000);
        assert_eq!(token_calls(&sim), 2);
        let is_refresh = |command: &&Command| command.refresh.is_some();
        assert_eq!(sim.commands.iter().filter(is_refresh).count(), refreshes);
        assert!(sim.connection.is_live(), "{}", sim.story());
    }
}

#[test]
fn the_trace_shows_no_token() {
    let mut sim = expiring();
    sim.go_live();
    sim.run(600_000);
    assert!(!sim.story().contains("jwt"));
}
