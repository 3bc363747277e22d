//! The Centrifugo protocol over real websockets.

use std::time::Duration;

use serde_json::{Value, json};
use sync_protocol::limits;

use crate::support::{Client, Server, Socket};

/// The error code of the reply to a subscription.
async fn rejection(socket: &mut Socket, id: u32, channel: &str) -> Value {
    let reply = socket.subscribe(id, channel).await;
    assert_eq!(reply["id"], id, "{reply}");
    reply["error"]["code"].clone()
}

#[tokio::test]
async fn one_frame_can_have_connect_and_subscriptions() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.socket().await;
    let frame = [
        json!({"id": 1, "connect": {"token": ada.token().await, "name": "test"}}),
        json!({"id": 2, "subscribe": {"channel": ada.channel("favorites")}}),
        json!({"id": 3, "subscribe": {"channel": "market:beats"}}),
    ]
    .map(|command| command.to_string())
    .join("\n");
    socket.send_text(&frame).await;
    let connect = socket.next().await;
    assert_eq!(connect["id"], 1);
    assert_eq!(connect["connect"]["ping"], 10);
    assert_eq!(connect["connect"]["pong"], true);
    assert_eq!(connect["connect"]["expires"], true);
    assert!(
        connect["connect"]["ttl"]
            .as_u64()
            .is_some_and(|ttl| (590..=600).contains(&ttl))
    );
    for id in [2, 3] {
        let reply = socket.next().await;
        assert_eq!(reply["id"], id);
        assert_eq!(reply["subscribe"]["recoverable"], true);
        assert_eq!(reply["subscribe"]["positioned"], true);
        assert!(reply["subscribe"]["epoch"].is_string());
    }
}

#[tokio::test]
async fn a_user_can_subscribe_only_to_their_own_channels() {
    let server = Server::start().await;
    let (ada, ben) = (server.ada().await, server.ben().await);
    let mut socket = ada.connected().await;
    for resource in ["favorites", "orders", "downloads", "activity", "stats"] {
        assert_eq!(rejection(&mut socket, 2, &ben.channel(resource)).await, 103);
        let list = format!("{},{}", ada.channel(resource), ben.user_id);
        assert_eq!(rejection(&mut socket, 3, &list).await, 103);
    }
    assert_eq!(rejection(&mut socket, 4, &ada.channel("karma")).await, 102);
    for channel in [
        "elsewhere",
        "dashboard:favorites",
        "market:prices",
        "$dashboard:stats",
    ] {
        assert_eq!(rejection(&mut socket, 5, channel).await, 102, "{channel}");
    }
    assert_eq!(rejection(&mut socket, 6, "").await, 107);
    let long = "x".repeat(limits::CHANNEL_BYTES_MAX);
    assert_eq!(rejection(&mut socket, 7, &long).await, 102);
    assert_eq!(rejection(&mut socket, 8, &format!("{long}x")).await, 107);
    // Ada receives no event of Ben.
    let mut own = ben.connected().await;
    own.subscribe(2, &ben.channel("favorites")).await;
    ben.favorite("m1", "b1", true).await;
    own.event(&ben.channel("favorites")).await;
    socket
        .send(&json!({"id": 9, "rpc": {"method": "ping"}}))
        .await;
    assert_eq!(socket.next().await["id"], 9);
}

#[tokio::test]
async fn every_command_is_answered() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    let channel = ada.channel("stats");
    socket.subscribe(2, &channel).await;
    for (command, code) in [
        (json!({"subscribe": {"channel": channel}}), 105),
        (json!({"publish": {"channel": channel, "data": {}}}), 103),
        (json!({"presence": {"channel": channel}}), 108),
        (json!({"presence_stats": {"channel": channel}}), 108),
        (json!({"sub_refresh": {"channel": channel}}), 108),
        (json!({"rpc": {"method": "launch"}}), 104),
        (json!({"rpc": {}}), 104),
        (json!({"teleport": {}}), 104),
        (json!({}), 104),
    ] {
        let mut numbered = command.clone();
        numbered["id"] = json!(7);
        socket.send(&numbered).await;
        let reply = socket.next().await;
        assert_eq!(reply["error"]["code"], code, "{command} {reply}");
    }
    socket.send(&json!({"send": {"data": 1}})).await;
    socket
        .send(&json!({"id": 8, "history": {"channel": channel}}))
        .await;
    let history = socket.next().await["history"].clone();
    assert_eq!(history["publications"], json!([]));
    assert!(history["epoch"].is_string() && history["offset"].is_u64());
    socket
        .send(&json!({"id": 9, "unsubscribe": {"channel": channel}}))
        .await;
    assert_eq!(socket.next().await, json!({"id": 9, "unsubscribe": {}}));
    assert_eq!(socket.subscribe(10, &channel).await["id"], 10);
}

#[tokio::test]
async fn a_frame_that_breaks_the_protocol_ends_the_connection() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let subscribe = json!({"id": 1, "subscribe": {"channel": "market:beats"}}).to_string();
    for first in [
        "{}",
        "",
        "\n",
        "nonsense",
        "[]",
        "null",
        "{\"id\":1}",
        "{\"id\":-1,\"rpc\":{}}",
        subscribe.as_str(),
    ] {
        let mut socket = ada.socket().await;
        socket.send_text(first).await;
        assert_eq!(socket.closed().await, 3501, "{first}");
    }
    let connect = json!({"id": 2, "connect": {"token": ada.token().await}}).to_string();
    for second in [
        "{}",
        "{\"id\":2,\"ping\":{}}",
        "{\"rpc\":{\"method\":\"ping\"}}",
        &connect,
        "{\"id\":",
        "\u{0}",
    ] {
        let mut socket = ada.connected().await;
        socket.send_text(second).await;
        assert_eq!(socket.closed().await, 3501, "{second}");
    }
    let mut socket = ada.connected().await;
    socket.send_binary(vec![0, 1, 2]).await;
    assert_eq!(socket.closed().await, 3501);
}

#[tokio::test]
async fn forged_tokens_are_rejected() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let token = ada.token().await;
    let (body, _) = token.rsplit_once('.').expect("three parts");
    for forged in ["x", "a.b.c", &format!("{body}."), &format!("{token}x")] {
        let mut socket = ada.socket().await;
        socket
            .send(&json!({"id": 1, "connect": {"token": forged}}))
            .await;
        assert_eq!(socket.closed().await, 3500, "{forged}");
    }
    let mut socket = ada.socket().await;
    socket.send(&json!({"id": 1, "connect": {}})).await;
    assert_eq!(socket.closed().await, 3501);
}

#[tokio::test]
async fn a_frame_may_have_64_kib_and_not_one_byte_more() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    let mut frame = json!({"id": 2, "rpc": {"method": "ping"}}).to_string();
    frame.push_str(&" ".repeat(limits::CLIENT_FRAME_BYTES_MAX - frame.len()));
    socket.send_text(&frame).await;
    assert_eq!(socket.next().await["id"], 2);
    frame.push(' ');
    socket.send_text(&frame).await;
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn publications_that_were_missed_while_disconnected_are_recovered() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let channel = ada.channel("favorites");
    let mut socket = ada.connected().await;
    let first = socket.subscribe(2, &channel).await["subscribe"].clone();
    ada.favorite("m1", "b1", true).await;
    let seen = socket.next().await["push"]["pub"]["offset"].clone();
    ada.fault(json!({"fault": "drop_socket"})).await;
    assert_eq!(socket.closed().await, 1006);
    // The server publishes after the reply. Another socket observes when it is done.
    let mut observer = ada.connected().await;
    observer.subscribe(2, &channel).await;
    let missed = [
        ada.favorite("m2", "b2", true).await,
        ada.favorite("m3", "b3", true).await,
    ];
    for _ in &missed {
        observer.event(&channel).await;
    }
    let position =
        json!({"channel": channel, "recover": true, "epoch": first["epoch"], "offset": seen});
    let mut socket = ada.connected().await;
    socket.send(&json!({"id": 2, "subscribe": position})).await;
    let reply = socket.next().await["subscribe"].clone();
    assert_eq!(reply["recovered"], true);
    assert_eq!(reply["was_recovering"], true);
    assert_eq!(reply["offset"], seen);
    let publications = reply["publications"].as_array().expect("publications");
    assert_eq!(publications.len(), 2);
    for (publication, result) in publications.iter().zip(&missed) {
        assert_eq!(publication["data"], result["events"][0]);
    }
    let live = ada.favorite("m4", "b4", true).await;
    assert_eq!(socket.event(&channel).await, live["events"][0]);
}

#[tokio::test]
async fn a_failed_recovery_is_reported() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let channel = ada.channel("stats");
    let mut socket = ada.connected().await;
    let lost = json!({"channel": channel, "recover": true, "epoch": "gone", "offset": 5});
    socket.send(&json!({"id": 2, "subscribe": lost})).await;
    let reply = socket.next().await["subscribe"].clone();
    assert_eq!(reply["was_recovering"], true);
    assert!(reply.get("recovered").is_none());
    let mut other = ada.connected().await;
    let mut strict = lost;
    strict["flag"] = json!(2);
    other.send(&json!({"id": 2, "subscribe": strict})).await;
    assert_eq!(other.next().await["error"]["code"], 112);
}

#[tokio::test]
async fn a_connection_that_does_not_authenticate_is_closed() {
    let server = Server::start_with(|config| {
        config.realtime.stale = Duration::from_millis(50);
    })
    .await;
    let mut socket = server.stranger().socket().await;
    assert_eq!(socket.closed().await, 3502);
}

fn quick_pings(config: &mut dashboard_server::config::Config) {
    config.realtime.ping = Duration::from_millis(100);
    config.realtime.pong = Duration::from_millis(200);
}

#[tokio::test]
async fn a_connection_stays_open_while_its_pings_are_answered() {
    let server = Server::start_with(quick_pings).await;
    let mut socket = server.ada().await.connected().await;
    for _ in 0..6 {
        assert_eq!(socket.next_or_ping().await, json!({}));
        socket.send_text("{}").await;
    }
    socket
        .send(&json!({"id": 2, "rpc": {"method": "ping"}}))
        .await;
    assert_eq!(socket.next().await["id"], 2);
}

#[tokio::test]
async fn an_unanswered_ping_ends_the_connection() {
    let server = Server::start_with(quick_pings).await;
    let mut socket = server.ada().await.connected().await;
    assert_eq!(socket.closed().await, 3012);
}

#[tokio::test]
async fn a_connection_ends_with_its_token_unless_it_is_refreshed() {
    let server = Server::start_with(|config| {
        config.realtime.expiry_grace = Duration::ZERO;
    })
    .await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    let fresh = ada.token().await;
    socket
        .send(&json!({"id": 2, "refresh": {"token": fresh}}))
        .await;
    let reply = socket.next().await["refresh"].clone();
    assert_eq!(reply["expires"], true);
    let ben = server.ben().await;
    socket
        .send(&json!({"id": 3, "refresh": {"token": ben.token().await}}))
        .await;
    assert_eq!(socket.closed().await, 3500);

    // A session that ends in two seconds issues a token that expires then.
    let soon = dashboard_server::clock::now_ms() + 2000;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("UPDATE sessions SET expires_ms = ?")
        .bind(soon)
        .execute(&mut *tx)
        .await
        .expect("shortened");
    tx.commit().await.expect("committed");
    // The server knows the session as it was for a second.
    server.app().sessions.clear();
    let mut socket = ada.connected().await;
    assert_eq!(socket.closed().await, 3005);
}

#[tokio::test]
async fn a_user_may_have_a_limited_number_of_connections() {
    let server = Server::start_with(|config| config.sockets_per_user_max = 2).await;
    let ada = server.ada().await;
    let first = ada.connected().await;
    let mut second = ada.connected().await;
    let mut third = ada.socket().await;
    let connect = json!({"id": 1, "connect": {"token": ada.token().await}});
    third.send(&connect).await;
    assert_eq!(third.closed().await, 3504);
    server.ben().await.connected().await;
    drop(first);
    // The server needs some time to notice the end of the first connection.
    second
        .send(&json!({"id": 2, "rpc": {"method": "ping"}}))
        .await;
    second.next().await;
    loop {
        let mut again = ada.socket().await;
        again.send(&connect).await;
        if again.try_connected().await {
            break;
        }
    }
}

#[tokio::test]
async fn a_connection_with_a_slow_reader_is_closed() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut slow = ada.connected().await;
    slow.subscribe(2, &ada.channel("activity")).await;
    // A silence fills the queue like a slow reader, without the need to fill the network buffers.
    ada.fault(json!({"fault": "silence", "seconds": 300})).await;
    flood(&ada).await;
    ada.delete("/api/demo/fault").await;
    assert_eq!(slow.closed().await, 3008);
}

/// Publishes more than a mebibyte of events.
async fn flood(ada: &Client) {
    let mut watch = ada.connected().await;
    watch.subscribe(2, &ada.channel("activity")).await;
    let body = json!({"what": "activity", "count": 4000, "rate_per_s": 2000});
    ada.post("/api/demo/simulate", &body).await;
    for _ in 0..4000 {
        watch.event(&ada.channel("activity")).await;
    }
}

#[tokio::test]
async fn a_stopping_server_closes_its_sockets_so_that_clients_reconnect() {
    let server = Server::start().await;
    let mut socket = server.ada().await.connected().await;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(socket.closed().await, 3001);
    drop(socket);
    stopping.await.expect("stopped");
}

#[tokio::test]
async fn hostile_frames_never_harm_the_server() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let deep = format!(
        "{{\"id\":2,\"rpc\":{{\"data\":{}{}}}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    for text in [
        deep.as_str(),
        "{\"id\":99999999999999999999,\"rpc\":{}}",
        "{\"id\":2,\"subscribe\":{\"channel\":\"market:beats\",\"offset\":18446744073709551615,\"recover\":true}}",
        "{\"id\":2,\"subscribe\":{\"channel\":7}}",
        "{\"id\":2,\"history\":{\"channel\":\"market:beats\",\"limit\":-9223372036854775808}}",
        "{\"id\":2,\"subscribe\":{\"channel\":\"\\ud800\"}}",
        "{\"id\":2,\"refresh\":{\"token\":\"....\"}}",
        "{\"id\":2,\"id\":3,\"rpc\":{}}",
        "\u{202e}{}",
    ] {
        let mut socket = ada.connected().await;
        socket.send_text(text).await;
        // The server must answer or close the connection.
        socket.answered_or_closed().await;
    }
    let mut socket = ada.connected().await;
    let many = vec!["{\"id\":2,\"rpc\":{\"method\":\"ping\"}}"; 600].join("\n");
    socket.send_text(&many).await;
    assert_eq!(socket.closed().await, 3013);
    assert!(ada.connected().await.subscribe(2, "market:beats").await["subscribe"].is_object());
}
