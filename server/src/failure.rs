//! Failures. A request is rejected for a reason that the caller may read, or the server is broken.

use std::{error::Error, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sync_protocol::{Problem, ProblemCode};

/// What most functions of the server return.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// The default of `Retry-After` for a reply with 503, in milliseconds.
const RETRY_AFTER_MS: u64 = 1000;

/// Why a request failed.
#[derive(Debug)]
pub enum Failure {
    /// The server rejects the request. The problem is the reason.
    Rejected(Box<Problem>),
    /// A fault of the server. The server logs the cause; the caller sees only that there is a fault.
    Broken(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A rejection with a detail about this case.
    #[must_use]
    pub fn because(code: ProblemCode, detail: impl Into<String>) -> Self {
        let mut problem = problem(code);
        problem.detail = Some(detail.into());
        Self::Rejected(Box::new(problem))
    }

    /// The rejection with another status than that of its code.
    #[must_use]
    pub fn with_status(code: ProblemCode, status: StatusCode) -> Self {
        let mut problem = problem(code);
        problem.status = status.as_u16();
        Self::Rejected(Box::new(problem))
    }

    /// The rejection of a request that is malformed.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::because(ProblemCode::BadRequest, detail)
    }

    /// The rejection of a mutation whose arguments are invalid.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::because(ProblemCode::Invalid, detail)
    }

    /// The rejection of a request for something that does not exist.
    #[must_use]
    pub fn not_found(detail: &str) -> Self {
        Self::because(ProblemCode::NotFound, detail)
    }

    /// The rejection of a caller who has to wait before the next attempt.
    #[must_use]
    pub fn rate_limited(wait: Duration) -> Self {
        Self::after(ProblemCode::RateLimited, wait)
    }

    /// The rejection of a request because a limit is reached now, with the time after which to retry.
    #[must_use]
    pub fn unavailable(wait: Duration) -> Self {
        Self::after(ProblemCode::Unavailable, wait)
    }

    /// Milliseconds are rounded up, so that a retry after that time is not too early.
    fn after(code: ProblemCode, wait: Duration) -> Self {
        let mut problem = problem(code);
        let wait_ms = u64::try_from(wait.as_micros().div_ceil(1000));
        problem.retry_after_ms = Some(wait_ms.unwrap_or(u64::MAX));
        Self::Rejected(Box::new(problem))
    }

    /// The rejection of a request with this status, with no more detail than the status.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let mut problem = problem(match status.as_u16() {
            401 => ProblemCode::Unauthenticated,
            404 => ProblemCode::NotFound,
            405 => ProblemCode::MethodNotAllowed,
            413 => ProblemCode::PayloadTooLarge,
            415 => ProblemCode::UnsupportedMediaType,
            416 => ProblemCode::RangeNotSatisfiable,
            429 => ProblemCode::RateLimited,
            500 => ProblemCode::Internal,
            400..=499 => ProblemCode::BadRequest,
            _ => ProblemCode::Unavailable,
        });
        problem.status = status.as_u16();
        if status == StatusCode::TOO_MANY_REQUESTS {
            problem.retry_after_ms = Some(RETRY_AFTER_MS);
        }
        Self::Rejected(Box::new(problem))
    }

    /// The rejection of a request that the server cannot serve now. Nothing has happened.
    #[must_use]
    pub fn busy() -> Self {
        Self::unavailable(Duration::from_millis(RETRY_AFTER_MS))
    }

    /// A fault of the server, with its cause or a message for the log.
    #[must_use]
    pub fn broken(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken(cause.into())
    }
}

impl From<ProblemCode> for Failure {
    fn from(code: ProblemCode) -> Self {
        Self::Rejected(Box::new(problem(code)))
    }
}

/// A database without a free connection, a locked one and a full disk are `unavailable`.
impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_temporary(&error) {
            tracing::error!(%error, "the database is unavailable");
            return Self::busy();
        }
        Self::Broken(error.into())
    }
}

fn is_temporary(error: &sqlx::Error) -> bool {
    /// <https://www.sqlite.org/rescode.html>: the last byte of a code is its primary code.
    const BUSY_LOCKED_FULL: [u32; 3] = [5, 6, 13];
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error
            .code()
            .and_then(|code| code.parse().ok())
            .is_some_and(|code: u32| BUSY_LOCKED_FULL.contains(&(code & 0xff))),
        _ => false,
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl From<tokio::task::JoinError> for Failure {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Broken(error.into())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rejected(problem) => {
                f.write_str(problem.detail.as_deref().unwrap_or(&problem.title))
            }
            Self::Broken(cause) => cause.fmt(f),
        }
    }
}

impl Error for Failure {}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut problem = match self {
            Self::Rejected(problem) => *problem,
            Self::Broken(cause) => {
                tracing::error!(%cause, "a request failed");
                problem(ProblemCode::Internal)
            }
        };
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem.retry_after_ms.get_or_insert(RETRY_AFTER_MS);
        }
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        let retry_after = problem
            .retry_after_ms
            .map(|ms| [(header::RETRY_AFTER, ms.div_ceil(1000).to_string())]);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        // The server does not parse the rest of a request that is too large.
        let close = (status == StatusCode::PAYLOAD_TOO_LARGE)
            .then_some([(header::CONNECTION, HeaderValue::from_static("close"))]);
        let mut response = (status, content_type, retry_after, close, body).into_response();
        // For the metrics.
        response.extensions_mut().insert(problem.code);
        response
    }
}

/// The problem of a code, with its status and title.
#[must_use]
pub fn problem(code: ProblemCode) -> Problem {
    let (status, title) = match &code {
        ProblemCode::AlreadyOwned => (409, "you already own this license"),
        ProblemCode::BadRequest => (400, "the request is malformed"),
        ProblemCode::BatchRejected => (409, "another mutation in the batch was rejected"),
        ProblemCode::Expired => (410, "the download has expired"),
        ProblemCode::ForbiddenOrigin => (403, "requests from this origin are not allowed"),
        ProblemCode::Internal => (500, "internal server error"),
        ProblemCode::Invalid => (422, "the mutation is unknown or its arguments are invalid"),
        ProblemCode::InvalidCredentials => (401, "the email and password do not match"),
        ProblemCode::MethodNotAllowed => (405, "this method is not allowed here"),
        ProblemCode::MutationIdReused => (409, "this id was already used for another mutation"),
        ProblemCode::NotCancellable => (409, "it is too late to cancel"),
        ProblemCode::NotFound => (404, "not found"),
        ProblemCode::NotLicensed => (403, "you need to buy this beat first"),
        ProblemCode::OtherUser => (409, "another user is signed in"),
        ProblemCode::NotReady => (409, "the file is not ready yet"),
        ProblemCode::PayloadTooLarge => (413, "the request body is too large"),
        ProblemCode::PriceChanged => (409, "the price has changed"),
        ProblemCode::QuotaExceeded => (403, "you have no downloads left this month"),
        ProblemCode::RangeNotSatisfiable => (416, "the requested range is outside the file"),
        ProblemCode::RateLimited => (429, "too many requests"),
        ProblemCode::Unauthenticated => (401, "you are not signed in"),
        ProblemCode::Unavailable => (503, "the server is temporarily unavailable"),
        ProblemCode::UnsupportedMediaType => (415, "the content type must be application/json"),
        ProblemCode::Other(_) => (400, "the request was rejected"),
    };
    Problem::new(code, status, title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_503_has_a_retry_after() {
        let wait = |failure: Failure| {
            let response = failure.into_response();
            let wait = response.headers().get(header::RETRY_AFTER).cloned();
            wait.map(|wait| wait.to_str().expect("a number").to_owned())
        };
        let wanted = Failure::unavailable(Duration::from_millis(2001));
        assert_eq!(wait(wanted).as_deref(), Some("3"));
        assert_eq!(wait(sqlx::Error::PoolTimedOut.into()).as_deref(), Some("1"));
        assert_eq!(wait(ProblemCode::NotFound.into()), None);
    }
}
