//! Injected faults and the simulator.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::support::Server;

fn favorite_body(id: &str) -> Vec<u8> {
    json!({"mutations": [{"id": id, "kind": "set_favorite", "args": {"beat_id": "b1", "favorite": true}}]})
        .to_string()
        .into_bytes()
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[tokio::test]
async fn a_mutation_is_rejected_as_often_as_asked_and_the_outcome_is_stored() {
    let server = Server::start().await;
    let (ada, ben) = (server.ada().await, server.ben().await);
    ada.fault(json!({"fault": "refuse_next", "code": "quota_exceeded", "times": 1}))
        .await;
    assert_eq!(ben.favorite("m1", "b1", true).await["outcome"], "accepted");
    let rejected = ada.favorite("m1", "b1", true).await;
    assert_eq!(rejected["problem"]["code"], "quota_exceeded");
    assert_eq!(ada.favorite("m1", "b1", true).await, rejected);
    assert_eq!(ada.favorite("m2", "b1", true).await["outcome"], "accepted");
    ada.fault(json!({"fault": "refuse_next", "code": "price_changed"}))
        .await;
    let rejected = ada.favorite("m3", "b2", true).await;
    assert!(rejected["problem"]["total"]["amount"].is_i64());
}

#[tokio::test]
async fn a_failed_call_has_no_effect() {
    let server = Server::start().await;
    let ada = server.ada().await;
    ada.fault(json!({"fault": "error_next", "status": 503, "times": 1}))
        .await;
    let reply = ada
        .call(Method::POST, "/api/mutations", &JSON, favorite_body("m1"))
        .await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.problem(), "unavailable");
    assert_eq!(
        ada.snapshot("resources=favorites").await["resources"]["favorites"]["ids"],
        json!([])
    );
    ada.fault(json!({"fault": "error_next", "status": 500, "on": "snapshot"}))
        .await;
    ada.favorite("m2", "b1", true).await;
    let reply = ada.get("/api/snapshot?resources=stats").await;
    assert_eq!(reply.problem(), "internal");
    assert_eq!(
        ada.get("/api/snapshot?resources=stats").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_call_with_a_lost_reply_has_its_effect() {
    let server = Server::start().await;
    let ada = server.ada().await;
    ada.fault(json!({"fault": "lose_reply", "times": 1})).await;
    let lost = ada
        .try_call(Method::POST, "/api/mutations", &JSON, favorite_body("m1"))
        .await;
    assert!(lost.is_err());
    let snapshot = ada.snapshot("resources=favorites&pending=m1").await;
    assert_eq!(snapshot["resources"]["favorites"]["ids"], json!(["b1"]));
    assert_eq!(snapshot["settled"]["m1"]["outcome"], "accepted");
    let again = ada.favorite("m1", "b1", true).await;
    assert_eq!(again["version"], snapshot["settled"]["m1"]["version"]);
}

#[tokio::test]
async fn a_delayed_call_runs_later() {
    let server = Server::start().await;
    let ada = server.ada().await;
    ada.fault(json!({"fault": "delay", "ms": 300, "times": 1}))
        .await;
    let started = tokio::time::Instant::now();
    assert_eq!(ada.favorite("m1", "b1", true).await["outcome"], "accepted");
    assert!(started.elapsed().as_millis() >= 300);
}

#[tokio::test]
async fn a_dropped_socket_ends_without_a_close_frame() {
    let server = Server::start().await;
    let (ada, ben) = (server.ada().await, server.ben().await);
    let mut socket = ada.connected().await;
    let mut other = ben.connected().await;
    ada.fault(json!({"fault": "drop_socket"})).await;
    assert_eq!(socket.closed().await, 1006);
    other
        .send(&json!({"id": 2, "rpc": {"method": "ping"}}))
        .await;
    assert_eq!(other.next().await["id"], 2);
}

#[tokio::test]
async fn a_silenced_socket_gets_its_frames_later_and_new_sockets_work() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    socket.subscribe(2, &ada.channel("favorites")).await;
    ada.fault(json!({"fault": "silence", "seconds": 300})).await;
    let result = ada.favorite("m1", "b1", true).await;
    socket
        .send(&json!({"id": 3, "rpc": {"method": "ping"}}))
        .await;

    let mut fresh = ada.connected().await;
    fresh
        .send(&json!({"id": 2, "rpc": {"method": "ping"}}))
        .await;
    assert_eq!(fresh.next().await["id"], 2);

    assert_eq!(
        ada.delete("/api/demo/fault").await.status,
        StatusCode::NO_CONTENT
    );
    // The order may differ, because the event and the ping are concurrent.
    let held = [socket.next().await, socket.next().await];
    let event = held.iter().find(|message| message.get("push").is_some());
    let event = &event.expect("the event")["push"]["pub"]["data"];
    assert_eq!(*event, result["events"][0]);
    assert!(held.iter().any(|message| message["id"] == 3));
}

#[tokio::test]
async fn armed_faults_can_be_cleared() {
    let server = Server::start().await;
    let ada = server.ada().await;
    ada.fault(json!({"fault": "error_next", "status": 503, "times": 9}))
        .await;
    ada.delete("/api/demo/fault").await;
    assert_eq!(ada.favorite("m1", "b1", true).await["outcome"], "accepted");
}

#[tokio::test]
async fn without_the_demonstration_there_are_no_demo_controls() {
    let server = Server::start_with(|config| config.demo = false).await;
    server.make_real("ada@demo.test").await;
    let ada = server.ada().await;
    for path in ["/api/demo/fault", "/api/demo/simulate"] {
        let reply = ada.post(path, &json!({"fault": "drop_socket"})).await;
        assert_eq!(reply.problem(), "not_found");
    }
}

#[tokio::test]
async fn a_simulation_publishes_real_events_in_order() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    for (id, what, channel) in [
        (2, "activity", ada.channel("activity")),
        (3, "favorites", ada.channel("favorites")),
        (4, "orders", ada.channel("orders")),
        (5, "market", "market:beats".to_owned()),
    ] {
        let mut last = 0;
        socket.subscribe(id, &channel).await;
        let body = json!({"what": what, "count": 20, "rate_per_s": 1000});
        let reply = ada.post("/api/demo/simulate", &body).await;
        assert_eq!(reply.status, StatusCode::ACCEPTED);
        for _ in 0..20 {
            let event = socket.event(&channel).await;
            if what == "market" {
                assert_eq!(event["changes"][0]["type"], "beat_changed");
                continue;
            }
            let prev = event["prev"].as_u64().expect("a version");
            assert!(last == 0 || prev == last, "{event}");
            last = event["version"].as_u64().expect("a version");
        }
        socket
            .send(&json!({"id": id + 100, "unsubscribe": {"channel": channel}}))
            .await;
        while socket.next().await["id"] != id + 100 {}
    }
    let too_much = json!({"what": "market", "count": 100_001});
    let reply = ada.post("/api/demo/simulate", &too_much).await;
    assert_eq!(reply.problem(), "bad_request");
}
