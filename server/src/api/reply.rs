//! Replies: a JSON body, or a problem.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sync_protocol::{Problem, ProblemCode};

use crate::failure::{Failure, problem};

/// A reply with status 200 and a JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => json(StatusCode::OK, "application/json", body),
            Err(error) => Failure::from(error).into_response(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = match self {
            Self::Rejected(problem) => *problem,
            Self::Broken(cause) => {
                tracing::error!(%cause, "a request failed");
                problem_of(cause.as_ref())
            }
        };
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = json(status, "application/problem+json", body);
        if let Some(ms) = problem.retry_after_ms {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}

/// The problem of a failure. The caller can retry if it waited too long for a database connection.
fn problem_of(cause: &(dyn std::error::Error + 'static)) -> Problem {
    match cause.downcast_ref() {
        Some(sqlx::Error::PoolTimedOut) => problem(ProblemCode::Unavailable),
        _ => problem(ProblemCode::Internal),
    }
}

fn json(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
