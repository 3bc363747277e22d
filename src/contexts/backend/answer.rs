//! What an answer means, by its status, its content type and the request that it answers; never by its text.

use dashboard_engine::http::{HttpFailure, HttpReply, HttpRequest, HttpResult, ListName};
use dashboard_protocol::{Problem, Readable, from_json};

use crate::platform::http::Response;

/// Reads the answer to a call of the engine.
pub(super) fn read(request: &HttpRequest, response: &Response) -> HttpResult {
    Ok(match request {
        HttpRequest::Session => HttpReply::Session(decode(response)?),
        HttpRequest::Token => HttpReply::Token(decode(response)?),
        // Nothing differs from what is known: an answer like any other.
        HttpRequest::Snapshot(_) if response.status == 304 => HttpReply::Snapshot(None),
        HttpRequest::Snapshot(_) => HttpReply::Snapshot(Some(Box::new(decode(response)?))),
        HttpRequest::Mutations(_) => HttpReply::Mutations(decode(response)?),
        HttpRequest::Beats { .. } => HttpReply::Beats(decode(response)?),
        HttpRequest::Older { list, .. } => match list {
            ListName::Favorites => HttpReply::Favorites(decode(response)?),
            ListName::Orders => HttpReply::Orders(decode(response)?),
            ListName::Downloads => HttpReply::Downloads(decode(response)?),
            ListName::Activity => HttpReply::Activity(decode(response)?),
        },
    })
}

/// Reads the body of a good answer.
///
/// # Errors
/// The status is not a good one, or the body is not what it has to be.
pub(super) fn decode<T: Readable>(response: &Response) -> Result<T, HttpFailure> {
    check(response)?;
    json(&response.body).ok_or(HttpFailure::Malformed {
        status: response.status,
    })
}

/// Looks at the status alone.
///
/// # Errors
/// It is not one of success.
pub(super) fn check(response: &Response) -> Result<(), HttpFailure> {
    if (200..300).contains(&response.status) {
        return Ok(());
    }
    let problem = problem(response);
    let retry_after_ms = problem
        .as_ref()
        .and_then(|problem| problem.retry_after_ms)
        .or(response.retry_after_ms);
    Err(HttpFailure::Status {
        status: response.status,
        problem,
        retry_after_ms,
    })
}

fn problem(response: &Response) -> Option<Box<Problem>> {
    let content_type = response.content_type.as_deref()?;
    let media_type = content_type.split(';').next()?.trim();
    if !media_type.eq_ignore_ascii_case("application/problem+json") {
        return None;
    }
    json(&response.body)
}

fn json<T: Readable>(body: &[u8]) -> Option<T> {
    from_json(std::str::from_utf8(body).ok()?)
}

#[cfg(test)]
mod tests {
    use dashboard_protocol::{ProblemCode, SnapshotRequest};

    use super::*;

    fn response(status: u16, content_type: &str, body: &str) -> Response {
        Response {
            status,
            content_type: Some(content_type.to_owned()),
            retry_after_ms: None,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn not_modified_is_a_good_answer_to_a_snapshot_alone() {
        let unchanged = response(304, "", "");
        let snapshot = HttpRequest::Snapshot(SnapshotRequest::default());
        assert_eq!(read(&snapshot, &unchanged), Ok(HttpReply::Snapshot(None)));
        assert!(read(&HttpRequest::Token, &unchanged).is_err());
    }

    #[test]
    fn a_problem_is_read_by_its_content_type() {
        let body = r#"{"code":"rate_limited","status":429,"title":"slow","retry_after_ms":1500}"#;
        let notified = response(429, "application/problem+json; charset=utf-8", body);
        let Err(HttpFailure::Status {
            status,
            problem: Some(problem),
            retry_after_ms,
        }) = check(&notified)
        else {
            panic!("a problem was expected");
        };
        assert_eq!(
            (status, problem.code, retry_after_ms),
            (429, ProblemCode::RateLimited, Some(1500))
        );
        assert_eq!(
            check(&response(502, "text/html", body)),
            Err(HttpFailure::Status {
                status: 502,
                problem: None,
                retry_after_ms: None
            })
        );
    }

    #[test]
    fn the_header_says_when_to_come_again_if_the_problem_does_not() {
        let notified = Response {
            retry_after_ms: Some(2000),
            ..response(503, "text/plain", "")
        };
        assert!(matches!(
            check(&notified),
            Err(HttpFailure::Status {
                retry_after_ms: Some(2000),
                ..
            })
        ));
    }

    #[test]
    fn a_good_status_with_a_body_of_another_kind_is_undecodable() {
        let odd = response(200, "text/html", "<p>Sign in to the hotel network</p>");
        assert_eq!(
            read(&HttpRequest::Session, &odd),
            Err(HttpFailure::Malformed { status: 200 })
        );
    }
}
