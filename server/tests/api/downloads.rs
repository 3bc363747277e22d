//! Downloads: license, quota, preparation and the file.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use dashboard_server::config::Config;
use serde_json::{Value, json};

use crate::support::{Client, Server, Socket};

fn quick(config: &mut Config) {
    config.order_step = Duration::from_millis(1);
    config.download_time = Duration::from_millis(20);
}

async fn request(client: &Client, id: &str, beat_id: &str, format: &str) -> Value {
    let args = json!({"download_id": id, "beat_id": beat_id, "format": format});
    client
        .mutate(&format!("m-{id}"), "request_download", args)
        .await
}

/// Buys beat `b1` and waits until it is paid.
async fn licensed(server: &Server) -> (Client, Socket) {
    let ada = server.ada().await;
    let mut orders = ada.connected().await;
    orders.subscribe(2, &ada.channel("orders")).await;
    let args = json!({
        "order_id": "o1",
        "lines": [{"beat_id": "b1", "license": "basic"}],
        "expected_total": {"amount": 100, "currency": "USD"},
    });
    ada.mutate("buy", "place_order", args).await;
    while orders.event(&ada.channel("orders")).await["changes"][0]["data"]["status"] != "completed"
    {
    }
    let mut socket = ada.connected().await;
    socket.subscribe(2, &ada.channel("downloads")).await;
    (ada, socket)
}

/// Reads events until a download ends; returns the changes.
async fn ended(socket: &mut Socket, client: &Client) -> Vec<Value> {
    let mut changes = Vec::new();
    loop {
        let event = socket.event(&client.channel("downloads")).await;
        let change = event["changes"][0].clone();
        let last = !matches!(
            change["type"].as_str(),
            Some("download_requested" | "download_progress")
        );
        changes.push(change);
        if last {
            return changes;
        }
    }
}

fn path(id: &str) -> String {
    format!("/api/downloads/{id}/file")
}

#[tokio::test]
async fn a_download_is_prepared_with_progress_and_ends_in_a_playable_file() {
    let server = Server::start_with(quick).await;
    let (ada, mut socket) = licensed(&server).await;
    for (format, kind, magic) in [
        ("wav", "audio/wav", &b"RIFF"[..]),
        ("flac", "audio/flac", b"fLaC"),
        ("mp3", "audio/mpeg", b"\xff\xfb"),
    ] {
        let requested = request(&ada, format, "b1", format).await;
        assert_eq!(
            requested["events"][0]["changes"][0]["type"],
            "download_requested"
        );
        let changes = ended(&mut socket, &ada).await;
        let progress: Vec<u64> = changes
            .iter()
            .map(|change| change["data"]["progress"].as_u64().expect("a number"))
            .collect();
        assert!(progress.len() > 3 && progress.is_sorted(), "{progress:?}");
        let ready = &changes.last().expect("a change")["data"];
        assert_eq!(ready["status"], "ready");
        assert_eq!(ready["url"], path(format));
        let reply = ada.get(&path(format)).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header("content-type"), kind);
        assert!(reply.header("content-disposition").contains("Title 1"));
        assert_eq!(ready["size_bytes"], reply.body.len());
        assert!(reply.body.starts_with(magic), "{format}");
        assert_eq!(length_ms(format, &reply.body), 2000, "{format}");
    }
}

/// The length of a file according to its headers, in milliseconds.
fn length_ms(format: &str, body: &[u8]) -> u64 {
    let number = |range: std::ops::Range<usize>| {
        body[range]
            .iter()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    match format {
        "wav" => (body.len() as u64 - 44) * 1000 / (44_100 * 2),
        // The last 36 of these 64 bits of STREAMINFO are the number of samples.
        "flac" => (number(18..26) & 0xf_ffff_ffff) * 1000 / 44_100,
        // The encoder fills the file up to whole frames of 1152 samples.
        _ => {
            let frames = frames(body);
            assert_eq!(frames, 88_200_u64.div_ceil(1152));
            2000
        }
    }
}

/// Counts the frames of an MPEG stream at 128 kbit/s and 44.1 kHz.
fn frames(body: &[u8]) -> u64 {
    let (mut at, mut count) = (0, 0);
    while at < body.len() {
        assert_eq!(body[at..at + 2], [0xff, 0xfb], "frame {count} at {at}");
        assert_eq!(body[at + 2] & 0xfc, 0x90, "frame {count}");
        let padding = usize::from(body[at + 2] >> 1 & 1);
        at += 144 * 128_000 / 44_100 + padding;
        count += 1;
    }
    assert_eq!(at, body.len());
    count
}

#[tokio::test]
async fn a_range_of_a_file_can_be_requested() {
    let server = Server::start_with(quick).await;
    let (ada, mut socket) = licensed(&server).await;
    request(&ada, "d1", "b1", "wav").await;
    ended(&mut socket, &ada).await;
    let whole = ada.get(&path("d1")).await;
    let tag = whole.header("etag").to_owned();
    let get = async |headers: &[(&str, &str)]| {
        ada.call(Method::GET, &path("d1"), headers, Vec::new())
            .await
    };
    let part = get(&[("range", "bytes=10-19")]).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.body, whole.body[10..20]);
    let size = whole.body.len();
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{size}"));
    let end = get(&[("range", "bytes=-4"), ("if-range", &tag)]).await;
    assert_eq!(end.body, whole.body[size - 4..]);
    let other = get(&[("range", "bytes=0-1"), ("if-range", "\"old\"")]).await;
    assert_eq!(other.status, StatusCode::OK);
    assert_eq!(other.body.len(), size);
    let beyond = get(&[("range", &format!("bytes={size}-"))]).await;
    assert_eq!(beyond.problem(), "range_not_satisfiable");
    assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
    let same = get(&[("if-none-match", &tag)]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_file_is_available_only_to_its_user_and_only_until_it_expires() {
    let server = Server::start_with(|config| {
        quick(config);
        config.download_time = Duration::from_secs(3600);
    })
    .await;
    let (ada, _socket) = licensed(&server).await;
    request(&ada, "d1", "b1", "wav").await;
    assert_eq!(ada.get(&path("d1")).await.problem(), "not_ready");
    assert_eq!(
        server.ben().await.get(&path("d1")).await.problem(),
        "not_found"
    );
    assert_eq!(ada.get(&path("none")).await.problem(), "not_found");
    assert_eq!(
        server.stranger().get(&path("d1")).await.problem(),
        "unauthenticated"
    );

    // The next server continues the preparation.
    let folder = server.stop().await;
    let server = Server::over(folder, quick).await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    socket.subscribe(2, &ada.channel("downloads")).await;
    if ada.get(&path("d1")).await.status != StatusCode::OK {
        ended(&mut socket, &ada).await;
    }
    assert_eq!(ada.get(&path("d1")).await.status, StatusCode::OK);

    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("UPDATE downloads SET expires_ms = 1")
        .execute(&mut *tx)
        .await
        .expect("expired");
    tx.commit().await.expect("committed");
    let late = ada.get(&path("d1")).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert_eq!(late.problem(), "expired");
}

#[tokio::test]
async fn a_download_needs_a_license_and_a_place_in_the_quota() {
    let server = Server::start_with(quick).await;
    let (ada, _socket) = licensed(&server).await;
    let code = |result: Value| {
        result["problem"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(code(request(&ada, "d1", "b2", "mp3").await), "not_licensed");
    assert_eq!(code(request(&ada, "d2", "b99", "mp3").await), "not_found");
    assert_eq!(code(request(&ada, "d3", "b1", "ogg").await), "invalid");
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("UPDATE people SET download_limit = 1")
        .execute(&mut *tx)
        .await
        .expect("limited");
    tx.commit().await.expect("committed");
    assert_eq!(
        request(&ada, "d4", "b1", "wav").await["outcome"],
        "accepted"
    );
    assert_eq!(
        code(request(&ada, "d4x", "b1", "wav").await),
        "quota_exceeded"
    );
    let stats = ada.snapshot("resources=stats").await["resources"]["stats"]["data"].clone();
    assert_eq!(stats["quota"], json!({"used": 1, "limit": 1}));
}

#[tokio::test]
async fn a_download_in_progress_can_be_cancelled_and_returns_its_place_in_the_quota() {
    let server = Server::start_with(|config| {
        quick(config);
        config.download_time = Duration::from_secs(3600);
    })
    .await;
    let (ada, _socket) = licensed(&server).await;
    request(&ada, "d1", "b1", "wav").await;
    let args = json!({"download_id": "d1"});
    let cancelled = ada.mutate("c1", "cancel_download", args.clone()).await;
    let change = &cancelled["events"][0]["changes"][0];
    assert_eq!(change["type"], "download_cancelled");
    assert_eq!(change["data"]["status"], "cancelled");
    let again = ada.mutate("c2", "cancel_download", args.clone()).await;
    assert_eq!(again["events"], json!([]));
    assert_eq!(ada.get(&path("d1")).await.problem(), "not_found");
    let stats = ada.snapshot("resources=stats").await["resources"]["stats"]["data"].clone();
    assert_eq!(stats["quota"]["used"], 0);
    assert_eq!(stats["downloads"], 1);
    let ben = server.ben().await;
    let foreign = ben.mutate("c1", "cancel_download", args).await;
    assert_eq!(foreign["problem"]["code"], "not_found");
}

#[tokio::test]
async fn a_ready_download_cannot_be_cancelled_and_a_lost_file_is_encoded_again() {
    let server = Server::start_with(quick).await;
    let (ada, mut socket) = licensed(&server).await;
    request(&ada, "d1", "b1", "wav").await;
    ended(&mut socket, &ada).await;
    let args = json!({"download_id": "d1"});
    let rejected = ada.mutate("c1", "cancel_download", args).await;
    assert_eq!(rejected["problem"]["code"], "not_cancellable");
    let before = ada.get(&path("d1")).await.body;
    std::fs::remove_dir_all(server.folder().join("test.sqlite.files")).expect("removed");
    assert_eq!(ada.get(&path("d1")).await.body, before);
}

#[tokio::test]
async fn downloads_of_the_simulator_are_prepared_too() {
    let server = Server::start_with(quick).await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    socket.subscribe(2, &ada.channel("downloads")).await;
    let body = json!({"what": "downloads", "count": 3, "rate_per_s": 1000});
    ada.post("/api/demo/simulate", &body).await;
    let mut ready = 0;
    while ready < 3 {
        let event = socket.event(&ada.channel("downloads")).await;
        for change in event["changes"].as_array().expect("changes") {
            ready += usize::from(change["type"] == "download_completed");
        }
    }
}

#[tokio::test]
async fn a_changed_beat_has_another_tag_so_that_a_resumed_file_begins_again() {
    let server = Server::start_with(quick).await;
    let (ada, mut socket) = licensed(&server).await;
    request(&ada, "d1", "b1", "wav").await;
    ended(&mut socket, &ada).await;
    let before = ada.get(&path("d1")).await;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("UPDATE beats SET bpm = 90 WHERE id = 'b1'")
        .execute(&mut *tx)
        .await
        .expect("changed");
    tx.commit().await.expect("committed");
    let headers = [
        ("range", "bytes=1000-"),
        ("if-range", before.header("etag")),
    ];
    let resumed = ada
        .call(Method::GET, &path("d1"), &headers, Vec::new())
        .await;
    assert_eq!(resumed.status, StatusCode::OK);
    assert_ne!(resumed.header("etag"), before.header("etag"));
    assert_eq!(resumed.body.len(), before.body.len());
    assert_ne!(resumed.body, before.body);
}

#[tokio::test]
async fn a_ready_file_does_not_wait_for_encoders_and_a_stop_ends_them() {
    let server = Server::start_with(quick).await;
    let (ada, mut socket) = licensed(&server).await;
    request(&ada, "d1", "b1", "wav").await;
    ended(&mut socket, &ada).await;
    // Eleven hours of audio keep each encoder busy for longer than the test takes.
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("UPDATE beats SET duration_ms = 40000000 WHERE id <> 'b1'")
        .execute(&mut *tx)
        .await
        .expect("changed");
    sqlx::query("UPDATE order_lines SET beat_id = 'b2' WHERE beat_id = 'b1'")
        .execute(&mut *tx)
        .await
        .expect("changed");
    tx.commit().await.expect("committed");
    for format in ["wav", "flac", "mp3"] {
        request(&ada, format, "b2", format).await;
    }
    let files = server.folder().join("test.sqlite.files");
    let encoding = || {
        let entries = std::fs::read_dir(&files).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").path());
        names
            .filter(|name| name.extension().is_some_and(|part| part == "part"))
            .count()
    };
    while encoding() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(ada.get(&path("d1")).await.status, StatusCode::OK);
    let stopping = tokio::time::Instant::now();
    let folder = server.stop().await;
    assert!(stopping.elapsed() < Duration::from_secs(5));
    assert_eq!(encoding(), 0);
    drop(folder);
}

#[tokio::test]
async fn downloads_that_cannot_be_prepared_do_not_block_the_others() {
    let server = Server::start_with(quick).await;
    let (ada, mut socket) = licensed(&server).await;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query(
        "CREATE TRIGGER stuck BEFORE UPDATE OF progress ON downloads WHEN new.id LIKE 'stuck%' AND new.progress > 0 \
         BEGIN SELECT RAISE(ABORT, 'an injected fault'); END",
    )
    .execute(&mut *tx)
    .await
    .expect("a trigger");
    tx.commit().await.expect("committed");
    for index in 0..20 {
        request(&ada, &format!("stuck{index}"), "b1", "wav").await;
    }
    request(&ada, "d1", "b1", "wav").await;
    let done = loop {
        let event = socket.event(&ada.channel("downloads")).await;
        let change = event["changes"][0].clone();
        if change["type"] == "download_completed" {
            break change;
        }
    };
    assert_eq!(done["data"]["id"], "d1");
}
