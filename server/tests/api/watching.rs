//! What whoever watches a server sees: health, readiness, metrics and the log.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
};
use dashboard_model::SignIn;
use dashboard_server::{
    api::{
        account,
        extract::{Body, Uncharged},
        session,
    },
    auth::{self, origin::Scheme},
    http::Caller,
};
use futures_util::FutureExt;
use serde_json::json;
use tokio::time::timeout;

use crate::support::{
    ANY_PORT, Client, DEADLINE, Log, PASSWORD, Server, credentials, trust_loopback,
};

/// Asks until the server is ready, or until it is not, and returns what it then says.
async fn until_ready(client: &Client, ready: bool) -> String {
    let asking = async {
        loop {
            let reply = client.get("/api/ready").await;
            if (reply.status == StatusCode::OK) == ready {
                return String::from_utf8_lossy(&reply.body).into_owned();
            }
        }
    };
    timeout(DEADLINE, asking).await.expect("in time")
}

#[tokio::test]
async fn a_server_that_cannot_write_is_healthy_and_not_ready_until_it_can() {
    let server = Server::start().await;
    let client = server.stranger();
    assert_eq!(
        client.get("/api/ready").await.json(),
        json!({"status": "ready"})
    );
    let held = server.db().begin_write().await.expect("a transaction");
    let reason = until_ready(&client, false).await;
    assert!(reason.contains("no write can be committed"), "{reason}");
    assert_eq!(client.get("/api/health").await.status, StatusCode::OK);
    held.rollback().await.expect("ended");
    until_ready(&client, true).await;
}

#[tokio::test]
async fn a_server_that_stops_is_not_ready_while_it_still_answers() {
    let server =
        Server::start_with(|config| config.drain_delay = Duration::from_millis(1500)).await;
    let client = server.ada().await;
    until_ready(&client, true).await;
    let asking = async {
        let reply = client.get("/api/ready").await;
        assert_eq!(reply.problem(), "unavailable");
        assert_eq!(reply.json()["detail"], "the server is stopping");
        assert_eq!(client.get("/api/session").await.status, StatusCode::OK);
    };
    tokio::join!(server.stop(), asking);
}

#[tokio::test]
async fn the_metrics_have_an_address_of_their_own() {
    let server = Server::start_with(|config| config.admin_listen = Some(ANY_PORT)).await;
    let ada = server.ada().await;
    ada.favorite("m1", "b1", true).await;
    let _socket = ada.connected().await;
    assert_eq!(
        server.stranger().get("/api/session").await.problem(),
        "unauthenticated"
    );
    assert_eq!(ada.get("/metrics").await.problem(), "not_found");
    let admin = server.admin();
    assert_eq!(admin.get("/api/ready").await.status, StatusCode::OK);
    let reply = admin.get("/metrics").await;
    assert_eq!(reply.header("content-type"), "text/plain; version=0.0.4");
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    for line in [
        r#"dashboard_http_requests_total{class="4xx"} 2"#,
        r#"dashboard_problems_total{code="unauthenticated"} 1"#,
        r#"dashboard_problems_total{code="not_found"} 1"#,
        r#"dashboard_http_request_seconds_count{path="/api/mutations"} 1"#,
        r#"dashboard_mutations_total{outcome="accepted"} 1"#,
        r#"dashboard_queue_depth{queue="passwords"} 0"#,
        r#"dashboard_queue_depth{queue="outbox"} 0"#,
        r#"dashboard_queue_depth{queue="writes"} 0"#,
        r#"dashboard_rejected_total{kind="tcp"} 0"#,
        "dashboard_sockets_opened_total 1",
        "dashboard_connections 1",
        "dashboard_panics_total 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    let commits = text
        .lines()
        .find_map(|line| line.strip_prefix("dashboard_commit_seconds_count "));
    assert!(commits.is_some_and(|count| count != "0"), "{text}");
}

#[tokio::test]
async fn signing_in_and_out_are_audit_events_with_the_client() {
    let log = Log::start();
    let server = Server::start_with(trust_loopback).await;
    let headers = [
        ("content-type", "application/json"),
        ("x-forwarded-for", "192.0.2.7"),
    ];
    let wrong = json!({"email": "ada@demo.test", "password": "wrong"}).to_string();
    let stranger = server.stranger();
    stranger
        .call(Method::POST, "/api/session", &headers, wrong.into_bytes())
        .await;
    let right = credentials("ada@demo.test").to_string();
    stranger
        .call(Method::POST, "/api/session", &headers, right.into_bytes())
        .await;
    server.ada().await.delete("/api/session").await;
    let events = log.lines_with(" audit: ");
    for (event, words) in [
        (0, ["rejected a sign-in", "do not match", "192.0.2.7"]),
        (1, ["signed in", "user=", "192.0.2.7"]),
        (3, ["signed out", "session=", "user="]),
    ] {
        for word in words {
            assert!(events[event].contains(word), "{word} in {events:?}");
        }
    }
    assert_eq!(events.len(), 4, "{events:?}");
    assert!(!events.concat().contains("wrong"));
}

#[tokio::test]
async fn audit_events_are_logged_once_even_if_their_callers_leave() {
    let log = Log::start();
    let server = Server::start().await;
    let ada = server.ada().await;
    let app = server.app();
    let caller = || Caller {
        address: Ipv4Addr::LOCALHOST.into(),
        is_proxied: false,
        scheme: Scheme::Http,
    };
    let mut headers = HeaderMap::new();
    let cookie = ada.cookie.as_deref().expect("a cookie");
    headers.insert(header::COOKIE, cookie.parse().expect("a header"));
    let signed_in = auth::session::of_request(app, &headers, Scheme::Http).await;
    let signed_in = signed_in.expect("a session");
    let change = json!({"current": "wrong", "new": "a new password"});
    let change = serde_json::from_value(change).expect("a change");
    let change = account::change_password(
        State(Arc::clone(app)),
        caller(),
        signed_in.clone(),
        Body(change),
    );
    assert!(change.now_or_never().is_none());
    for password in ["wrong", PASSWORD] {
        let body = Body(SignIn {
            email: "ben@demo.test".to_owned(),
            password: password.to_owned(),
        });
        let state = State(Arc::clone(app));
        let sign_in = session::sign_in(state, caller(), HeaderMap::new(), body);
        assert!(sign_in.now_or_never().is_none());
    }
    let sign_out = session::sign_out(State(Arc::clone(app)), caller(), Uncharged(signed_in));
    assert!(sign_out.now_or_never().is_none());
    let all = async {
        while log.lines_with(" audit: ").len() < 5 {
            tokio::task::yield_now().await;
        }
    };
    let all = timeout(DEADLINE, all).await;
    let folder = server.stop().await;
    let events = log.lines_with(" audit: ");
    assert!(all.is_ok() && events.len() == 5, "{events:?}");
    for (words, count) in [
        ("rejected a change of the password", 1),
        ("rejected a sign-in", 1),
        ("signed in", 2),
        ("signed out", 1),
    ] {
        assert_eq!(log.lines_with(words).len(), count, "{words}");
    }
    drop(folder);
}

#[tokio::test]
async fn a_request_has_the_id_of_a_trusted_proxy_and_otherwise_a_new_one() {
    let log = Log::start();
    let server = Server::start_with(trust_loopback).await;
    let get = async |server: &Server, id: &str| {
        let headers = [("x-request-id", id)];
        let reply = server.stranger().get_with("/api/health", &headers).await;
        reply.header("x-request-id").to_owned()
    };
    let longest = "a".repeat(64);
    assert_eq!(get(&server, &longest).await, longest);
    assert_eq!(log.lines_with(&longest).len(), 1);
    for rejected in [&format!("{longest}a"), "a b", "", "a\"b"] {
        assert_eq!(get(&server, rejected).await.len(), 36, "{rejected}");
    }
    let direct = Server::start().await;
    assert_eq!(get(&direct, "own").await.len(), 36);
}

#[tokio::test]
async fn a_closed_socket_is_logged_with_its_client_and_its_user() {
    let log = Log::start();
    let server = Server::start_with(|config| {
        trust_loopback(config);
        config.realtime.pong = Duration::from_millis(50);
        config.realtime.ping = Duration::from_millis(100);
    })
    .await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    let token = ada.token().await;
    socket
        .send(&json!({"id": 2, "refresh": {"token": token}}))
        .await;
    assert_eq!(socket.closed().await, 3012);
    let lines = log.lines_with("socket closed by the server");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("client=127.0.0.1"), "{lines:?}");
    assert_eq!(lines[0].matches("user=").count(), 1, "{lines:?}");
}
