//! Mutations.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sync_protocol::limits;

use crate::support::Server;

fn favorite(id: &str, beat_id: &str, favorite: bool) -> Value {
    json!({"id": id, "kind": "set_favorite", "args": {"beat_id": beat_id, "favorite": favorite}})
}

#[tokio::test]
async fn a_repeated_mutation_gets_the_same_outcome_and_has_no_second_effect() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let first = ada.favorite("m1", "b1", true).await;
    assert_eq!(first["outcome"], "accepted");
    ada.favorite("m2", "b1", false).await;
    assert_eq!(ada.favorite("m1", "b1", true).await, first);
    let snapshot = ada.snapshot("resources=favorites").await;
    assert_eq!(snapshot["resources"]["favorites"]["ids"], json!([]));
    // The server compares mutations as JSON values: the order of fields makes no difference.
    let body = r#"{"mutations":[{"kind":"set_favorite","args":{"favorite":true,"beat_id":"b1"},"id":"m1"}]}"#;
    let body: Value = serde_json::from_str(body).expect("JSON");
    let reply = ada.post("/api/mutations", &body).await;
    assert_eq!(reply.json()["results"][0], first);
}

#[tokio::test]
async fn an_outcome_survives_a_restart() {
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
async fn outcomes_of_former_versions_of_the_server_are_replayed() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let event = json!({
        "epoch": "e1", "resource": "activity", "version": 2, "prev": 1,
        "resources": ["orders", "activity"], "mutations": ["m1"], "at": "2026-11-23T10:00:00.000Z",
        "changes": [{"type": "activity_logged", "data": {
            "id": "m1:order_updated", "kind": "order_updated", "at": "2026-11-23T10:00:00.000Z",
            "mutation_id": "m1", "title": "BL-100001", "order_id": "o1", "order_status": "cancelled",
        }}],
    });
    let problem = json!({
        "code": "price_changed", "status": 409, "title": "the price differs from the expected one",
        "total": {"amount": 400, "currency": "USD"},
    });
    let stored = [
        json!({"id": "m1", "outcome": "accepted", "version": 2, "events": [event]}),
        json!({"id": "m2", "outcome": "accepted", "version": 2, "events": []}),
        json!({"id": "m3", "outcome": "rejected", "problem": problem}),
    ];
    let mut tx = server.db().begin_write().await.expect("a transaction");
    for result in &stored {
        // The fingerprint of `["cancel_order",{"order_id":"o1"}]`.
        sqlx::query(
            "INSERT INTO verdicts (person_id, id, body_hash, version, result, at_ms) \
             VALUES (?, ?, unhex('29d5e2856353b22145b402aeee9136d1c59484d34b9695f1098bf245909f3c16'), 2, ?, ?)",
        )
        .bind(&ada.user_id)
        .bind(result["id"].as_str())
        .bind(result.to_string())
        .bind(dashboard_server::clock::now_ms())
        .execute(&mut *tx)
        .await
        .expect("a stored outcome");
    }
    tx.commit().await.expect("committed");
    for result in &stored {
        let id = result["id"].as_str().expect("an id");
        let again = ada
            .mutate(id, "cancel_order", json!({"order_id": "o1"}))
            .await;
        assert_eq!(again, *result);
    }
    let settled = ada.snapshot("resources=&pending=m1,m2,m3").await["settled"].clone();
    let accepted = json!({"outcome": "accepted", "version": 2});
    let rejected = json!({"outcome": "rejected", "version": 2, "problem": problem});
    let expected = json!({"m1": accepted, "m2": accepted, "m3": rejected});
    assert_eq!(settled, expected);
}

#[tokio::test]
async fn an_outcome_is_kept_for_the_promised_time_and_then_deleted() {
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
            .expect("an older outcome");
    }
    tx.commit().await.expect("committed");
    let folder = server.stop().await;
    let server = Server::over(folder, |_| {}).await;
    let ada = server.ada().await;
    // The cleanup runs in the background.
    let mut attempts = 0;
    let settled = loop {
        attempts += 1;
        assert!(attempts < 10_000, "no outcome was deleted");
        let snapshot = ada.snapshot("resources=favorites&pending=m1,m2").await;
        let settled = snapshot["settled"].as_object().expect("outcomes").clone();
        if settled.len() < 2 {
            break settled;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(settled.keys().collect::<Vec<_>>(), ["m2"]);
}

#[tokio::test]
async fn an_id_that_was_used_for_another_mutation_rejects_the_whole_request() {
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
    // Another user can use the same id.
    let ben = server.ben().await;
    assert_eq!(ben.favorite("m1", "b9", true).await["outcome"], "accepted");
}

#[tokio::test]
async fn a_mutation_that_changes_nothing_is_accepted_without_events() {
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
async fn the_events_of_a_resource_form_a_chain_of_versions() {
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
async fn a_rejected_mutation_does_not_affect_the_others() {
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
async fn the_events_of_a_batch_are_in_its_first_result_and_the_others_name_it() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let before = ada.favorite("m0", "b3", true).await["version"].clone();
    ada.mutate("c0", "cancel_order", json!({"order_id": "o"}))
        .await;
    let body = json!({"atomic": true, "mutations": [
        favorite("n1", "b1", true), favorite("n2", "b2", true), favorite("n2", "b2", true),
    ]});
    let reply = ada.post("/api/mutations", &body).await.json();
    let results = &reply["results"];
    assert_eq!(results[0]["events"].as_array().expect("events").len(), 3);
    assert_eq!(results[0].get("events_in"), None);
    assert_eq!(results[1]["events"], json!([]));
    assert_eq!(results[1]["events_in"], "n1");
    assert_eq!(results[1]["version"], results[0]["version"]);
    assert_ne!(results[1]["version"], before);
    // The third is the second again.
    assert_eq!(results[2], results[1]);
    assert_eq!(ada.post("/api/mutations", &body).await.json(), reply);
}

#[tokio::test]
async fn a_part_of_a_batch_that_changes_nothing_has_the_version_of_its_resource() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let known = ada.favorite("m0", "b1", true).await["version"].clone();
    let order = json!({
        "order_id": "o1", "lines": [{"beat_id": "b1", "license": "basic"}],
        "expected_total": {"amount": 100, "currency": "USD"},
    });
    let body = json!({"atomic": true, "mutations": [
        favorite("n1", "b1", true), {"id": "n2", "kind": "place_order", "args": order},
    ]});
    let results = ada.post("/api/mutations", &body).await.json()["results"].clone();
    assert_eq!(results[0]["version"], known);
    assert_eq!(results[0]["events"], json!([]));
    assert!(results[1]["events"][0]["changes"].is_array());
}

#[tokio::test]
async fn a_mutation_twice_in_a_batch_runs_once_and_a_rejection_has_its_reason() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let order = json!({
        "order_id": "o1", "lines": [{"beat_id": "b1", "license": "basic"}],
        "expected_total": {"amount": 100, "currency": "USD"},
    });
    let place = json!({"id": "n1", "kind": "place_order", "args": order});
    let body = json!({"atomic": true, "mutations": [place, place]});
    let results = ada.post("/api/mutations", &body).await.json()["results"].clone();
    assert_eq!(results[0]["outcome"], "accepted");
    assert_eq!(results[1], results[0]);
    let missing = favorite("n2", "missing", true);
    let body = json!({"atomic": true, "mutations": [missing, missing]});
    let results = ada.post("/api/mutations", &body).await.json()["results"].clone();
    for index in 0..2 {
        assert_eq!(results[index]["problem"]["code"], "not_found");
    }
}

#[tokio::test]
async fn an_id_can_be_used_again_after_its_outcome_was_deleted() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let first = ada.favorite("m1", "b1", true).await;
    ada.favorite("m2", "b1", false).await;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("DELETE FROM verdicts")
        .execute(&mut *tx)
        .await
        .expect("deleted");
    tx.commit().await.expect("committed");
    let again = ada.favorite("m1", "b1", true).await;
    assert_eq!(again["outcome"], "accepted");
    assert!(again["version"].as_u64() > first["version"].as_u64());
    let page = ada.get("/api/activity").await.json();
    let rows = page["items"].as_array().expect("rows").iter();
    assert_eq!(rows.filter(|row| row["mutation_id"] == "m1").count(), 1);
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
async fn a_malformed_request_is_rejected_as_a_whole() {
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
