//! The origin check.

use axum::http::{Method, StatusCode};

use crate::support::{Log, Server, Socket, credentials};

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

#[tokio::test]
async fn a_public_url_allows_its_origin_and_makes_cookies_secure() {
    let url = "https://shop.test/store/".parse().expect("a URL");
    let server = Server::start_with(|config| config.public_url = Some(url)).await;
    let origin = ("origin", "https://shop.test");
    let headers = [origin, ("content-type", "application/json")];
    let mut ada = server.stranger();
    let body = credentials("ada@demo.test").to_string().into_bytes();
    let reply = ada
        .call(Method::POST, "/store/api/session", &headers, body)
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.header("set-cookie").starts_with("__Host-session="));
    assert!(
        reply
            .header("strict-transport-security")
            .contains("max-age")
    );
    ada.cookie = reply.cookies().into_iter().next();
    for path in ["/store/api/session", "/api/session"] {
        assert_eq!(ada.get_with(path, &[origin]).await.status, StatusCode::OK);
    }
    assert!(Socket::open(server.address, Some(origin.1)).await.is_ok());
    let foreign = [("origin", "http://shop.test")];
    let reply = ada.get_with("/store/api/session", &foreign).await;
    assert_eq!(reply.problem(), "forbidden_origin");
    assert_eq!(ada.get("/stores/api/session").await.problem(), "not_found");
}

#[tokio::test]
async fn pages_of_an_allowed_origin_may_read_replies_and_others_may_not() {
    let server = Server::start_with(|config| {
        config.allow_origins = vec!["http://127.0.0.1:8080".to_owned()]
    })
    .await;
    let client = server.stranger();
    let allowed = ("origin", "http://127.0.0.1:8080");
    let asks = ("access-control-request-method", "POST");
    let headers = ("access-control-request-headers", "content-type");
    let preflight = [allowed, asks, headers];
    let reply = client
        .call(Method::OPTIONS, "/api/mutations", &preflight, Vec::new())
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("access-control-allow-origin"), allowed.1);
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    assert_eq!(reply.header("access-control-allow-headers"), "content-type");
    assert!(
        reply
            .header("access-control-allow-methods")
            .contains("POST")
    );
    // Also where the answer is a problem.
    let reply = client.get_with("/api/session", &[allowed]).await;
    assert_eq!(reply.problem(), "unauthenticated");
    assert_eq!(reply.header("access-control-allow-origin"), allowed.1);
    let foreign = [("origin", "http://evil.test"), asks, headers];
    let reply = client
        .call(Method::OPTIONS, "/api/mutations", &foreign, Vec::new())
        .await;
    assert_eq!(reply.problem(), "forbidden_origin");
    assert_eq!(reply.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_rejected_origin_is_logged_once_with_the_flag_that_would_allow_it() {
    let log = Log::start();
    let server = Server::start().await;
    let client = server.stranger();
    let long = format!("http://{}.test", "x".repeat(300));
    for origin in ["https://shop.test", &long] {
        let reply = client.get_with("/api/session", &[("origin", origin)]).await;
        assert_eq!(reply.problem(), "forbidden_origin");
    }
    let lines = log.lines_with("rejected a page");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("--allow-origin https://shop.test"),
        "{lines:?}"
    );
}
