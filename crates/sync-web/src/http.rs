//! HTTP calls, as bytes.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::{Method as GlooMethod, Request as GlooRequest, RequestBuilder};
use sync_protocol::EXPECTED_USER_HEADER;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestInit, RequestRedirect};

use super::alarm::alarm;
use super::counts::{Counted, Kind};
use super::early;
use super::object::object;

/// Largest response that is read, in bytes: two hundred rows of the largest kind are far smaller.
pub const RESPONSE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Largest body of a request that outlives its page, in bytes. Browsers allow 64 KiB for all such requests of a page
/// together, and reject what is more (Fetch standard, section 4.6).
const KEPT_BYTES_MAX: usize = 8 * 1024;

/// The HTTP method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Reads a resource.
    Get,
    /// Sends data.
    Post,
    /// Deletes a resource.
    Delete,
}

/// An HTTP call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The URL, absolute or relative to the page's own origin.
    pub url: String,
    /// The body, as JSON.
    pub json: Option<String>,
    /// The application's own headers, by name.
    pub headers: Vec<(String, String)>,
    /// The user whose data the call is about.
    pub expected_user: Option<Rc<str>>,
    /// The timeout, in milliseconds.
    pub timeout_ms: u32,
}

/// A response of any status.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Retry-After` header, in milliseconds from now.
    pub retry_after_ms: Option<u64>,
    /// The body; empty if it was larger than [`RESPONSE_BYTES_MAX`].
    pub body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(
        status: u16,
        content_type: Option<String>,
        retry_after: Option<&str>,
        mut body: Vec<u8>,
    ) -> Self {
        if body.len() > RESPONSE_BYTES_MAX {
            body = Vec::new();
        }
        Self {
            status,
            content_type,
            retry_after_ms: retry_after.and_then(retry_after_ms),
            body,
        }
    }
}

/// The reason why there is no response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallError {
    /// The server cannot be reached, or the browser forbids the call.
    Network,
    /// The call timed out.
    Timeout,
}

/// Aborts a call when it is dropped before its end.
struct Abort {
    controller: Option<AbortController>,
    is_done: bool,
    _counted: Counted,
}

impl Drop for Abort {
    fn drop(&mut self) {
        // After the response was read it would do nothing, but cost a fifth of a millisecond.
        if self.is_done {
            return;
        }
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

/// Makes a call. Dropping the future aborts it, unless the page's loader has made it already, with a timeout of its own:
/// see [`early`].
///
/// # Errors
/// No response arrived, or not in time.
pub async fn send(request: Request) -> Result<Response, CallError> {
    if let Some(answer) = early::take(&request) {
        return answer.response().await;
    }
    let mut abort = Abort {
        controller: AbortController::new().ok(),
        is_done: false,
        _counted: Counted::new(Kind::Request),
    };
    let signal = abort.controller.as_ref().map(AbortController::signal);
    let late = Rc::new(Cell::new(false));
    let ring = {
        let (late, controller) = (Rc::clone(&late), abort.controller.clone());
        alarm(u64::from(request.timeout_ms), move || {
            late.set(true);
            if let Some(controller) = controller {
                controller.abort();
            }
        })
    };
    let response = exchange(&request, signal.as_ref()).await;
    abort.is_done = response.is_ok();
    drop(ring);
    response.map_err(|_| {
        if late.get() {
            CallError::Timeout
        } else {
            CallError::Network
        }
    })
}

async fn exchange(
    request: &Request,
    signal: Option<&web_sys::AbortSignal>,
) -> Result<Response, gloo_net::Error> {
    let builder = RequestBuilder::new(&request.url)
        .method(match request.method {
            Method::Get => GlooMethod::GET,
            Method::Post => GlooMethod::POST,
            Method::Delete => GlooMethod::DELETE,
        })
        // We need the 304 itself; the browser must not replace it from its own cache.
        .cache(RequestCache::NoStore)
        // The API never redirects: something between does, to a sign-in of its own.
        .redirect(RequestRedirect::Manual)
        .credentials(credentials(&request.url))
        .header("Accept", "application/json, application/problem+json")
        .abort_signal(signal);
    let builder = request
        .headers
        .iter()
        .fold(builder, |builder, (name, value)| {
            builder.header(name, value)
        });
    let builder = match &request.expected_user {
        Some(user) => builder.header(EXPECTED_USER_HEADER, user),
        None => builder,
    };
    let response = match &request.json {
        Some(json) => {
            let builder = builder.header("Content-Type", "application/json");
            let request = builder.body(json.as_str())?;
            outlive_page(request, json.len()).send().await?
        }
        None => builder.send().await?,
    };
    let headers = response.headers();
    Ok(Response::new(
        response.status(),
        headers.get("content-type"),
        headers.get("retry-after").as_deref(),
        response.binary().await?,
    ))
}

/// Lets a request reach the server even if the page ends meanwhile, if it is small enough for that.
fn outlive_page(request: GlooRequest, body_bytes: usize) -> GlooRequest {
    if body_bytes > KEPT_BYTES_MAX {
        return request;
    }
    let request = web_sys::Request::from(request);
    let options: RequestInit = object(&[("keepalive", true)]).unchecked_into();
    // A browser that rejects the option sends it without.
    let kept = web_sys::Request::new_with_request_and_init(&request, &options);
    kept.unwrap_or(request).into()
}

/// Sends the session's cookie to our own origin, and to the origin of an absolute address.
fn credentials(url: &str) -> RequestCredentials {
    match url.split_once(':') {
        Some((_, rest)) if rest.starts_with("//") => RequestCredentials::Include,
        _ => RequestCredentials::SameOrigin,
    }
}

/// `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3).
fn retry_after_ms(value: &str) -> Option<u64> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let at_ms = js_sys::Date::parse(value);
    at_ms
        .is_finite()
        .then(|| (at_ms - js_sys::Date::now()).max(0.0) as u64)
}
