//! Serves the built application, if a folder is configured.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, Uri, header},
    response::{IntoResponse, Response},
};
use sync_protocol::ProblemCode;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::Shared;
use crate::failure::Failure;

/// For a file whose name contains the hash of its content: the file never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// For all other files: the browser asks each time and gets 304 if the file is the same.
const REVALIDATE: &str = "no-cache";

/// The number of digits of a hash in a file name. Trunk writes 64 bits without leading zeros.
const HASH_DIGITS: std::ops::RangeInclusive<usize> = 12..=16;

/// Serves a file. An address without a dot in its last part gets the page of the application.
pub async fn serve(State(app): State<Shared>, mut request: Request) -> Response {
    let Some(dist) = app.config.dist.as_ref() else {
        return Failure::from(ProblemCode::NotFound).into_response();
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Failure::from(ProblemCode::MethodNotAllowed).into_response();
    }
    let path = request.uri().path();
    let name = path.rsplit('/').next().unwrap_or_default();
    let caching = if is_hashed(name) {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    if !name.contains('.') {
        *request.uri_mut() = Uri::from_static("/index.html");
    }
    let files = ServeDir::new(dist)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    let Ok(response) = files.oneshot(request).await;
    let mut response = response.map(Body::new);
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
}
