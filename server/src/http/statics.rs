//! Serves the built application, if a folder is configured.

use std::path::Path;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use sync_protocol::ProblemCode;
use tokio::fs;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::Shared;
use crate::failure::{Failure, Result};

/// For a file whose name contains the hash of its content: the file never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// For all other files: the browser asks each time and gets 304 if the file is the same.
const REVALIDATE: &str = "no-cache";

/// The number of digits of a hash in a file name. Trunk writes 64 bits without leading zeros.
const HASH_DIGITS: std::ops::RangeInclusive<usize> = 12..=16;

/// The addresses of the application's pages, without slashes around them.
const PAGES: [&str; 9] = [
    "",
    "activity",
    "analytics",
    "demo",
    "downloads",
    "favorites",
    "orders",
    "overview",
    "signin",
];

/// Checks that a folder contains the built application.
///
/// # Errors
/// When it has no page.
pub fn check(dist: &Path) -> Result<()> {
    if dist.join("index.html").is_file() {
        return Ok(());
    }
    let dist = dist.display();
    Err(Failure::broken(format!(
        "--dist: there is no index.html in {dist}; `cargo xtask build` builds the application into dist/"
    )))
}

/// Serves a file. An address without a dot in its last part gets the page of the application, with the status 404 if
/// the application has no such page.
pub async fn serve(State(app): State<Shared>, mut request: Request) -> Response {
    let Some(dist) = app.config.dist.as_ref() else {
        return Failure::from(ProblemCode::NotFound).into_response();
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Failure::from(ProblemCode::MethodNotAllowed).into_response();
    }
    let path = request.uri().path();
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_file = name.contains('.');
    let is_immutable = is_file && is_hashed(name);
    let is_known = is_file || is_page(path);
    if !is_file {
        *request.uri_mut() = Uri::from_static("/index.html");
    }
    prepare(&mut request, is_known);
    let files = files(dist, request.uri().path(), is_immutable).await;
    let Ok(response) = files.oneshot(request).await;
    let mut response = response.map(Body::new);
    if response.status().is_client_error() || response.status().is_server_error() {
        return rejected(&response);
    }
    if !is_known {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    let caching = if is_immutable { IMMUTABLE } else { REVALIDATE };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// Takes away what does not apply: ranges of another method than GET, and all conditions where the answer is 404.
fn prepare(request: &mut Request, is_known: bool) {
    if request.method() != Method::GET || !is_known {
        request.headers_mut().remove(header::RANGE);
    }
    if !is_known {
        request.headers_mut().remove(header::IF_MODIFIED_SINCE);
        request.headers_mut().remove(header::IF_NONE_MATCH);
    }
}

/// The service that reads files, with those compressed copies of the file that are as new as it is: a page that was
/// edited wins over copies of what it was. A file with a hash in its name is never edited.
async fn files(dist: &Path, path: &str, is_immutable: bool) -> ServeDir {
    let mut files = ServeDir::new(dist).append_index_html_on_directories(false);
    let file = dist.join(path.trim_start_matches('/'));
    if is_immutable || is_fresh(&file, "br").await {
        files = files.precompressed_br();
    }
    if is_immutable || is_fresh(&file, "gz").await {
        files = files.precompressed_gzip();
    }
    files
}

/// Whether the copy with this extension is as new as its file.
async fn is_fresh(file: &Path, extension: &str) -> bool {
    let modified = async |file: &Path| fs::metadata(file).await?.modified();
    let copy = file.with_added_extension(extension);
    match (modified(file).await, modified(&copy).await) {
        (Ok(file), Ok(copy)) => copy >= file,
        _ => false,
    }
}

/// The problem in place of an error of the service that reads files.
fn rejected(response: &Response) -> Response {
    let Some(range) = response.headers().get(header::CONTENT_RANGE) else {
        return Failure::of_status(response.status()).into_response();
    };
    let range = [(header::CONTENT_RANGE, range.clone())];
    (range, Failure::from(ProblemCode::RangeNotSatisfiable)).into_response()
}

/// Whether the application has a page at this address. Hosts of static files may append a slash.
fn is_page(path: &str) -> bool {
    let name = path.strip_prefix('/').unwrap_or(path);
    PAGES.contains(&name.strip_suffix('/').unwrap_or(name))
}

/// Whether a name contains the hash of the file's content, as in `app-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_']).any(|part| {
        HASH_DIGITS.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_immutable() {
        assert!(is_hashed("realtime-dashboard-0123456789abcdef_bg.wasm"));
        assert!(is_hashed("base-edcba9876543210.css"));
        assert!(!is_hashed("index.html"));
        assert!(!is_hashed("realtime-demo_bg.wasm"));
    }

    #[test]
    fn a_page_has_its_address_with_and_without_a_slash() {
        for path in ["/", "/orders", "/orders/", "/signin", "/demo/"] {
            assert!(is_page(path), "{path}");
        }
        for path in [
            "/somewhere/else",
            "/orders/1",
            "/orders//",
            "/Orders",
            "//orders",
        ] {
            assert!(!is_page(path), "{path}");
        }
    }
}
