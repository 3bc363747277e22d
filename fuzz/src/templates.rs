//! Frames and events that could come from an honest server, with numbers and words of the fuzzer's choice.

use crate::Picks;

/// Data of changes, by the resource of their event.
pub const EVENTS: [(&str, &str); 8] = [
    (
        "favorites",
        r#"{"type":"favorite_added","data":{"beat_id":"b1","beat":{"id":"b1","title":"T","artist":"A","genre":"g","bpm":90,"key":"A minor","duration_ms":1000,"price":{"amount":1,"currency":"USD"},"prices":{"basic":{"amount":1,"currency":"USD"},"premium":{"amount":2,"currency":"USD"},"unlimited":{"amount":3,"currency":"USD"}},"plays":1},"added_at":"2026-11-23T10:00:00.000Z"}}"#,
    ),
    (
        "favorites",
        r#"{"type":"favorite_removed","data":{"beat_id":"b1"}}"#,
    ),
    (
        "orders",
        r#"{"type":"order_created","data":{"id":"o1","number":"1","status":"pending","lines":[],"total":{"amount":9,"currency":"USD"},"created_at":"2026-11-23T10:00:00.000Z","updated_at":"2026-11-23T10:00:00.000Z"}}"#,
    ),
    (
        "orders",
        r#"{"type":"order_updated","data":{"id":"o1","number":"1","status":"payment_failed","lines":[],"total":{"amount":9,"currency":"USD"},"created_at":"2026-11-23T10:00:00.000Z","updated_at":"2026-11-23T10:00:01.000Z"}}"#,
    ),
    (
        "downloads",
        r#"{"type":"download_progress","data":{"id":"d1","beat_id":"b1","title":"T","format":"mp3","status":"preparing","progress":40,"size_bytes":null,"created_at":"2026-11-23T10:00:00.000Z","expires_at":null,"url":null}}"#,
    ),
    (
        "activity",
        r#"{"type":"activity_logged","data":{"id":"a1","kind":"favorite_added","at":"2026-11-23T10:00:00.000Z"}}"#,
    ),
    ("stats", r#"{"type":"stats_updated","data":{}}"#),
    ("activity", r#"{"type":"unheard_of","data":{"a":[1]}}"#),
];

/// One event, by these choices.
pub fn event(picks: &mut Picks<'_>) -> (&'static str, String) {
    let (resource, change) = picks.one_of(&EVENTS);
    let (version, prev) = (picks.number(), picks.number());
    let epoch = picks.one_of(&["E", "E", "E", "F"]);
    let parts = picks.one_of(&["", r#""favorites","activity","stats""#, r#""orders""#]);
    let mutation = picks.one_of(&["", r#""m1""#]);
    let json = format!(
        r#"{{"epoch":"{epoch}","resource":"{resource}","version":{version},"prev":{prev},"resources":[{parts}],"mutations":[{mutation}],"at":"2026-11-23T10:00:00.000Z","changes":[{change}]}}"#
    );
    (resource, json)
}

/// One frame, by these choices.
pub fn frame(picks: &mut Picks<'_>) -> String {
    let resource = picks.one_of(&["favorites", "orders", "stats", "activity", "downloads", "x"]);
    let channel = format!("dashboard:{resource}#42");
    match picks.below(9) {
        0 => {
            let (resource, data) = event(picks);
            let offset = picks.number();
            format!(
                r#"{{"push":{{"channel":"dashboard:{resource}#42","pub":{{"data":{data},"offset":{offset}}}}}}}"#
            )
        }
        1 => {
            let (id, offset, at) = (picks.number(), picks.number(), picks.number());
            let (recovered, data) = (picks.below(2) == 0, event(picks).1);
            format!(
                r#"{{"id":{id},"subscribe":{{"recoverable":true,"epoch":"s","offset":{offset},"recovered":{recovered},"publications":[{{"data":{data},"offset":{at}}}]}}}}"#
            )
        }
        2 => {
            let (id, code) = (
                picks.number(),
                picks.one_of(&[100, 102, 103, 105, 109, 112, 7]),
            );
            format!(r#"{{"id":{id},"error":{{"code":{code},"message":"m","temporary":true}}}}"#)
        }
        3 => {
            let code = picks.one_of(&[3000, 3001, 3005, 3500, 3503, 4000, 4501, 1009, 0]);
            format!(r#"{{"push":{{"disconnect":{{"code":{code},"reason":"r"}}}}}}"#)
        }
        4 => {
            let code = picks.one_of(&[2000, 2499, 2500, 2502, 0]);
            format!(r#"{{"push":{{"channel":"{channel}","unsubscribe":{{"code":{code}}}}}}}"#)
        }
        5 => "{}".to_owned(),
        6 => format!(r#"{{"id":{},"rpc":{{"data":{{}}}}}}"#, picks.number()),
        7 => format!(
            r#"{{"push":{{"channel":"market:beats","pub":{{"data":{{"changes":[{{"type":"beat_changed","data":{{"id":"b1","plays":{}}}}}]}},"offset":{}}}}}}}"#,
            picks.number(),
            picks.number()
        ),
        _ => format!(
            r#"{{"id":{},"connect":{{"client":"c","ping":{},"pong":true,"expires":true,"ttl":{}}}}}"#,
            picks.number(),
            picks.number() % (1 << 32),
            picks.number() % (1 << 32)
        ),
    }
}
