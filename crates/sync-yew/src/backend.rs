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

    /// From now on calls are about the data of this user, or of nobody. A backend may let the server check that, since
    /// somebody else may sign in elsewhere in the same browser.
    fn expect_user(&self, _user_id: Option<&str>) {}
}

impl fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}
