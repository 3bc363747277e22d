//! Why something could not be done: refused for a reason that the caller may read, or broken.

use std::error::Error;

use dashboard_protocol::{Money, Problem, ProblemCode};

/// Why a request was not carried out.
#[derive(Debug)]
pub enum Failure {
    /// The caller asked for what cannot be; the problem says why.
    Refused(Box<Problem>),
    /// A fault of ours. The caller learns nothing but that; the cause is logged.
    Broken(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A refusal with a detail about this one case.
    #[must_use]
    pub fn because(code: ProblemCode, detail: impl Into<String>) -> Self {
        let mut problem = problem(code);
        problem.detail = Some(detail.into());
        Self::Refused(Box::new(problem))
    }

    /// A refusal until `retry_after_ms` from now.
    #[must_use]
    pub fn until(code: ProblemCode, retry_after_ms: u64) -> Self {
        let mut problem = problem(code);
        problem.retry_after_ms = Some(retry_after_ms);
        Self::Refused(Box::new(problem))
    }

    /// The refusal of an order whose price has changed to `total`.
    #[must_use]
    pub fn price_changed(total: Money) -> Self {
        let mut problem = problem(ProblemCode::PriceChanged);
        problem.total = Some(total);
        Self::Refused(Box::new(problem))
    }

    /// A fault without a cause of another library.
    #[must_use]
    pub fn broken(message: &str) -> Self {
        Self::Broken(message.into())
    }
}

impl From<ProblemCode> for Failure {
    fn from(code: ProblemCode) -> Self {
        Self::Refused(Box::new(problem(code)))
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Broken(error.into())
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
            Self::Refused(problem) => {
                f.write_str(problem.detail.as_deref().unwrap_or(&problem.title))
            }
            Self::Broken(cause) => cause.fmt(f),
        }
    }
}

impl Error for Failure {}

/// The problem of a code, with the status and the title that always go with it.
#[must_use]
pub fn problem(code: ProblemCode) -> Problem {
    let (status, title) = match &code {
        ProblemCode::AlreadyOwned => (409, "you own this licence already"),
        ProblemCode::BadRequest => (400, "the request's form is wrong"),
        ProblemCode::BatchRejected => (409, "another mutation of the batch was refused"),
        ProblemCode::Expired => (410, "the file is gone"),
        ProblemCode::ForbiddenOrigin => (403, "the request comes from a foreign page"),
        ProblemCode::Internal => (500, "the server failed"),
        ProblemCode::Invalid => (422, "the mutation is unknown or its arguments are wrong"),
        ProblemCode::InvalidCredentials => (401, "email and password do not fit"),
        ProblemCode::MethodNotAllowed => (405, "the method does not exist there"),
        ProblemCode::MutationIdReused => (409, "the id was used for another mutation"),
        ProblemCode::NotCancellable => (409, "it has gone too far to be cancelled"),
        ProblemCode::NotFound => (404, "there is no such thing"),
        ProblemCode::NotLicensed => (403, "no paid order holds this beat"),
        ProblemCode::NotReady => (409, "the file is still being made"),
        ProblemCode::PayloadTooLarge => (413, "the body is too large"),
        ProblemCode::PriceChanged => (409, "the price has changed"),
        ProblemCode::QuotaExceeded => (403, "no downloads are left this month"),
        ProblemCode::RangeNotSatisfiable => (416, "the range lies outside the file"),
        ProblemCode::RateLimited => (429, "too many requests"),
        ProblemCode::Unauthenticated => (401, "nobody is signed in"),
        ProblemCode::Unavailable => (503, "the server cannot answer now"),
        ProblemCode::UnsupportedMediaType => (415, "the body is not declared as JSON"),
        ProblemCode::Other(_) => (400, "refused"),
    };
    Problem::new(code, status, title)
}
