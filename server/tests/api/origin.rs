//! The origin check.

use axum::http::{Method, StatusCode};

use crate::support::{Server, Socket};

#[tokio::test]
async fn foreign_pages_are_rejected_everywhere() {
    let server = Server::start_with(|config| {
        config.allow_origins = vec!["http://127.0.0.1:8080".to_owned()]
    })
    .await;
    let ada = server.ada().await;
    let own = format!("http://{}", server.address);
    for origin in [own.as_str(), "http://127.0.0.1:8080"] {
        let headers = [("origin", origin)];
        let reply = ada
            .call(Method::GET, "/api/session", &headers, Vec::new())
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{origin}");
        assert!(Socket::open(server.address, Some(origin)).await.is_ok());
    }
    let (host, port) = (server.address.ip(), server.address.port());
    for origin in [
        "null".to_owned(),
        format!("https://{host}:{port}"),
        format!("http://{host}"),
        format!("http://{host}:{port}/"),
        format!("http://{host}:{port}.evil.test"),
        format!("http://evil.test:{port}"),
        format!("http://{host}:{port}@evil.test"),
        format!("HTTP://{host}:{port}"),
        format!("http://localhost:{port}"),
        "http://127.0.0.1:8081".to_owned(),
        "file://".to_owned(),
        "*".to_owned(),
    ] {
        let headers = [("origin", origin.as_str())];
        for (method, path) in [
            (Method::GET, "/api/session"),
            (Method::POST, "/api/mutations"),
            (Method::GET, "/api/nothing"),
        ] {
            let reply = ada.call(method, path, &headers, Vec::new()).await;
            assert_eq!(reply.problem(), "forbidden_origin", "{origin}");
        }
        let rejected = Socket::open(server.address, Some(&origin)).await.err();
        assert_eq!(rejected, Some(StatusCode::FORBIDDEN), "{origin}");
    }
}
