//! The HTTP backend, as `docs/protocol.md` describes it.

mod address;
mod answer;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use serde::Serialize;
use sync_engine::http::{HttpFailure, HttpRequest, HttpResult};
use sync_engine::schema::Schema;
use sync_engine::settings::Settings;
use sync_web::http::{self, CallError, Method, Request, Response};
use sync_web::task::LocalBoxFuture;

use crate::backend::Backend;

pub use answer::{check, decode};

/// Longest timeout of any call, 30 s. The engine has shorter timeouts for some calls; this one bounds the others.
const TIMEOUT_MS: u32 = 30_000;

type Headers = Rc<dyn Fn() -> Vec<(String, String)>>;

/// Calls the server at the settings' API address, with the session's cookie.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use sync_yew::prelude::*;
///
/// fn client(schema: Rc<Schema>, settings: Settings) -> SyncClient {
///     let backend = HttpBackend::new(&schema, &settings)
///         .with_headers(|| vec![("Authorization".to_owned(), "Bearer …".to_owned())]);
///     SyncClient::with_backend(schema, Rc::new(backend), settings)
/// }
/// ```
#[derive(Clone)]
pub struct HttpBackend {
    schema: Rc<Schema>,
    base: Rc<str>,
    headers: Option<Headers>,
    /// The user whose data are asked for. Clones share it.
    expected_user: Rc<RefCell<Option<Rc<str>>>>,
}

impl HttpBackend {
    /// A backend for the server in the settings.
    #[must_use]
    pub fn new(schema: &Rc<Schema>, settings: &Settings) -> Self {
        Self {
            schema: Rc::clone(schema),
            base: settings.api_base_url.trim_end_matches('/').into(),
            headers: None,
            expected_user: Rc::default(),
        }
    }

    /// Adds headers to every call, such as a bearer token. The closure runs for each call, so that a token may change.
    #[must_use]
    pub fn with_headers(self, headers: impl Fn() -> Vec<(String, String)> + 'static) -> Self {
        Self {
            headers: Some(Rc::new(headers)),
            ..self
        }
    }

    /// Makes the application's own call, relative to the API's base, with the same headers, for the same user.
    ///
    /// # Errors
    /// No response arrived, or not in time. [`check`] and [`decode`] check the status.
    pub fn send(
        &self,
        method: Method,
        path: &str,
        json: Option<String>,
    ) -> LocalBoxFuture<'static, Result<Response, HttpFailure>> {
        let expected_user = self.expected_user.borrow().clone();
        self.send_for(expected_user, method, path, json)
    }

    fn send_for(
        &self,
        expected_user: Option<Rc<str>>,
        method: Method,
        path: &str,
        json: Option<String>,
    ) -> LocalBoxFuture<'static, Result<Response, HttpFailure>> {
        let request = Request {
            method,
            url: [&*self.base, path].concat(),
            json,
            headers: self
                .headers
                .as_ref()
                .map_or_else(Vec::new, |headers| headers()),
            expected_user,
            timeout_ms: TIMEOUT_MS,
        };
        Box::pin(async move {
            http::send(request).await.map_err(|error| match error {
                CallError::Network => HttpFailure::Network,
                CallError::Timeout => HttpFailure::Timeout,
            })
        })
    }
}

impl Backend for HttpBackend {
    fn call(&self, request: HttpRequest) -> LocalBoxFuture<'static, HttpResult> {
        let (method, json) = match &request {
            HttpRequest::Mutations(mutations) => (Method::Post, body(mutations)),
            _ => (Method::Get, None),
        };
        let path = address::of(&self.schema, &request);
        let answer = match &request {
            // Who is signed in is the question itself.
            HttpRequest::Session => self.send_for(None, method, &path, json),
            _ => self.send(method, &path, json),
        };
        let schema = Rc::clone(&self.schema);
        Box::pin(async move { answer::read(&schema, &request, &answer.await?) })
    }

    fn expect_user(&self, user_id: Option<&str>) {
        self.expected_user.replace(user_id.map(Rc::from));
    }
}

impl fmt::Debug for HttpBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpBackend")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// A body as JSON; `None` if it cannot be serialized, such as a map whose keys are not text.
pub fn body<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}
