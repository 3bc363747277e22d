//! Extractors for handlers. Each rejection is a problem.

use std::{collections::HashMap, error::Error, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use sync_protocol::{EXPECTED_USER_HEADER, ProblemCode, limits};
use tracing::Span;

use crate::{
    auth::session::{self, SignedIn},
    failure::{Failure, Result},
    http::{Caller, Shared},
};

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let Uncharged(signed_in) = Uncharged::from_request_parts(parts, app).await?;
        app.charges.reads(&signed_in.account.id, 1)?;
        Ok(signed_in)
    }
}

/// The session of a call that costs nothing: nobody can spend what its user needs to find out who they are, and to sign out.
#[derive(Debug)]
pub struct Uncharged(pub SignedIn);

impl FromRequestParts<Shared> for Uncharged {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        // The middleware of the demonstration has already read the session.
        let signed_in = if let Some(signed_in) = parts.extensions.get::<SignedIn>() {
            signed_in.clone()
        } else {
            let Ok(caller) = Caller::from_request_parts(parts, app).await;
            session::of_request(app, &parts.headers, caller.scheme).await?
        };
        Span::current().record("user", signed_in.account.id.as_str());
        expects(&parts.headers, &signed_in)?;
        Ok(Self(signed_in))
    }
}

/// A page whose cookie now belongs to another user, who signed in elsewhere in the same browser, acts for nobody else.
fn expects(headers: &HeaderMap, signed_in: &SignedIn) -> Result<()> {
    match headers.get(EXPECTED_USER_HEADER) {
        Some(expected) if expected.as_bytes() != signed_in.account.id.as_str().as_bytes() => {
            Err(ProblemCode::OtherUser.into())
        }
        Some(_) | None => Ok(()),
    }
}

/// The query parameters of the address.
#[derive(Debug)]
pub struct Params(HashMap<String, String>);

impl Params {
    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(params)| Self(params))
            .map_err(|error| Failure::bad_request(error.body_text()))
    }
}

/// A JSON body of at most `BYTES_MAX`.
#[derive(Debug)]
pub struct Body<T, const BYTES_MAX: usize = { limits::REQUEST_BYTES_MAX }>(pub T);

impl<T: DeserializeOwned, S: Send + Sync, const BYTES_MAX: usize> FromRequest<S>
    for Body<T, BYTES_MAX>
{
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self> {
        if !is_json(request.headers()) {
            return Err(ProblemCode::UnsupportedMediaType.into());
        }
        serde_json::from_slice(&body_of(request, BYTES_MAX).await?)
            .map(Self)
            .map_err(|error| Failure::bad_request(error.to_string()))
    }
}

/// Reads a body of at most `bytes_max` bytes.
///
/// # Errors
/// `payload_too_large`, or `bad_request` if it is late or incomplete.
pub async fn body_of(request: Request, bytes_max: usize) -> Result<Bytes> {
    let body = axum::body::to_bytes(request.into_body(), bytes_max);
    let late = |_| Failure::bad_request("the request body took too long to arrive");
    let broken = |error: axum::Error| match error.source() {
        Some(cause) if cause.is::<LengthLimitError>() => ProblemCode::PayloadTooLarge.into(),
        _ => Failure::bad_request("the request body is incomplete"),
    };
    let body = tokio::time::timeout(BODY_TIMEOUT, body).await;
    body.map_err(late)?.map_err(broken)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
