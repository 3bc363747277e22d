//! The files of the built application.

use axum::http::{Method, StatusCode};

use crate::support::Server;

async fn serving() -> (Server, tempfile::TempDir) {
    let dist = tempfile::TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(dist.path().join(name), text).expect("a file");
    };
    write("index.html", "<!doctype html>page");
    write("app-0123456789abcdef_bg.wasm", "plain");
    write("app-0123456789abcdef_bg.wasm.br", "small");
    write("app-0123456789abcdef_bg.wasm.gz", "less");
    let path = dist.path().to_owned();
    let server = Server::start_with(|config| config.dist = Some(path)).await;
    (server, dist)
}

#[tokio::test]
async fn files_are_served_precompressed_and_are_immutable_if_their_name_has_a_hash() {
    let (server, _dist) = serving().await;
    let client = server.stranger();
    let path = "/app-0123456789abcdef_bg.wasm";
    for (accepted, body, encoding) in [
        ("br, gzip", "small", "br"),
        ("gzip", "less", "gzip"),
        ("identity", "plain", ""),
    ] {
        let headers = [("accept-encoding", accepted)];
        let reply = client.call(Method::GET, path, &headers, Vec::new()).await;
        assert_eq!(reply.body, body);
        assert_eq!(reply.header("content-encoding"), encoding);
        assert_eq!(reply.header("content-type"), "application/wasm");
        assert!(reply.header("cache-control").contains("immutable"));
    }
}

#[tokio::test]
async fn addresses_of_the_application_get_its_page_with_a_strict_policy() {
    let (server, _dist) = serving().await;
    let client = server.stranger();
    for path in ["/", "/orders", "/somewhere/else"] {
        let reply = client.get(path).await;
        assert_eq!(reply.body, "<!doctype html>page", "{path}");
        let is_known = path != "/somewhere/else";
        assert_eq!(reply.status == StatusCode::OK, is_known, "{path}");
        assert_eq!(reply.status == StatusCode::NOT_FOUND, !is_known, "{path}");
        assert_eq!(reply.header("content-type"), "text/html");
        assert_eq!(reply.header("cache-control"), "no-cache");
        let policy = reply.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval';",
            "style-src 'self';",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let (server, dist) = serving().await;
    std::fs::write(server.folder().join("secret.txt"), "secret").expect("a file");
    let client = server.stranger();
    for path in [
        "/missing-0123456789abcdef.js",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/test.sqlite",
        "//etc/passwd.txt",
        "/%00.txt",
    ] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    let reply = client.call(Method::POST, "/", &[], Vec::new()).await;
    assert_eq!(reply.problem(), "method_not_allowed");
    drop(dist);
}

#[tokio::test]
async fn an_application_below_a_path_is_served_there() {
    let dist = tempfile::TempDir::new().expect("a folder");
    std::fs::write(dist.path().join("index.html"), "page").expect("a file");
    std::fs::write(dist.path().join("app.js"), "script").expect("a file");
    let url = "http://shop.test/store/".parse().expect("a URL");
    let server = Server::start_with(|config| {
        config.dist = Some(dist.path().to_owned());
        config.public_url = Some(url);
    })
    .await;
    let client = server.stranger();
    for (path, body) in [
        ("/store", "page"),
        ("/store/", "page"),
        ("/store/orders", "page"),
        ("/store/app.js", "script"),
        ("/app.js", "script"),
    ] {
        let reply = client.get(path).await;
        assert_eq!(
            (reply.status, &reply.body[..]),
            (StatusCode::OK, body.as_bytes()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_that_was_edited_wins_over_its_compressed_copy() {
    let (server, dist) = serving().await;
    let page = dist.path().join("index.html");
    let copy = dist.path().join("index.html.br");
    std::fs::write(&copy, "copy").expect("a file");
    let built = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let set_time = |path: &std::path::Path, time| {
        let file = std::fs::File::options().write(true).open(path);
        file.and_then(|file| file.set_modified(time)).expect("set");
    };
    set_time(&page, built);
    set_time(&copy, built);
    let client = server.stranger();
    let accepted = [("accept-encoding", "br")];
    assert_eq!(client.get_with("/orders", &accepted).await.body, "copy");
    set_time(&page, built + std::time::Duration::from_secs(1));
    let reply = client.get_with("/orders", &accepted).await;
    assert_eq!(reply.body, "<!doctype html>page");
    assert_eq!(reply.header("content-encoding"), "");
}

#[tokio::test]
async fn a_range_outside_a_file_is_answered_with_its_size_and_head_has_no_range() {
    let (server, _dist) = serving().await;
    let client = server.stranger();
    let outside = [("range", "bytes=100-")];
    let reply = client.get_with("/index.html", &outside).await;
    assert_eq!(reply.problem(), "range_not_satisfiable");
    assert_eq!(reply.header("content-range"), "bytes */19");
    let reply = client
        .call(Method::HEAD, "/index.html", &outside, Vec::new())
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(
        client.get_with("/nowhere", &outside).await.status,
        StatusCode::NOT_FOUND
    );
}
