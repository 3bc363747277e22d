//! Limits of connections, in total and for each address.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{ANY_PORT, Client, DEADLINE, Log, Reply, Server, Socket, trust_loopback};

/// Asks again until the answer has this status.
async fn until(client: &Client, path: &str, status: StatusCode) -> Reply {
    let asking = async {
        loop {
            let reply = client.get(path).await;
            if reply.status == status {
                return reply;
            }
        }
    };
    timeout(DEADLINE, asking).await.expect("the status in time")
}

async fn open(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).await;
    stream.expect("connected")
}

#[tokio::test]
async fn an_address_may_have_3_connections_and_the_4th_gets_503() {
    let log = Log::start();
    let server = Server::start_with(|config| {
        config.http_per_address_max = 3;
        config.admin_listen = Some(ANY_PORT);
    })
    .await;
    let held = [
        open(&server).await,
        open(&server).await,
        open(&server).await,
    ];
    let client = server.stranger();
    let reply = client.get("/api/health").await;
    assert_eq!(reply.problem(), "unavailable");
    assert_eq!(reply.header("retry-after"), "5");
    assert_eq!(client.get("/api/health").await.problem(), "unavailable");
    let lines = log.lines_with("limit reached");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("--max-http-per-address"), "{lines:?}");
    let [first, ..] = held;
    drop(first);
    until(&client, "/api/health", StatusCode::OK).await;
    let metrics = server.admin().get("/metrics").await;
    let metrics = String::from_utf8_lossy(&metrics.body);
    assert!(
        metrics.contains("dashboard_rejected_total{kind=\"http\"} "),
        "{metrics}"
    );
    assert!(
        !metrics.contains("dashboard_rejected_total{kind=\"http\"} 0"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_server_may_have_2_connections_and_the_3rd_gets_503() {
    let server = Server::start_with(|config| config.connections_max = 2).await;
    let held = [open(&server).await, open(&server).await];
    let client = server.stranger();
    assert_eq!(client.get("/api/health").await.problem(), "unavailable");
    drop(held);
    until(&client, "/api/health", StatusCode::OK).await;
}

#[tokio::test]
async fn an_address_may_have_2_sockets_and_not_3_signed_in_or_not() {
    let server = Server::start_with(|config| config.sockets_per_address_max = 2).await;
    let ada = server.ada().await;
    let (_first, second) = (ada.connected().await, ada.socket().await);
    let open = || Socket::open(server.address, None);
    assert_eq!(open().await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(ada.get("/api/session").await.status, StatusCode::OK);
    drop(second);
    let opening = async { while open().await.is_err() {} };
    timeout(DEADLINE, opening).await.expect("a free permit");
}

#[tokio::test]
async fn sockets_leave_a_tenth_of_the_connections_for_http() {
    let server = Server::start_with(|config| config.connections_max = 10).await;
    let mut sockets = Vec::new();
    for _ in 0..9 {
        let socket = Socket::open(server.address, None).await;
        sockets.push(socket.expect("a socket"));
    }
    let rejected = Socket::open(server.address, None).await.err();
    assert_eq!(rejected, Some(StatusCode::SERVICE_UNAVAILABLE));
    until(&server.stranger(), "/api/health", StatusCode::OK).await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_limits_are_per_client() {
    let server = Server::start_with(|config| {
        trust_loopback(config);
        config.sockets_per_address_max = 1;
        config.http_per_address_max = 1;
    })
    .await;
    let socket =
        |client: &'static str| Socket::open_with(server.address, Some(("x-forwarded-for", client)));
    let _first = socket("2001:db8::1").await.expect("a socket");
    let rejected = socket("6.6.6.6, 2001:db8::2").await.err();
    assert_eq!(rejected, Some(StatusCode::SERVICE_UNAVAILABLE));
    let _other = socket("2001:db8:0:1::1").await.expect("a socket");
    let _idle = [open(&server).await, open(&server).await];
    until(&server.stranger(), "/api/health", StatusCode::OK).await;
}

/// A folder with a file that no buffer of the system can hold.
fn large() -> TempDir {
    let dist = TempDir::new().expect("a folder");
    std::fs::write(dist.path().join("index.html"), "page").expect("a file");
    std::fs::write(dist.path().join("large.bin"), vec![0; 16 * 1024 * 1024]).expect("a file");
    dist
}

/// Asks for the large file and reads only the status.
async fn stall(server: &Server) -> TcpStream {
    let mut stream = open(server).await;
    let request = b"GET /large.bin HTTP/1.1\r\nHost: shop.test\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_connection() {
    let dist = large();
    let server = Server::start_with(|config| {
        config.dist = Some(dist.path().to_owned());
        config.connections_max = 1;
        config.write_timeout = Duration::from_millis(50);
    })
    .await;
    let _stalled = stall(&server).await;
    until(&server.stranger(), "/api/health", StatusCode::OK).await;
}

#[tokio::test]
async fn a_proxied_request_holds_its_permit_until_its_reply_is_sent() {
    let dist = large();
    let server = Server::start_with(|config| {
        trust_loopback(config);
        config.dist = Some(dist.path().to_owned());
        config.http_per_address_max = 1;
    })
    .await;
    let stalled = stall(&server).await;
    let get = async |client: &str| {
        let headers = [("x-forwarded-for", client)];
        let client = server.stranger();
        client
            .call(Method::GET, "/api/health", &headers, Vec::new())
            .await
            .status
    };
    assert_eq!(get("1.2.3.4").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get("1.2.3.5").await, StatusCode::OK);
    drop(stalled);
    let freed = async { while get("1.2.3.4").await != StatusCode::OK {} };
    timeout(DEADLINE, freed).await.expect("a free permit");
}
