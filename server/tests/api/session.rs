//! Signing in and out.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::support::{PASSWORD, Server, credentials, trust_loopback};

#[tokio::test]
async fn a_user_signs_in_reads_the_session_and_signs_out() {
    let server = Server::start().await;
    let stranger = server.stranger();
    assert_eq!(
        stranger.get("/api/session").await.problem(),
        "unauthenticated"
    );

    let body = json!({"email": "Ada@Demo.test", "password": PASSWORD});
    let reply = stranger.post("/api/session", &body).await;
    let cookie = reply.header("set-cookie");
    assert!(cookie.ends_with("HttpOnly; SameSite=Strict"), "{cookie}");
    assert_eq!(reply.json()["user"]["email"], "ada@demo.test");
    assert_eq!(reply.header("cache-control"), "no-store");

    let ada = server.ada().await;
    assert_eq!(ada.get("/api/session").await.json()["user"]["name"], "Ada");
    let reply = ada.delete("/api/session").await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(ada.get("/api/session").await.problem(), "unauthenticated");
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let server = Server::start_with(trust_loopback).await;
    let headers = [
        ("content-type", "application/json"),
        ("x-forwarded-proto", "https"),
    ];
    let body = json!({"email": "ada@demo.test", "password": PASSWORD}).to_string();
    let reply = server
        .stranger()
        .call(Method::POST, "/api/session", &headers, body.into_bytes())
        .await;
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert!(
        reply
            .header("strict-transport-security")
            .contains("max-age")
    );
}

#[tokio::test]
async fn known_and_unknown_accounts_get_the_same_answer_and_ten_attempts() {
    let server = Server::start().await;
    let stranger = server.stranger();
    for email in ["ada@demo.test", "nobody@demo.test"] {
        let body = json!({"email": email, "password": "wrong"});
        for _ in 0..10 {
            let reply = stranger.post("/api/session", &body).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert_eq!(reply.problem(), "invalid_credentials");
        }
        let reply = stranger.post("/api/session", &body).await;
        assert_eq!(reply.problem(), "rate_limited");
        assert!(reply.json()["retry_after_ms"].as_u64().expect("a wait") <= 60_000);
    }
    // The right password is rejected too while the account is blocked.
    let right = json!({"email": "ada@demo.test", "password": PASSWORD});
    assert_eq!(
        stranger.post("/api/session", &right).await.problem(),
        "rate_limited"
    );
    server.ben().await;
}

#[tokio::test]
async fn signing_in_is_a_commit_of_its_own() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let snapshot = ada.snapshot("resources=activity").await;
    let activity = &snapshot["resources"]["activity"];
    assert_eq!(activity["items"][0]["kind"], "signed_in");
    assert_eq!(activity["version"], 1);
}

#[tokio::test]
async fn a_session_and_its_token_survive_a_restart() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let token = ada.token().await;
    let folder = server.stop().await;
    let server = Server::over(folder, |_| {}).await;
    let mut again = server.stranger();
    again.cookie = ada.cookie;
    assert_eq!(again.get("/api/session").await.status, StatusCode::OK);
    let mut socket = again.socket().await;
    socket
        .send(&json!({"id": 1, "connect": {"token": token}}))
        .await;
    assert!(socket.next().await["connect"]["client"].is_string());
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_the_session_and_rejects_its_tokens() {
    let server = Server::start().await;
    let (here, there) = (server.ada().await, server.ada().await);
    let token = here.token().await;
    let mut socket = here.connected().await;
    let mut other = there.connected().await;
    here.delete("/api/session").await;
    assert_eq!(socket.closed().await, 3503);
    let mut late = here.socket().await;
    late.send(&json!({"id": 1, "connect": {"token": token}}))
        .await;
    assert_eq!(late.closed().await, 3500);
    other
        .send(&json!({"id": 2, "rpc": {"method": "ping"}}))
        .await;
    assert_eq!(other.next().await, json!({"id": 2, "rpc": {}}));
}

#[tokio::test]
async fn failed_attempts_elsewhere_do_not_block_a_known_device() {
    let server = Server::start().await;
    let mut known = server.stranger();
    let ada = credentials("ada@demo.test");
    let reply = known.post("/api/session", &ada).await;
    let [_, device, ..] = &reply.cookies()[..] else {
        panic!("no device cookie: {reply:?}");
    };
    known.cookie = Some(device.clone());
    let stranger = server.stranger();
    let wrong = json!({"email": "ada@demo.test", "password": "wrong"});
    while stranger.post("/api/session", &wrong).await.status == StatusCode::UNAUTHORIZED {}
    assert_eq!(
        stranger.post("/api/session", &ada).await.problem(),
        "rate_limited"
    );
    let reply = known.post("/api/session", &ada).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.cookies().get(1), Some(device));
    // It has a budget of its own, and only for that account.
    for _ in 0..10 {
        assert_eq!(
            known.post("/api/session", &wrong).await.problem(),
            "invalid_credentials"
        );
    }
    assert_eq!(
        known.post("/api/session", &ada).await.problem(),
        "rate_limited"
    );
}

#[tokio::test]
async fn a_sign_in_may_have_4_kib_and_not_one_byte_more() {
    let server = Server::start().await;
    let json = [("content-type", "application/json")];
    let mut body = credentials("ada@demo.test").to_string().into_bytes();
    body.resize(4096, b' ');
    let stranger = server.stranger();
    let sign_in = |body| stranger.call(Method::POST, "/api/session", &json, body);
    assert_eq!(sign_in(body.clone()).await.status, StatusCode::OK);
    body.push(b' ');
    assert_eq!(sign_in(body).await.problem(), "payload_too_large");
}

#[tokio::test]
async fn a_foreign_cookie_of_the_same_name_signs_nobody_out() {
    let server = Server::start().await;
    let mut ada = server.ada().await;
    let own = ada.cookie.take().expect("a cookie");
    ada.cookie = Some(format!("session=foreign; {own}"));
    assert_eq!(ada.get("/api/session").await.status, StatusCode::OK);
    assert_eq!(
        ada.delete("/api/session").await.status,
        StatusCode::NO_CONTENT
    );
    ada.cookie = Some(own);
    assert_eq!(ada.get("/api/session").await.problem(), "unauthenticated");
}

#[tokio::test]
async fn over_https_a_plain_cookie_signs_nobody_in() {
    let server = Server::start_with(trust_loopback).await;
    let mut ada = server.ada().await;
    let plain = ada.cookie.take().expect("a cookie");
    let headers = [("x-forwarded-proto", "https")];
    for (cookie, status) in [
        (plain.clone(), StatusCode::UNAUTHORIZED),
        (format!("__Host-{plain}"), StatusCode::OK),
    ] {
        ada.cookie = Some(cookie);
        let reply = ada
            .call(Method::GET, "/api/session", &headers, Vec::new())
            .await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn signing_in_ends_the_session_that_the_browser_had() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    let reply = ada
        .post("/api/session", &credentials("ben@demo.test"))
        .await;
    assert_eq!(reply.json()["user"]["name"], "Ben");
    assert_eq!(socket.closed().await, 3005);
    assert_eq!(ada.get("/api/session").await.problem(), "unauthenticated");
    let mut ben = server.stranger();
    ben.cookie = reply.cookies().into_iter().next();
    assert_eq!(ben.get("/api/session").await.json()["user"]["name"], "Ben");
}

#[tokio::test]
async fn a_socket_ends_with_the_session_of_its_last_token() {
    let server = Server::start().await;
    let (here, there) = (server.ada().await, server.ada().await);
    let mut socket = here.connected().await;
    let refresh = json!({"id": 2, "refresh": {"token": there.token().await}});
    socket.send(&refresh).await;
    assert!(socket.next().await["refresh"]["ttl"].is_number());
    here.delete("/api/session").await;
    socket
        .send(&json!({"id": 3, "rpc": {"method": "ping"}}))
        .await;
    assert_eq!(socket.next().await["id"], 3);
    there.delete("/api/session").await;
    assert_eq!(socket.closed().await, 3503);
}

#[tokio::test]
async fn demo_accounts_exist_only_in_a_demonstration() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let token = ada.token().await;
    let folder = server.stop().await;
    let server = Server::over(folder, |config| config.demo = false).await;
    let mut again = server.stranger();
    let reply = again
        .post("/api/session", &credentials("ada@demo.test"))
        .await;
    assert_eq!(reply.problem(), "invalid_credentials");
    again.cookie = ada.cookie;
    assert_eq!(again.get("/api/session").await.problem(), "unauthenticated");
    let mut socket = again.socket().await;
    let connect = json!({"id": 1, "connect": {"token": token}});
    socket.send(&connect).await;
    assert_eq!(socket.closed().await, 3500);
}

#[tokio::test]
async fn a_call_for_another_user_than_the_one_signed_in_is_rejected_and_has_no_effect() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let session = ada.get("/api/session").await.json();
    let id = session["user"]["id"].as_str().expect("an id");
    for path in [
        "/api/session",
        "/api/realtime/token",
        "/api/snapshot?resources=favorites",
    ] {
        let of = async |id: &str| ada.get_with(path, &[("x-expected-user", id)]).await;
        assert_eq!(of("somebody").await.problem(), "other_user", "{path}");
        assert_eq!(of(id).await.status, StatusCode::OK, "{path}");
    }
    let args = json!({"beat_id": "b1", "favorite": true});
    let body = json!({"mutations": [{"id": "m1", "kind": "set_favorite", "args": args}]});
    let mutate = async |id: &str| {
        let headers = [
            ("content-type", "application/json"),
            ("x-expected-user", id),
        ];
        let body = body.to_string().into_bytes();
        ada.call(Method::POST, "/api/mutations", &headers, body)
            .await
    };
    let rejected = mutate("somebody").await;
    assert_eq!(rejected.status, StatusCode::CONFLICT);
    assert_eq!(rejected.problem(), "other_user");
    let before = ada.get("/api/snapshot?resources=favorites").await.json();
    assert_eq!(before["resources"]["favorites"]["items"], json!([]));
    assert_eq!(mutate(id).await.json()["results"][0]["outcome"], "accepted");
}

#[tokio::test]
async fn a_cookie_tells_the_page_whether_there_is_a_session() {
    let server = Server::start().await;
    let deleted = "signed-in=; Path=/; Max-Age=0; SameSite=Strict";
    let body = json!({"email": "ada@demo.test", "password": PASSWORD});
    let stranger = server.stranger();
    let reply = stranger.post("/api/session", &body).await;
    let set = "signed-in=1; Path=/; Max-Age=2592000; SameSite=Strict";
    assert!(reply.set_cookies().contains(&set), "{reply:?}");
    // A page that asks although there is no session need not ask again.
    let reply = stranger.get("/api/session").await;
    assert_eq!(reply.set_cookies(), [deleted]);
    let ada = server.ada().await;
    assert_eq!(ada.get("/api/session").await.set_cookies(), [""; 0]);
    let reply = ada.delete("/api/session").await;
    assert!(reply.set_cookies().contains(&deleted), "{reply:?}");
}
