//! The store under trouble: a full disk, a locked file, callers that leave, another process.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use dashboard_server::{
    admin,
    auth::{origin::Scheme, session},
    db::Db,
    ids::SessionId,
};
use futures_util::FutureExt;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Server, beat};

#[tokio::test]
async fn writes_work_again_as_soon_as_a_full_disk_has_space() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    // SQLite raises the limit to the present size.
    sqlx::query("PRAGMA max_page_count = 1")
        .execute(&mut *tx)
        .await
        .expect("a limit");
    tx.commit().await.expect("committed");
    let mut full = None;
    for index in 0..400 {
        let mutation = json!({"id": format!("m{index}"), "kind": "set_favorite",
            "args": {"beat_id": "b1", "favorite": index % 2 == 0}});
        let reply = ada
            .post("/api/mutations", &json!({"mutations": [mutation]}))
            .await;
        if reply.status != StatusCode::OK {
            full = Some(reply);
            break;
        }
    }
    let full = full.expect("a full disk");
    assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE, "{full:?}");
    assert_eq!(full.header("retry-after"), "1");
    assert_eq!(
        ada.favorite("after", "b2", true).await["outcome"],
        "accepted"
    );
}

#[tokio::test]
async fn a_locked_database_is_unavailable_and_soon_says_so() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let other = Db::open(&server.folder().join("test.sqlite")).await;
    let lock = other.expect("a database").begin_write().await;
    let lock = lock.expect("a lock");
    let started = Instant::now();
    let body = json!({"mutations": [{"id": "m1", "kind": "set_favorite", "args": {"beat_id": "b1", "favorite": true}}]});
    let reply = ada.post("/api/mutations", &body).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.problem(), "unavailable");
    assert_eq!(reply.header("retry-after"), "1");
    assert!(started.elapsed() < Duration::from_secs(5));
    lock.rollback().await.expect("unlocked");
    assert_eq!(ada.favorite("m1", "b1", true).await["outcome"], "accepted");
}

#[tokio::test]
async fn sockets_close_even_if_the_caller_leaves_during_the_sign_out() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    let app = server.app();
    let held = server.db().begin_write().await.expect("a transaction");
    let session_id: String = sqlx::query_scalar("SELECT id FROM sessions")
        .fetch_one(server.db().read())
        .await
        .expect("a session");
    let session_id = SessionId::from(session_id);
    let tasks = app.tasks.len();
    let begun = async {
        while app.tasks.len() == tasks {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = session::end(app, &session_id, session::SIGNED_OUT, "signed out") => panic!("{ended:?}"),
        () = begun => {}
    }
    drop(held);
    assert_eq!(socket.closed().await, 3503);
}

#[tokio::test]
async fn the_other_sessions_end_even_if_the_caller_leaves_during_the_change_of_the_password() {
    let server = Server::start().await;
    let (here, there) = (server.ada().await, server.ada().await);
    let app = server.app();
    let mut headers = HeaderMap::new();
    let cookie = here.cookie.as_deref().expect("a cookie");
    headers.insert(header::COOKIE, cookie.parse().expect("a header"));
    let signed_in = session::of_request(app, &headers, Scheme::Http).await;
    let signed_in = signed_in.expect("a session");
    let held = server.db().begin_write().await.expect("a transaction");
    let change = session::change_password(app, signed_in, "a hash".to_owned());
    assert!(change.now_or_never().is_none());
    assert_eq!(there.get("/api/session").await.status, StatusCode::OK);
    drop(held);
    // The writes before this one are done.
    let last = server.db().write(|_| Box::pin(async { Ok(()) }));
    last.await.expect("written");
    assert_eq!(there.get("/api/session").await.problem(), "unauthenticated");
    assert_eq!(here.get("/api/session").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_commit_of_another_process_is_published() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    socket.subscribe(2, "market:beats").await;
    let (mut changed, same) = (beat(1), beat(2));
    changed.prices.basic.amount = 77;
    let file = server.folder().join("beats.json");
    let beats = json!([changed, same, {
        "id": "new", "title": "T", "artist": "A", "genre": "G", "bpm": 90, "key": "C major", "duration_ms": 60000,
        "prices": changed.prices, "plays": 0,
    }]);
    std::fs::write(&file, beats.to_string()).expect("a file");
    let database = server.folder().join("test.sqlite");
    admin::import_beats(&database, &file)
        .await
        .expect("imported");
    let event = socket.event("market:beats").await;
    let changes = event["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 1, "{event}");
    assert_eq!(changes[0]["data"]["id"], "b1");
    assert_eq!(changes[0]["data"]["prices"]["basic"]["amount"], 77);
}
