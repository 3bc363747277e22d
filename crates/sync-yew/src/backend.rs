//! How calls to the server are made: the seam for a backend of one's own.

use std::fmt;

use sync_engine::http::{HttpRequest, HttpResult};
use sync_web::task::LocalBoxFuture;

/// Makes the calls that every application has: the session check, a token, snapshots, list pages, mutations and queries.
/// [`HttpBackend`](crate::HttpBackend) makes them as `docs/protocol.md` says. Dropping a future aborts its call.
pub trait Backend {
    /// Makes a call. The reply has to be of the request's kind;
    /// [`HttpReply::decode`](sync_engine::http::HttpReply::decode) reads one from the body of an answer.
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult>;
}

impl fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}
