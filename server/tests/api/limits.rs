//! The limits, each tested at its value and one beyond it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use sync_protocol::limits;

use crate::support::Server;

fn envelope(count: usize) -> Value {
    let mutation = |index: usize| json!({"id": format!("m{index}"), "kind": "set_favorite", "args": {"beat_id": "b1", "favorite": true}});
    json!({"mutations": (0..count).map(mutation).collect::<Vec<_>>()})
}

#[tokio::test]
async fn a_request_may_have_100_mutations_and_not_101() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let max = limits::MUTATIONS_PER_REQUEST_MAX;
    let reply = ada.post("/api/mutations", &envelope(max)).await;
    assert_eq!(
        reply.json()["results"].as_array().expect("results").len(),
        max
    );
    let reply = ada.post("/api/mutations", &envelope(max + 1)).await;
    assert_eq!(reply.problem(), "bad_request");
}

#[tokio::test]
async fn a_body_may_have_256_kib_and_not_one_byte_more() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let json = [("content-type", "application/json")];
    let mut body = envelope(1).to_string().into_bytes();
    body.resize(limits::REQUEST_BYTES_MAX, b' ');
    let reply = ada
        .call(Method::POST, "/api/mutations", &json, body.clone())
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    body.push(b' ');
    let reply = ada.call(Method::POST, "/api/mutations", &json, body).await;
    assert_eq!(reply.problem(), "payload_too_large");
}

#[tokio::test]
async fn a_snapshot_may_have_200_pending_ids_and_not_201() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let path = |count: usize| {
        let ids: Vec<String> = (0..count).map(|index| format!("m{index}")).collect();
        format!("/api/snapshot?resources=stats&pending={}", ids.join(","))
    };
    let max = limits::PENDING_IDS_MAX;
    assert_eq!(ada.get(&path(max)).await.status, StatusCode::OK);
    assert_eq!(ada.get(&path(max + 1)).await.problem(), "bad_request");
}

#[tokio::test]
async fn a_user_may_send_500_mutations_at_once() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for _ in 0..5 {
        assert_eq!(
            ada.post("/api/mutations", &envelope(100)).await.status,
            StatusCode::OK
        );
    }
    // The bucket refills during a slow run, so that several more requests may be needed to empty it.
    let mut limited = None;
    for _ in 0..50 {
        let reply = ada.post("/api/mutations", &envelope(100)).await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(reply);
            break;
        }
    }
    let reply = limited.expect("the burst is used up");
    assert_eq!(reply.problem(), "rate_limited");
    assert!(reply.json()["retry_after_ms"].as_u64().expect("a wait") <= 500);
    let ben = server.ben().await;
    assert_eq!(
        ben.post("/api/mutations", &envelope(1)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn bodies_that_are_not_json_are_rejected() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let body = || envelope(1).to_string().into_bytes();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "application/jsonp",
    ] {
        let headers = [("content-type", kind)];
        let reply = ada
            .call(Method::POST, "/api/mutations", &headers, body())
            .await;
        assert_eq!(reply.problem(), "unsupported_media_type", "{kind}");
    }
    let headers = [("content-type", "Application/JSON; charset=utf-8")];
    let reply = ada
        .call(Method::POST, "/api/mutations", &headers, body())
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    for text in [
        "",
        "{",
        "nul",
        "\u{feff}{}",
        &"[".repeat(10_000),
        "{\"mutations\":1e999}",
    ] {
        let headers = [("content-type", "application/json")];
        let body = text.as_bytes().to_vec();
        let reply = ada
            .call(Method::POST, "/api/mutations", &headers, body)
            .await;
        assert_eq!(reply.problem(), "bad_request");
    }
}

#[tokio::test]
async fn unknown_calls_and_methods_are_rejected_with_problems() {
    let server = Server::start().await;
    let ada = server.ada().await;
    assert_eq!(ada.get("/api/nothing").await.problem(), "not_found");
    let reply = ada.call(Method::PUT, "/api/orders", &[], Vec::new()).await;
    assert_eq!(reply.problem(), "method_not_allowed");
    assert_eq!(
        ada.get("/connection/websocket").await.problem(),
        "bad_request"
    );
}
