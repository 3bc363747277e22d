//! How calls to the server are made: the seam for a backend of one's own.

use std::fmt;

use dashboard_engine::http::{HttpFailure, HttpRequest, HttpResult};
use dashboard_protocol::{Session, SignIn};

use crate::platform::task::LocalBoxFuture;

/// Makes the calls that the dashboard needs. Dropping a future gives its call up.
pub trait Backend {
    /// A call of the engine. The reply has to be of the request's kind.
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult>;

    /// Signs a person in.
    fn sign_in(&self, credentials: SignIn)
    -> LocalBoxFuture<'static, Result<Session, HttpFailure>>;

    /// Ends the session.
    fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), HttpFailure>>;
}

impl fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}
