//! Frames that no honest server sends. None panics, each is counted.

use sync_protocol::limits::SERVER_FRAME_BYTES_MAX;

use super::sim::Sim;
use crate::connection::{CAUSE_BYTES_MAX, ConnectionInput, ConnectionOutput, Recovery, State};
use crate::io::SocketEvent;
use crate::random::Random;

#[test]
fn malformed_frames_are_counted_and_do_not_end_the_connection() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_field = format!(r#"{{"push":{deep}}}"#);
    let deep_data = format!(
        r#"{{"push":{{"channel":"dashboard:favorites#ada","pub":{{"offset":1,"data":{deep}}}}}}}"#
    );
    for text in [
        "not json",
        "[1,2,3]",
        "{\"id\":-1}",
        "{\"id\":\"1\"}",
        "{\"id\":1e400}",
        "{\"push\":7}",
        "{\"push\":{\"channel\":1}}",
        "{\"push\":{\"channel\":\"c\",\"pub\":{\"offset\":1}}}",
        "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1,\"offset\":-1}}}",
        "{\"id\":1,\"id\":2}",
        "\u{0}",
        "{",
        &deep,
        &deep_field,
    ] {
        let mut sim = Sim::live();
        let before = sim.connection.counters.malformed;
        sim.say_now(text);
        let shown: String = text.chars().take(60).collect();
        assert_eq!(sim.connection.counters.malformed, before + 1, "{shown}");
        assert!(sim.is_connected(), "{shown}");
    }
    // The schema reads deep data; the connection passes them on as they came.
    let mut sim = Sim::live();
    sim.say_now(&deep_data);
    assert!(sim.is_connected());
    assert_eq!(sim.publications().len(), 1);
}

#[test]
fn a_frame_at_the_limit_is_read_and_one_past_it_is_not() {
    let frame = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
    let mut sim = Sim::live();
    sim.say_now(&frame(SERVER_FRAME_BYTES_MAX));
    assert_eq!(sim.connection.counters.oversized, 0);
    sim.say_now(&frame(SERVER_FRAME_BYTES_MAX + 1));
    assert_eq!(sim.connection.counters.oversized, 1);
    assert!(sim.is_connected());
}

#[test]
fn a_binary_frame_is_counted_and_its_loss_repaired() {
    let mut sim = Sim::live();
    sim.run(1000);
    sim.take();
    let generation = sim.generation();
    let event = SocketEvent::Malformed;
    sim.give(ConnectionInput::Socket { generation, event });
    assert_eq!(sim.connection.counters.oversized, 1);
    let mut outputs = sim.outputs.iter();
    assert!(outputs.any(|output| matches!(output, ConnectionOutput::Malformed)));
    assert!(sim.recoveries().contains(&Recovery::Lost));
    assert!(sim.is_connected());
}

/// A connection whose socket is open and whose `connect` is not answered.
fn in_handshake() -> Sim {
    let mut sim = Sim::new();
    sim.connect_reply = None;
    sim.give(ConnectionInput::SignedIn);
    sim.run(200);
    assert!(sim.has_socket() && !sim.is_connected());
    sim
}

#[test]
fn every_kind_of_message_with_every_wrong_type_is_survived_at_every_stage() {
    let kinds = [
        "connect",
        "subscribe",
        "unsubscribe",
        "rpc",
        "refresh",
        "error",
        "push",
        "id",
        "history",
    ];
    let inner = [
        "channel",
        "pub",
        "unsubscribe",
        "disconnect",
        "code",
        "ping",
        "ttl",
        "epoch",
        "offset",
        "publications",
        "subs",
        "message",
        "data",
        "recovered",
    ];
    let wrong = [
        "null",
        "true",
        "-1",
        "1e999",
        "\"\"",
        "[]",
        "{}",
        "[{}]",
        "[[[]]]",
        "18446744073709551616",
    ];
    let deep = |field: &str, value: &str| format!(r#"{{"{field}":{value}}}"#);
    for kind in kinds {
        for value in wrong {
            let nested = inner.map(|field| deep(field, value));
            for value in nested.iter().map(String::as_str).chain([value]) {
                let text = format!(r#"{{"id":1,"{kind}":{value}}}"#);
                let push = deep(kind, value);
                for mut sim in [in_handshake(), Sim::live()] {
                    for text in [&text, &push] {
                        if sim.has_socket() {
                            sim.say_now(text);
                        }
                    }
                    sim.run(100);
                    assert!(sim.connection.next_deadline().is_some(), "{text}");
                }
            }
        }
    }
}

#[test]
fn a_frame_full_of_messages_is_read_to_its_end_and_each_is_counted() {
    let mut sim = Sim::live();
    let count = SERVER_FRAME_BYTES_MAX / 12;
    sim.say_now(&"{\"push\":{}}\n".repeat(count));
    assert_eq!(sim.connection.counters.unknown, count as u64);
    assert!(sim.is_connected());
}

#[test]
fn a_reason_is_kept_only_so_far_as_a_user_would_read_it() {
    let mut sim = Sim::live();
    let reason = "ü".repeat(100_000);
    sim.say_now(&format!(
        r#"{{"push":{{"disconnect":{{"code":3001,"reason":"{reason}"}}}}}}"#
    ));
    let State::Reconnecting { why, .. } = &sim.connection.state else {
        panic!("{}", sim.connection.state);
    };
    assert!(why.reason.len() <= CAUSE_BYTES_MAX && why.reason.starts_with('ü'));
}

#[test]
fn malformed_frames_have_the_channels_read_again_but_not_in_a_storm() {
    let mut sim = Sim::live();
    sim.run(1000);
    sim.take();
    for _ in 0..1000 {
        sim.say_now("{");
        sim.run(20);
    }
    let lost = sim.recoveries();
    assert!(lost.iter().all(|recovery| *recovery == Recovery::Lost));
    // 20 s of garbage, two channels, one resync in 10 s.
    assert!((4..=8).contains(&lost.len()), "{}", lost.len());
}

#[test]
fn replies_nobody_waits_for_and_unknown_pushes_are_counted() {
    let mut sim = Sim::live();
    let before = sim.connection.counters.unknown;
    for text in [
        r#"{"id":4000000000,"subscribe":{}}"#,
        r#"{"id":1,"connect":{"client":"again"}}"#,
        r#"{"push":{"channel":"dashboard:favorites#ada","karma":{"level":9}}}"#,
        r#"{"push":{"channel":"dashboard:favorites#ada","join":{"info":{}}}}"#,
        r#"{"push":{}}"#,
    ] {
        sim.say_now(text);
    }
    assert_eq!(sim.connection.counters.unknown, before + 5);
    assert!(sim.connection.is_live());
}

#[test]
fn absurd_numbers_in_replies_are_harmless() {
    let mut sim = Sim::new();
    sim.connect_reply = Some(
        r#""client":"c","ping":4294967295,"pong":true,"expires":true,"ttl":4294967295"#.to_owned(),
    );
    sim.go_live();
    sim.say_now(
        r#"{"push":{"channel":"dashboard:favorites#ada","pub":{"data":1,"offset":18446744073709551615}}}"#,
    );
    sim.say_now(r#"{"push":{"channel":"dashboard:favorites#ada","pub":{"data":1,"offset":1}}}"#);
    sim.say_now(
        r#"{"push":{"channel":"dashboard:favorites#ada","unsubscribe":{"code":4294967295}}}"#,
    );
    sim.run(100_000);
    sim.say_now(r#"{"push":{"disconnect":{"code":4294967295,"reason":"x"}}}"#);
    sim.run(10_000);
}

#[test]
fn random_bytes_and_cut_frames_never_panic() {
    let frames = [
        r#"{"id":3,"subscribe":{"recoverable":true,"epoch":"e","offset":5,"recovered":true,"publications":[{"data":{},"offset":2}]}}"#,
        r#"{"push":{"channel":"dashboard:favorites#ada","pub":{"data":{"a":[1,2]},"offset":3}}}"#,
        r#"{"push":{"channel":"dashboard:orders#ada","unsubscribe":{"code":2500,"reason":"r"}}}"#,
        r#"{"id":2,"error":{"code":109,"message":"m","temporary":true}}"#,
    ];
    let mut random = Random::new(42);
    for round in 0..2000_u64 {
        let mut sim = Sim::live();
        for _ in 0..3 {
            let pick = random.up_to(frames.len() as u64 - 1) as usize;
            let mut bytes = frames[pick].as_bytes().to_vec();
            for _ in 0..random.up_to(4) {
                let at = random.up_to(bytes.len() as u64 - 1) as usize;
                bytes[at] = (random.next_u64() % 128) as u8;
            }
            bytes.truncate(random.up_to(bytes.len() as u64) as usize);
            if sim.is_connected() {
                sim.say_now(&String::from_utf8_lossy(&bytes));
            }
            sim.run(round % 50);
        }
    }
}
