//! Pages of the lists and of the catalog.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::Server;

fn ids(page: &Value, field: &str) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    let id = |item: &Value| item[field].as_str().expect("an id").to_owned();
    items.iter().map(id).collect()
}

#[tokio::test]
async fn pages_continue_where_the_snapshot_ends_and_repeat_no_row() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for index in 1..=7 {
        ada.favorite(&format!("m{index}"), &format!("b{index}"), true)
            .await;
    }
    let snapshot = ada.snapshot("resources=favorites&limit=3").await;
    let mut page = snapshot["resources"]["favorites"].clone();
    let mut seen = ids(&page, "beat_id");
    while let Some(cursor) = page["next_cursor"].as_str() {
        let path = format!("/api/favorites?cursor={cursor}&limit=3");
        page = ada.get(&path).await.json();
        seen.extend(ids(&page, "beat_id"));
    }
    assert_eq!(seen, ["b7", "b6", "b5", "b4", "b3", "b2", "b1"]);
}

#[tokio::test]
async fn newer_rows_do_not_move_a_cursor() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for index in 1..=4 {
        ada.favorite(&format!("m{index}"), &format!("b{index}"), true)
            .await;
    }
    let first = ada.get("/api/favorites?limit=2").await.json();
    ada.favorite("m5", "b5", true).await;
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = ada
        .get(&format!("/api/favorites?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(ids(&second, "beat_id"), ["b2", "b1"]);
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn rows_that_are_removed_between_pages_cause_no_gap_and_no_repetition() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for index in 1..=6 {
        ada.favorite(&format!("m{index}"), &format!("b{index}"), true)
            .await;
    }
    let first = ada.get("/api/favorites?limit=2").await.json();
    assert_eq!(ids(&first, "beat_id"), ["b6", "b5"]);
    // Remove a row of the first page, the first row of the next page and one after it. Add one again as the newest.
    for (index, beat) in ["b6", "b4", "b2"].iter().enumerate() {
        ada.favorite(&format!("gone{index}"), beat, false).await;
    }
    ada.favorite("back", "b6", true).await;
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = ada
        .get(&format!("/api/favorites?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(ids(&second, "beat_id"), ["b3", "b1"]);
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn the_catalog_is_searched_by_all_words_in_any_case() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let found = ada
        .get("/api/beats?query=MARA%20title%20%C3%9F&limit=10")
        .await
        .json();
    assert_eq!(ids(&found, "id").len(), 10);
    let cursor = found["next_cursor"].as_str().expect("more");
    let rest = ada
        .get(&format!("/api/beats?query=mara&limit=10&cursor={cursor}"))
        .await
        .json();
    assert_eq!(ids(&rest, "id"), ["b11", "b12"]);
    let none = ada.get("/api/beats?query=mara%20%25").await.json();
    assert_eq!(none, json!({"items": [], "next_cursor": null}));
}

#[tokio::test]
async fn invalid_cursors_and_limits_are_rejected() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for path in [
        "/api/orders?cursor=x",
        "/api/downloads?limit=0",
        "/api/activity?limit=201",
        "/api/favorites?cursor=1.2",
        "/api/beats?cursor=-1",
        "/api/beats?limit=x",
    ] {
        let reply = ada.get(path).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(
        ada.get("/api/orders?limit=200").await.status,
        StatusCode::OK
    );
    let reply = server.stranger().get("/api/beats").await;
    assert_eq!(reply.problem(), "unauthenticated");
}
