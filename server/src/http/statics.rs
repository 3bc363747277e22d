//! The built application, if this process serves it.

use std::path::Path;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, Uri, header},
    response::{IntoResponse, Response},
};
use dashboard_protocol::ProblemCode;
use tokio::fs;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::Shared;
use crate::failure::Failure;

/// A year: a file whose name holds the hash of its content never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Asked about each time: answered with 304 while it is the same.
const ASK_AGAIN: &str = "no-cache";

/// Digits of a hash in a file's name, as the release build writes it.
const HASH_DIGITS: usize = 16;

/// Serves a file; addresses without a dot in their last part get a page: that of an application of their own if there is
/// one (`/demo` gets `demo.html`), and that of the dashboard otherwise.
pub async fn serve(State(app): State<Shared>, request: Request) -> Response {
    let Some(dist) = app.config.dist.as_ref() else {
        return Failure::from(ProblemCode::NotFound).into_response();
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Failure::from(ProblemCode::MethodNotAllowed).into_response();
    }
    let path = request.uri().path();
    let name = path.rsplit('/').next().unwrap_or_default();
    let caching = if is_hashed(name) { FOR_EVER } else { ASK_AGAIN };
    let is_file = name.contains('.');
    let files = ServeDir::new(dist)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    let request = if is_file {
        request
    } else {
        for_page(request, dist).await
    };
    let mut response = match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    if response.status().is_client_error() {
        return Failure::from(ProblemCode::NotFound).into_response();
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

async fn for_page(mut request: Request, dist: &Path) -> Request {
    let own = match page_name(request.uri().path()) {
        Some(name) if fs::try_exists(dist.join(&name)).await.unwrap_or(false) => {
            Uri::try_from(format!("/{name}")).ok()
        }
        _ => None,
    };
    *request.uri_mut() = own.unwrap_or_else(|| Uri::from_static("/index.html"));
    request
}

/// The file that would be the page of an address of one part; a name of letters, digits and hyphens leads nowhere else.
fn page_name(path: &str) -> Option<String> {
    let name = path.strip_prefix('/')?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (!name.is_empty() && name.bytes().all(is_plain)).then(|| format!("{name}.html"))
}

/// Whether a name ends in the hash of the file's content: `app-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_'])
        .any(|part| part.len() == HASH_DIGITS && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_its_own_is_sought_for_plain_names_only() {
        assert_eq!(page_name("/demo").as_deref(), Some("demo.html"));
        for path in ["/", "", "/a/b", "//etc", "/..", "/%2e%2e", "/a\\b", "/ü"] {
            assert_eq!(page_name(path), None, "{path}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("realtime-dashboard-0123456789abcdef_bg.wasm"));
        assert!(is_hashed("base-fedcba9876543210.css"));
        assert!(!is_hashed("index.html"));
        assert!(!is_hashed("loader.js"));
    }
}
