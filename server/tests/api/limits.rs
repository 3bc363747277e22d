//! The limits, each tested at its value and one beyond it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use sync_protocol::limits;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{DEADLINE, Server};

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

/// Sends bytes over a connection of their own, and then reads the whole answer.
async fn exchange(server: &Server, bytes: &[u8]) -> String {
    let talk = async {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        stream.write_all(bytes).await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("read");
        String::from_utf8_lossy(&answer).into_owned()
    };
    timeout(DEADLINE, talk).await.expect("answered in time")
}

/// The head of a request that ends its connection.
fn head(lines: &str) -> String {
    format!("GET /api/health HTTP/1.1\r\nConnection: close\r\n{lines}\r\n")
}

#[tokio::test]
async fn a_client_that_goes_on_sending_too_much_can_read_the_answer() {
    let server = Server::start().await;
    let size = 3 * 1024 * 1024;
    let head = format!(
        "POST /api/session HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/json\r\n\
         Content-Length: {size}\r\n\r\n"
    );
    let talk = async {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let part = [b' '; 64 * 1024];
        stream.write_all(&part).await.expect("sent");
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.expect("answered");
        assert_eq!(&status, b"HTTP/1.1 413");
        for _ in 1..size / part.len() {
            stream.write_all(&part).await.expect("sent");
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        assert!(answer.contains("payload_too_large"), "{answer}");
    };
    timeout(DEADLINE, talk).await.expect("done in time");
}

#[tokio::test]
async fn a_request_names_one_host() {
    let server = Server::start().await;
    for (lines, status) in [
        ("Host: a\r\n", "200"),
        ("", "400"),
        ("Host: a\r\nHost: b\r\n", "400"),
    ] {
        let answer = exchange(&server, head(lines).as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{lines}: {answer}"
        );
    }
    let old = exchange(&server, b"GET /api/health HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200 "), "{old}");
}

#[tokio::test]
async fn a_request_may_have_100_headers_and_not_101() {
    let server = Server::start().await;
    // `Host` and `Connection` count too.
    for (more, status) in [(98, "200"), (99, "431")] {
        let lines = format!("Host: a\r\n{}", "X: y\r\n".repeat(more));
        let answer = exchange(&server, head(&lines).as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{more}: {answer}"
        );
    }
}

#[tokio::test]
async fn the_headers_of_a_request_may_have_32_kib_and_not_80() {
    let server = Server::start().await;
    let empty = head("Host: a\r\nX: \r\n").len();
    // The limit holds for what has been read before the headers end, so that it is not exact.
    for (size, status) in [(32 * 1024, "200"), (80 * 1024, "431")] {
        let lines = format!("Host: a\r\nX: {}\r\n", "y".repeat(size - empty));
        let answer = exchange(&server, head(&lines).as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{size}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_search_text_may_have_200_bytes_and_not_201() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let search = |size| format!("/api/beats?query={}", "a".repeat(size));
    assert_eq!(ada.get(&search(200)).await.status, StatusCode::OK);
    assert_eq!(ada.get(&search(201)).await.problem(), "bad_request");
}

#[tokio::test]
async fn json_may_be_127_levels_deep_and_not_128() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let json = [("content-type", "application/json")];
    // The request, its list and the mutation are three levels.
    for (levels, is_read) in [(124, true), (125, false)] {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        let body = format!(r#"{{"mutations":[{{"id":"m","kind":"x","args":{open}{close}}}]}}"#);
        let reply = ada
            .call(Method::POST, "/api/mutations", &json, body.into_bytes())
            .await;
        assert_eq!(
            reply.status == StatusCode::OK,
            is_read,
            "{levels}: {reply:?}"
        );
    }
}

#[tokio::test]
async fn errors_of_libraries_are_problems_too() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let post = |path| ada.call(Method::POST, path, &[], Vec::new());
    let reply = post("/connection/websocket").await;
    assert_eq!(reply.problem(), "method_not_allowed");
    assert!(reply.header("allow").contains("GET"));
    assert_eq!(
        ada.get("/api/downloads/%ff/file").await.problem(),
        "bad_request"
    );
}

#[tokio::test]
async fn a_user_may_read_much_and_not_without_end() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let all = "/api/snapshot?resources=favorites,orders,downloads,activity,stats";
    let mut reads = 0;
    let limited = loop {
        let reply = ada.get(all).await;
        if reply.status != StatusCode::OK {
            break reply;
        }
        reads += 1;
        assert!(reads < 5000, "the reads are not limited");
    };
    assert!(reads > 100, "{reads}");
    assert_eq!(limited.problem(), "rate_limited");
    assert!(!limited.header("retry-after").is_empty());
    assert_eq!(server.ben().await.get(all).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_the_newest_10_000_activity_rows_of_a_user_are_kept() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10700) \
         INSERT INTO activity (person_id, id, kind, at_ms, version) SELECT ?, 'a' || i, 'signed_in', i, 1 FROM n",
    )
    .bind(&ada.user_id)
    .execute(&mut *tx)
    .await
    .expect("rows");
    tx.commit().await.expect("committed");
    let folder = server.stop().await;
    let server = Server::over(folder, |_| {}).await;
    // The cleanup runs in the background.
    let mut attempts = 0;
    loop {
        attempts += 1;
        assert!(attempts < 100_000, "no row was deleted");
        let rows: (i64, i64) =
            sqlx::query_as("SELECT count(*), min(at_ms) FROM activity WHERE person_id = ?")
                .bind(&ada.user_id)
                .fetch_one(server.db().read())
                .await
                .expect("a count");
        // One of them is the sign-in of this test.
        if rows == (10_000, 702) {
            break;
        }
    }
}
