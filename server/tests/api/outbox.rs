//! The outbox.

use dashboard_server::db::{Db, outbox};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Server, database};

/// Writes events into the outbox of a stopped server.
async fn insert_events(folder: &TempDir, channel: &str, numbers: std::ops::Range<u32>) {
    let db = Db::open(&database(folder)).await.expect("a database");
    let mut tx = db.begin_write().await.expect("a transaction");
    for number in numbers {
        let data = json!({"version": number}).to_string();
        outbox::insert(&mut tx, channel, &data)
            .await
            .expect("an event");
    }
    tx.commit().await.expect("committed");
    db.close().await;
}

#[tokio::test]
async fn the_next_start_publishes_the_outbox_in_order() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let channel = ada.channel("favorites");
    let folder = server.stop().await;
    insert_events(&folder, &channel, 10..13).await;

    let server = Server::over(folder, |_| {}).await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    socket
        .send(&json!({"id": 2, "subscribe": {"channel": channel, "recover": true}}))
        .await;
    let reply = socket.next().await;
    let publications = reply["subscribe"]["publications"]
        .as_array()
        .expect("publications");
    let versions: Vec<_> = publications
        .iter()
        .map(|p| p["data"]["version"].clone())
        .collect();
    assert_eq!(json!(versions), json!([10, 11, 12]));
    let offsets: Vec<_> = publications.iter().map(|p| p["offset"].clone()).collect();
    assert_eq!(json!(offsets), json!([1, 2, 3]));

    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE channel = ?")
        .bind(&channel)
        .fetch_one(server.db().read())
        .await
        .expect("a count");
    assert_eq!(left, 0);
}

#[tokio::test]
async fn several_batches_are_published_in_order() {
    let server = Server::start().await;
    let channel = server.ada().await.channel("favorites");
    let folder = server.stop().await;
    insert_events(&folder, &channel, 0..1200).await;
    let server = Server::over(folder, |_| {}).await;
    let mut socket = server.ada().await.connected().await;
    socket
        .send(&json!({"id": 2, "history": {"channel": channel, "limit": -1}}))
        .await;
    let history = socket.next().await["history"].clone();
    assert_eq!(history["offset"], 1200);
    let publications = history["publications"].as_array().expect("publications");
    assert_eq!(publications.len(), 256);
    assert_eq!(publications[255]["data"]["version"], 1199);
    assert_eq!(publications[0]["data"]["version"], 944);
}
