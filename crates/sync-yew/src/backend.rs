//! The interface to the server, which an application can replace.

use std::fmt;

use sync_engine::http::{HttpRequest, HttpResult};
use sync_web::task::LocalBoxFuture;

/// Makes the calls that every application has: the session check, a token, snapshots, list pages, mutations and
/// queries. [`HttpBackend`](crate::HttpBackend) makes them as `docs/protocol.md` describes. Dropping a future aborts
/// its call.
pub trait Backend {
    /// Makes a call. The reply must have the request's kind;
    /// [`HttpReply::decode`](sync_engine::http::HttpReply::decode) decodes one from the body of a response.
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult>;
}

impl fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}
