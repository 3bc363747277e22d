//! How calls to the server are made: the seam for a backend of one's own.

use std::fmt;
use std::future::ready;

use dashboard_engine::http::{HttpFailure, HttpRequest, HttpResult};
use dashboard_protocol::demo::{DemoFault, Simulation};
use dashboard_protocol::{Session, SignIn};

use crate::platform::task::LocalBoxFuture;

/// Makes the calls that the dashboard needs. Dropping a future gives its call up.
pub trait Backend {
    /// A call of the engine. The reply has to be of the request's kind.
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult>;

    /// Signs a user in.
    fn sign_in(&self, credentials: SignIn)
    -> LocalBoxFuture<'static, Result<Session, HttpFailure>>;

    /// Ends the session.
    fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), HttpFailure>>;

    /// Asks the controls of a demonstration server for something. `body` says it as JSON: whoever asks has written it, so
    /// that a program which asks for nothing of the kind cannot write it either. A backend without such controls
    /// answers as a server does that has none.
    fn demo(
        &self,
        _call: DemoCall,
        _body: Option<String>,
    ) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        Box::pin(ready(Err(HttpFailure::Status {
            status: 404,
            problem: None,
            retry_after_ms: None,
        })))
    }
}

/// What the controls of a demonstration server are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DemoCall {
    /// Back-office life.
    Simulate(Simulation),
    /// A fault of the user's own calls and sockets.
    Inject(DemoFault),
    /// The end of all faults.
    Clear,
}

impl DemoCall {
    /// What it says, as JSON; nothing for a call that only ends something.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        // Our own types have no key that is no text, which is all that could fail.
        match self {
            Self::Simulate(simulation) => serde_json::to_string(simulation).ok(),
            Self::Inject(fault) => serde_json::to_string(fault).ok(),
            Self::Clear => None,
        }
    }
}

impl fmt::Debug for dyn Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}
