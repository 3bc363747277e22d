//! Orders: rules, steps and cancellation.

use std::time::Duration;

use dashboard_server::config::Config;
use serde_json::{Value, json};

use crate::support::{Client, Server, Socket};

fn quick(config: &mut Config) {
    config.order_step = Duration::from_millis(5);
}

fn never(config: &mut Config) {
    config.order_step = Duration::from_secs(3600);
}

/// Orders beats with the basic license, at their current prices.
async fn order(client: &Client, id: &str, beats: &[u32]) -> Value {
    let line = |beat: &u32| json!({"beat_id": format!("b{beat}"), "license": "basic"});
    let total: u32 = beats.iter().map(|beat| beat * 100).sum();
    let args = json!({
        "order_id": id,
        "lines": beats.iter().map(line).collect::<Vec<_>>(),
        "expected_total": {"amount": total, "currency": "USD"},
    });
    client.mutate(&format!("m-{id}"), "place_order", args).await
}

async fn cancel(client: &Client, mutation: &str, id: &str) -> Value {
    let args = json!({"order_id": id});
    client.mutate(mutation, "cancel_order", args).await
}

fn code(result: &Value) -> &str {
    result["problem"]["code"].as_str().unwrap_or_default()
}

async fn watching(client: &Client, resource: &str) -> Socket {
    let mut socket = client.connected().await;
    socket.subscribe(2, &client.channel(resource)).await;
    socket
}

/// Reads events until an order has a status, and returns the event.
async fn until_status(socket: &mut Socket, client: &Client, id: &str, status: &str) -> Value {
    loop {
        let event = socket.event(&client.channel("orders")).await;
        let order = &event["changes"][0]["data"];
        if order["id"] == id && order["status"] == status {
            return event;
        }
    }
}

#[tokio::test]
async fn an_order_goes_through_its_steps_and_counts_when_it_is_paid() {
    let server = Server::start_with(quick).await;
    let ada = server.ada().await;
    let mut socket = watching(&ada, "orders").await;
    let placed = order(&ada, "o1", &[1, 2]).await;
    let events = placed["events"].as_array().expect("events");
    let created = &events[0]["changes"][0];
    assert_eq!(created["type"], "order_created");
    assert_eq!(created["data"]["status"], "pending");
    assert_eq!(created["data"]["total"]["amount"], 300);
    assert!(
        created["data"]["number"]
            .as_str()
            .is_some_and(|n| n.starts_with("BL-"))
    );
    assert_eq!(events[1]["changes"][0]["data"]["id"], "m-o1:order_created");

    for status in ["pending", "processing", "paid", "completed"] {
        let event = socket.event(&ada.channel("orders")).await;
        assert_eq!(event["changes"][0]["data"]["status"], status);
    }
    let snapshot = ada.snapshot("resources=orders,stats").await;
    let order = &snapshot["resources"]["orders"]["items"][0];
    assert_eq!(order["status"], "completed");
    assert_eq!(order["lines"][1]["title"], "Title 2");
    let stats = &snapshot["resources"]["stats"]["data"];
    assert_eq!(stats["orders"], 1);
    assert_eq!(stats["spent"]["amount"], 300);
    assert_eq!(stats["this_month"]["orders"], 1);
    assert_eq!(stats["trend"][29]["spent"]["amount"], 300);
}

#[tokio::test]
async fn the_commit_of_a_payment_changes_statistics_and_activity_too() {
    let server = Server::start_with(quick).await;
    let ada = server.ada().await;
    let mut socket = watching(&ada, "orders").await;
    order(&ada, "o1", &[1]).await;
    let paid = until_status(&mut socket, &ada, "o1", "paid").await;
    assert_eq!(paid["resources"], json!(["orders", "activity", "stats"]));
    let completed = until_status(&mut socket, &ada, "o1", "completed").await;
    assert_eq!(completed["resources"], json!(["orders", "activity"]));
    let snapshot = ada.snapshot("resources=activity").await;
    let rows = &snapshot["resources"]["activity"]["items"];
    let statuses: Vec<_> = rows
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["order_id"] == "o1")
        .map(|row| row["order_status"].as_str())
        .collect();
    let expected = [Some("completed"), Some("paid"), Some("processing"), None];
    assert_eq!(statuses, expected);
}

#[tokio::test]
async fn a_pending_order_advances_after_a_restart() {
    let server = Server::start_with(never).await;
    let ada = server.ada().await;
    order(&ada, "o1", &[1]).await;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("UPDATE orders SET next_step_ms = 0")
        .execute(&mut *tx)
        .await
        .expect("due");
    tx.commit().await.expect("committed");
    let folder = server.stop().await;
    let server = Server::over(folder, quick).await;
    let ada = server.ada().await;
    let mut socket = watching(&ada, "orders").await;
    // The snapshot has the steps before the subscription.
    let snapshot = ada.snapshot("resources=orders").await;
    if snapshot["resources"]["orders"]["items"][0]["status"] != "completed" {
        until_status(&mut socket, &ada, "o1", "completed").await;
    }
}

#[tokio::test]
async fn a_rejection_for_a_changed_price_has_the_new_total() {
    let server = Server::start_with(never).await;
    let ada = server.ada().await;
    let args = json!({
        "order_id": "o1",
        "lines": [{"beat_id": "b1", "license": "premium"}, {"beat_id": "b2", "license": "basic"}],
        "expected_total": {"amount": 100, "currency": "USD"},
    });
    let rejected = ada.mutate("m1", "place_order", args.clone()).await;
    assert_eq!(code(&rejected), "price_changed");
    let total = rejected["problem"]["total"].clone();
    assert_eq!(total, json!({"amount": 400, "currency": "USD"}));
    let mut corrected = args;
    corrected["expected_total"] = total;
    let accepted = ada.mutate("m2", "place_order", corrected).await;
    assert_eq!(accepted["outcome"], "accepted");
}

#[tokio::test]
async fn a_license_can_be_bought_again_only_after_its_order_is_cancelled() {
    let server = Server::start_with(never).await;
    let ada = server.ada().await;
    assert_eq!(order(&ada, "o1", &[1]).await["outcome"], "accepted");
    assert_eq!(code(&order(&ada, "o2", &[2, 1]).await), "already_owned");
    assert_eq!(cancel(&ada, "c1", "o1").await["outcome"], "accepted");
    assert_eq!(order(&ada, "o3", &[2, 1]).await["outcome"], "accepted");
    // Licenses of other users make no difference.
    let ben = server.ben().await;
    assert_eq!(order(&ben, "o1", &[1]).await["outcome"], "accepted");
}

#[tokio::test]
async fn a_user_can_cancel_only_their_own_unpaid_orders() {
    let server = Server::start_with(never).await;
    let (ada, ben) = (server.ada().await, server.ben().await);
    order(&ada, "o1", &[1]).await;
    assert_eq!(code(&cancel(&ben, "c1", "o1").await), "not_found");
    let cancelled = cancel(&ada, "c1", "o1").await;
    assert_eq!(
        cancelled["events"][0]["changes"][0]["data"]["status"],
        "cancelled"
    );
    let again = cancel(&ada, "c2", "o1").await;
    assert_eq!(again["outcome"], "accepted");
    assert_eq!(again["events"], json!([]));
    assert_eq!(again["version"], cancelled["version"]);

    let folder = server.stop().await;
    let server = Server::over(folder, quick).await;
    let ada = server.ada().await;
    let mut socket = watching(&ada, "orders").await;
    order(&ada, "o2", &[2]).await;
    until_status(&mut socket, &ada, "o2", "paid").await;
    assert_eq!(code(&cancel(&ada, "c3", "o2").await), "not_cancellable");
}

#[tokio::test]
async fn orders_that_break_a_rule_are_rejected() {
    let server = Server::start_with(never).await;
    let ada = server.ada().await;
    order(&ada, "taken", &[1]).await;
    let line = json!({"beat_id": "b2", "license": "basic"});
    let total = json!({"amount": 200, "currency": "USD"});
    let many: Vec<Value> = (0..51).map(|_| line.clone()).collect();
    for (index, (args, wanted)) in [
        (json!({"order_id": "n", "lines": [], "expected_total": total}), "invalid"),
        (json!({"order_id": "n", "lines": many, "expected_total": total}), "invalid"),
        (json!({"order_id": "n", "lines": [line, line], "expected_total": total}), "invalid"),
        (json!({"order_id": "taken", "lines": [line], "expected_total": total}), "invalid"),
        (json!({"order_id": "a b", "lines": [line], "expected_total": total}), "invalid"),
        (json!({"order_id": "n", "lines": [{"beat_id": "b2", "license": "royal"}], "expected_total": total}), "invalid"),
        (json!({"order_id": "n", "lines": [{"beat_id": "b99", "license": "basic"}], "expected_total": total}), "not_found"),
        (json!({"order_id": "n", "lines": [line], "expected_total": {"amount": 200, "currency": "EUR"}}), "price_changed"),
        (json!({"order_id": "n", "lines": [line]}), "invalid"),
    ]
    .into_iter()
    .enumerate()
    {
        let rejected = ada.mutate(&format!("m{index}"), "place_order", args.clone()).await;
        assert_eq!(code(&rejected), wanted, "{args}");
    }
}

#[tokio::test]
async fn an_order_that_cannot_advance_does_not_block_the_others() {
    let server = Server::start_with(quick).await;
    let ada = server.ada().await;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query(
        "CREATE TRIGGER stuck BEFORE UPDATE OF status ON orders WHEN new.id = 'o1' \
         BEGIN SELECT RAISE(ABORT, 'an injected fault'); END",
    )
    .execute(&mut *tx)
    .await
    .expect("a trigger");
    tx.commit().await.expect("committed");
    let mut socket = watching(&ada, "orders").await;
    order(&ada, "o1", &[1]).await;
    order(&ada, "o2", &[2]).await;
    until_status(&mut socket, &ada, "o2", "completed").await;
}
