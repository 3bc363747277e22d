//! The backend that speaks HTTP with the dashboard's own server.

mod address;
mod answer;

use std::rc::Rc;

use dashboard_engine::http::{HttpFailure, HttpRequest, HttpResult};
use dashboard_engine::settings::Settings;
use dashboard_protocol::{Session, SignIn};
use serde::Serialize;

use crate::platform::http::{self, CallError, Method, Request, Response};
use crate::platform::task::LocalBoxFuture;
use crate::realtime::{Backend, DemoCall};

/// Longest wait for any answer, 30 s. The engine gives up earlier where it knows better; this bounds what it does not.
const TIMEOUT_MS: u32 = 30_000;

/// Calls the server at the settings' API address.
#[derive(Clone, Debug)]
pub struct HttpBackend {
    base: Rc<str>,
}

impl HttpBackend {
    /// A backend for the server that the settings name.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            base: settings.api_base_url.trim_end_matches('/').into(),
        }
    }

    fn request(&self, method: Method, path: &str, json: Option<String>) -> Request {
        Request {
            method,
            url: [&*self.base, path].concat(),
            json,
            timeout_ms: TIMEOUT_MS,
        }
    }
}

impl Backend for HttpBackend {
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult> {
        let method = match &request {
            HttpRequest::Mutations(_) => Method::Post,
            _ => Method::Get,
        };
        let json = match &request {
            HttpRequest::Mutations(mutations) => json(mutations),
            _ => None,
        };
        let call = self.request(method, &address::of(&request), json);
        Box::pin(async move { answer::read(&request, &send(call).await?) })
    }

    fn sign_in(
        &self,
        credentials: SignIn,
    ) -> LocalBoxFuture<'static, Result<Session, HttpFailure>> {
        let call = self.request(Method::Post, "/session", json(&credentials));
        Box::pin(async move { answer::decode(&send(call).await?) })
    }

    fn sign_out(&self) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        let call = self.request(Method::Delete, "/session", None);
        Box::pin(async move { answer::check(&send(call).await?) })
    }

    fn demo(
        &self,
        call: DemoCall,
        body: Option<String>,
    ) -> LocalBoxFuture<'static, Result<(), HttpFailure>> {
        let (method, path) = match call {
            DemoCall::Simulate(_) => (Method::Post, "/demo/simulate"),
            DemoCall::Inject(_) => (Method::Post, "/demo/fault"),
            DemoCall::Clear => (Method::Delete, "/demo/fault"),
        };
        let call = self.request(method, path, body);
        Box::pin(async move { answer::check(&send(call).await?) })
    }
}

async fn send(request: Request) -> Result<Response, HttpFailure> {
    http::send(request).await.map_err(|error| match error {
        CallError::Network => HttpFailure::Network,
        CallError::Timeout => HttpFailure::Timeout,
    })
}

/// Writes a body. Our own types have no key that is no text, which is all that could fail.
fn json(body: &impl Serialize) -> Option<String> {
    serde_json::to_string(body).ok()
}
