//! The dashboard's calls in addition to those of every application: sign-in and sign-out, and the demonstration server.

use std::fmt;
use std::future::ready;

use dashboard_model::SignIn;
use dashboard_model::demo::{Fault, Simulation};
use sync_engine::http::HttpFailure;
use sync_protocol::Session;
use sync_web::http::Method;
use sync_web::task::LocalBoxFuture;
use sync_yew::{Backend, HttpBackend, body, check, decode};

/// Makes the calls that the dashboard needs. Dropping a future aborts its call.
pub trait DashboardBackend: Backend {
    /// Signs a user in.
    fn sign_in(&self, credentials: SignIn)
    -> LocalBoxFuture<'static, Result<Session, HttpFailure>>;

    /// Ends the session.
    fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), HttpFailure>>;

    /// Sends a request to the controls of a demonstration server. A backend without such controls responds like a
    /// server without them.
    fn demo(&self, _call: DemoCall) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        Box::pin(ready(Err(HttpFailure::Status {
            status: 404,
            problem: None,
            retry_after_ms: None,
        })))
    }
}

impl fmt::Debug for dyn DashboardBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DashboardBackend").finish_non_exhaustive()
    }
}

/// A request to the controls of a demonstration server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DemoCall {
    /// Simulate back-office activity.
    Simulate(Simulation),
    /// Inject a fault into the user's own calls and sockets.
    Inject(Fault),
    /// Clear all faults.
    Clear,
}

impl DashboardBackend for HttpBackend {
    fn sign_in(
        &self,
        credentials: SignIn,
    ) -> LocalBoxFuture<'static, Result<Session, HttpFailure>> {
        let answer = self.send(Method::Post, "/session", body(&credentials));
        Box::pin(async move { decode(&answer.await?) })
    }

    fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        let answer = self.send(Method::Delete, "/session", None);
        Box::pin(async move { check(&answer.await?) })
    }

    fn demo(&self, call: DemoCall) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        let answer = match call {
            DemoCall::Simulate(simulation) => {
                self.send(Method::Post, "/demo/simulate", body(&simulation))
            }
            DemoCall::Inject(fault) => self.send(Method::Post, "/demo/fault", body(&fault)),
            DemoCall::Clear => self.send(Method::Delete, "/demo/fault", None),
        };
        Box::pin(async move { check(&answer.await?) })
    }
}
