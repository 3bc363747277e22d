//! Payments: the webhook of a provider and the commands of an operator, without the demonstration.

use axum::http::{Method, StatusCode};
use dashboard_model::OrderStatus;
use dashboard_server::{admin, clock::now_ms};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Client, Reply, Server};

const SECRET: &str = "a secret of the provider";

async fn store() -> Server {
    let server = Server::start_with(|config| {
        config.demo = false;
        config.payment_secret = Some(SECRET.to_owned());
    })
    .await;
    server.make_real("ada@demo.test").await;
    server
}

/// Orders beat `b1` and returns the number of the order.
async fn placed(client: &Client) -> String {
    let args = json!({
        "order_id": "o1",
        "lines": [{"beat_id": "b1", "license": "basic"}],
        "expected_total": {"amount": 100, "currency": "USD"},
    });
    let result = client.mutate("m1", "place_order", args).await;
    let order = &result["events"][0]["changes"][0]["data"];
    order["number"].as_str().expect("a number").to_owned()
}

async fn webhook(client: &Client, secret: &str, body: &Value) -> Reply {
    let (time, body) = (now_ms() / 1000, body.to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{time}.{body}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = format!("t={time},v1={hex}");
    let headers = [("x-payment-signature", signature.as_str())];
    let path = "/api/payments/webhook";
    client
        .call(Method::POST, path, &headers, body.into_bytes())
        .await
}

async fn status(client: &Client) -> Value {
    let snapshot = client.snapshot("resources=orders").await;
    snapshot["resources"]["orders"]["items"][0]["status"].clone()
}

#[tokio::test]
async fn a_signed_webhook_moves_an_order_and_nothing_else_does() {
    let server = store().await;
    let ada = server.ada().await;
    let number = placed(&ada).await;
    let stored: Option<i64> = sqlx::query_scalar("SELECT next_step_ms FROM orders")
        .fetch_one(server.db().read())
        .await
        .expect("an order");
    assert_eq!(stored, None);
    let mut socket = ada.connected().await;
    socket.subscribe(2, &ada.channel("orders")).await;
    let provider = server.stranger();
    let paid = json!({"number": number, "status": "paid"});
    let forged = webhook(&provider, "another secret", &paid).await;
    assert_eq!(forged.problem(), "invalid_credentials");
    assert_eq!(status(&ada).await, "pending");
    for _ in 0..2 {
        let reply = webhook(&provider, SECRET, &paid).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
    }
    let event = socket.event(&ada.channel("orders")).await;
    assert_eq!(event["changes"][0]["data"]["status"], "paid");
    let back = json!({"number": number, "status": "pending"});
    let unknown = json!({"number": "BL-1", "status": "paid"});
    for (body, code) in [
        (back, "invalid"),
        (unknown, "not_found"),
        (json!([]), "bad_request"),
    ] {
        assert_eq!(webhook(&provider, SECRET, &body).await.problem(), code);
    }
    let stats = ada.snapshot("resources=stats").await["resources"]["stats"]["data"].clone();
    assert_eq!(stats["orders"], 1);
}

#[tokio::test]
async fn a_repeated_webhook_changes_nothing_although_the_order_has_moved_on() {
    let server = store().await;
    let ada = server.ada().await;
    let number = placed(&ada).await;
    let provider = server.stranger();
    let to = |status: &str| json!({"number": number, "status": status});
    for (next, expected) in [
        ("paid", "paid"),
        ("completed", "completed"),
        ("paid", "completed"),
    ] {
        let reply = webhook(&provider, SECRET, &to(next)).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{next}: {reply:?}");
        assert_eq!(status(&ada).await, expected);
    }
    for never_had in ["processing", "cancelled", "pending"] {
        let reply = webhook(&provider, SECRET, &to(never_had)).await;
        assert_eq!(reply.problem(), "invalid", "{never_had}");
    }
}

#[tokio::test]
async fn without_a_secret_there_is_no_webhook() {
    let server = Server::start_with(|config| config.demo = false).await;
    let body = json!({"number": "BL-100001", "status": "paid"});
    let reply = webhook(&server.stranger(), "", &body).await;
    assert_eq!(reply.problem(), "not_found");
}

#[tokio::test]
async fn an_operator_moves_orders_beside_a_running_server() {
    let server = store().await;
    let ada = server.ada().await;
    let number = placed(&ada).await;
    let mut socket = ada.connected().await;
    socket.subscribe(2, &ada.channel("orders")).await;
    let database = server.folder().join("test.sqlite");
    let to = |status| admin::move_order(&database, &number, status);
    assert!(to(OrderStatus::Refunded).await.is_err());
    for (next, word) in [
        (OrderStatus::Paid, "paid"),
        (OrderStatus::Completed, "completed"),
        (OrderStatus::Refunded, "refunded"),
    ] {
        to(next).await.expect("moved");
        let event = socket.event(&ada.channel("orders")).await;
        assert_eq!(event["changes"][0]["data"]["status"], word);
    }
    assert!(to(OrderStatus::Paid).await.is_err());
    let stats = ada.snapshot("resources=stats").await["resources"]["stats"]["data"].clone();
    assert_eq!(stats["orders"], 0);
}
