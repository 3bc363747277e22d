//! What users ask for.

use axum::http::StatusCode;
use dashboard_protocol::limits;
use serde_json::{Value, json};

use crate::support::Server;

fn favorite(id: &str, beat_id: &str, favorite: bool) -> Value {
    json!({"id": id, "kind": "set_favorite", "args": {"beat_id": beat_id, "favorite": favorite}})
}

#[tokio::test]
async fn the_same_mutation_again_gets_the_same_outcome_and_has_no_second_effect() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let first = ada.favorite("m1", "b1", true).await;
    assert_eq!(first["outcome"], "accepted");
    ada.favorite("m2", "b1", false).await;
    assert_eq!(ada.favorite("m1", "b1", true).await, first);
    let snapshot = ada.snapshot("resources=favorites").await;
    assert_eq!(snapshot["resources"]["favorites"]["ids"], json!([]));
    // Compared as JSON values: the order of fields does not matter.
    let body = r#"{"mutations":[{"kind":"set_favorite","args":{"favorite":true,"beat_id":"b1"},"id":"m1"}]}"#;
    let body: Value = serde_json::from_str(body).expect("JSON");
    let reply = ada.post("/api/mutations", &body).await;
    assert_eq!(reply.json()["results"][0], first);
}

#[tokio::test]
async fn an_outcome_outlasts_a_restart_a_rejection_too() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let rejected = ada.favorite("m1", "missing", true).await;
    let folder = server.stop().await;
    let server = Server::over(folder, |_| {}).await;
    assert_eq!(
        server.ada().await.favorite("m1", "missing", true).await,
        rejected
    );
}

#[tokio::test]
async fn an_outcome_is_known_as_long_as_it_is_promised_and_then_forgotten() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for index in [1, 2] {
        ada.favorite(&format!("m{index}"), &format!("b{index}"), true)
            .await;
    }
    let age = |ms: u64| i64::try_from(ms).expect("a short time");
    let (kept_ms, minute_ms) = (age(limits::OUTCOME_RETENTION_MS), 60_000);
    let mut tx = server.db().begin_write().await.expect("a transaction");
    for (id, older_ms) in [("m1", kept_ms + minute_ms), ("m2", kept_ms - minute_ms)] {
        sqlx::query("UPDATE verdicts SET at_ms = at_ms - ? WHERE id = ?")
            .bind(older_ms)
            .bind(id)
            .execute(&mut *tx)
            .await
            .expect("an older verdict");
    }
    tx.commit().await.expect("committed");
    let folder = server.stop().await;
    let server = Server::over(folder, |_| {}).await;
    let ada = server.ada().await;
    // It is cleaned up in the background.
    let mut attempts = 0;
    let settled = loop {
        attempts += 1;
        assert!(attempts < 10_000, "nothing is forgotten");
        let snapshot = ada.snapshot("resources=favorites&pending=m1,m2").await;
        let settled = snapshot["settled"].as_object().expect("verdicts").clone();
        if settled.len() < 2 {
            break settled;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(settled.keys().collect::<Vec<_>>(), ["m2"]);
}

#[tokio::test]
async fn an_id_that_stands_for_something_else_stops_the_whole_request() {
    let server = Server::start().await;
    let ada = server.ada().await;
    ada.favorite("m1", "b1", true).await;
    for mutations in [
        json!([favorite("m2", "b2", true), favorite("m1", "b1", false)]),
        json!([favorite("m3", "b2", true), favorite("m3", "b3", true)]),
    ] {
        for atomic in [false, true] {
            let body = json!({"mutations": mutations, "atomic": atomic});
            let reply = ada.post("/api/mutations", &body).await;
            assert_eq!(reply.status, StatusCode::CONFLICT);
            assert_eq!(reply.problem(), "mutation_id_reused");
        }
    }
    let snapshot = ada.snapshot("resources=favorites").await;
    assert_eq!(snapshot["resources"]["favorites"]["ids"], json!(["b1"]));
    // The same id is free for another user.
    let ben = server.ben().await;
    assert_eq!(ben.favorite("m1", "b9", true).await["outcome"], "accepted");
}

#[tokio::test]
async fn what_changes_nothing_is_accepted_without_events() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let first = ada.favorite("m1", "b1", true).await;
    ada.mutate("x", "cancel_order", json!({"order_id": "o"}))
        .await;
    let noop = ada.favorite("m2", "b1", true).await;
    assert_eq!(noop["outcome"], "accepted");
    assert_eq!(noop["version"], first["version"]);
    assert_eq!(noop["events"], json!([]));
}

#[tokio::test]
async fn events_chain_on_each_resource() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let first = ada.favorite("m1", "b1", true).await;
    let second = ada.favorite("m2", "b2", true).await;
    assert_eq!(
        second["version"],
        json!(first["version"].as_u64().expect("a version") + 1)
    );
    for event in second["events"].as_array().expect("events") {
        assert_eq!(event["prev"], first["version"], "{event}");
        assert_eq!(event["version"], second["version"]);
        assert_eq!(event["mutations"], json!(["m2"]));
        assert_eq!(
            event["resources"],
            json!(["favorites", "activity", "stats"])
        );
    }
    assert_eq!(
        second["events"][1]["changes"][0]["data"]["id"],
        "m2:favorite_added"
    );
}

#[tokio::test]
async fn one_rejected_mutation_leaves_the_others_alone() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let body = json!({"mutations": [
        favorite("m1", "b1", true), favorite("m2", "missing", true), favorite("m3", "b3", true),
        {"id": "m4", "kind": "dance", "args": {}}, {"id": "m5", "kind": "set_favorite", "args": {"beat_id": 7}},
        {"id": "m6", "kind": "set_favorite", "args": [[[]]]},
    ]});
    let results = ada.post("/api/mutations", &body).await.json()["results"].clone();
    let outcome = |index: usize| {
        results[index]["outcome"]
            .as_str()
            .expect("an outcome")
            .to_owned()
    };
    assert_eq!(
        (outcome(0), outcome(2)),
        ("accepted".to_owned(), "accepted".to_owned())
    );
    assert_eq!(results[1]["problem"]["code"], "not_found");
    for index in 3..6 {
        assert_eq!(results[index]["problem"]["code"], "invalid");
    }
}

#[tokio::test]
async fn an_atomic_batch_is_one_commit_or_none() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let before = ada.snapshot("resources=favorites").await;
    let body = json!({"atomic": true, "mutations": [
        favorite("m1", "b1", true), favorite("m2", "missing", true), favorite("m3", "b3", true),
    ]});
    let rejected = ada.post("/api/mutations", &body).await.json();
    let code = |index: usize| rejected["results"][index]["problem"]["code"].clone();
    assert_eq!(
        json!([code(0), code(1), code(2)]),
        json!(["batch_rejected", "not_found", "batch_rejected"])
    );
    assert_eq!(ada.snapshot("resources=favorites").await, before);
    assert_eq!(ada.post("/api/mutations", &body).await.json(), rejected);

    let body = json!({"atomic": true, "mutations": [favorite("n1", "b1", true), favorite("n2", "b2", true)]});
    let reply = ada.post("/api/mutations", &body).await.json();
    let results = &reply["results"];
    assert_eq!(results[0]["version"], results[1]["version"]);
    assert_eq!(results[0]["events"][0]["mutations"], json!(["n1", "n2"]));
    assert_eq!(
        results[0]["events"][0]["changes"]
            .as_array()
            .expect("changes")
            .len(),
        2
    );
    assert_eq!(ada.post("/api/mutations", &body).await.json(), reply);
}

#[tokio::test]
async fn events_are_the_same_in_the_reply_and_on_the_socket() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    for (id, resource) in [(2, "favorites"), (3, "activity"), (4, "stats")] {
        socket.subscribe(id, &ada.channel(resource)).await;
    }
    let result = ada.favorite("m1", "b1", true).await;
    for event in result["events"].as_array().expect("events") {
        let resource = event["resource"].as_str().expect("a resource");
        assert_eq!(socket.event(&ada.channel(resource)).await, *event);
    }
}

#[tokio::test]
async fn a_bad_envelope_is_rejected_whole() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for body in [
        json!([]),
        json!({}),
        json!({"mutations": {}}),
        json!({"mutations": [{"id": "a"}]}),
        json!({"mutations": [{"id": 7, "kind": "set_favorite", "args": {}}]}),
        json!({"mutations": [favorite("", "b1", true)]}),
        json!({"mutations": [favorite("a b", "b1", true)]}),
        json!({"mutations": [favorite(&"x".repeat(65), "b1", true)]}),
        json!({"mutations": [], "atomic": "yes"}),
    ] {
        let reply = ada.post("/api/mutations", &body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(reply.problem(), "bad_request");
    }
}
