//! Decodes a response by its status, its content type and its request; never by its text.

use serde::de::DeserializeOwned;
use sync_engine::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use sync_engine::schema::Schema;
use sync_protocol::{Problem, ProblemCode};
use sync_web::http::Response;

/// Decodes the response to a call of the engine.
pub(super) fn read(schema: &Schema, request: &HttpRequest, response: &Response) -> HttpResult {
    if matches!(request, HttpRequest::Snapshot(_)) && response.status == 304 {
        // 304: nothing differs from the known versions. This is a successful response.
        return Ok(HttpReply::Snapshot(None));
    }
    check(response)?;
    let body = std::str::from_utf8(&response.body).ok();
    let reply = body.and_then(|body| HttpReply::decode(schema, request, body));
    reply.ok_or(HttpFailure::Malformed {
        status: response.status,
    })
}

/// Decodes the body of a successful response.
///
/// # Errors
/// The status is not a success, or the body has another shape.
pub fn decode<T: DeserializeOwned>(response: &Response) -> Result<T, HttpFailure> {
    check(response)?;
    serde_json::from_slice(&response.body).map_err(|_| HttpFailure::Malformed {
        status: response.status,
    })
}

/// Checks only the status.
///
/// # Errors
/// The status is not a success.
pub fn check(response: &Response) -> Result<(), HttpFailure> {
    match response.status {
        200..300 => return Ok(()),
        // The API never redirects: something in between does. Browsers hide which redirect it is, and say 0.
        status @ (0 | 300..400) => return Err(HttpFailure::Malformed { status }),
        _ => (),
    }
    let problem = problem(response);
    let retry_after_ms = problem
        .as_ref()
        .and_then(|problem| problem.retry_after_ms)
        .or(response.retry_after_ms);
    // The session of the user whose data are asked for is gone, whoever has one now.
    let is_of_other_user = response.status == 409
        && problem
            .as_ref()
            .is_some_and(|problem| problem.code == ProblemCode::OtherUser);
    Err(HttpFailure::Status {
        status: if is_of_other_user {
            401
        } else {
            response.status
        },
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
    serde_json::from_slice(&response.body).ok()
}

#[cfg(test)]
mod tests {
    use sync_engine::http::SnapshotRequest;
    use sync_protocol::ProblemCode;

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
        let schema = Schema::new("test");
        let unchanged = response(304, "", "");
        let snapshot = HttpRequest::Snapshot(SnapshotRequest::default());
        assert_eq!(
            read(&schema, &snapshot, &unchanged),
            Ok(HttpReply::Snapshot(None))
        );
        assert!(read(&schema, &HttpRequest::Token, &unchanged).is_err());
    }

    #[test]
    fn a_problem_is_read_by_its_content_type() {
        let body = r#"{"code":"rate_limited","status":429,"title":"slow","retry_after_ms":1500}"#;
        let read = response(429, "application/problem+json; charset=utf-8", body);
        let Err(HttpFailure::Status {
            status,
            problem: Some(problem),
            retry_after_ms,
        }) = check(&read)
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
    fn a_session_of_another_user_counts_as_none() {
        for (status, code, expected) in [
            (409, "other_user", 401),
            (409, "not_ready", 409),
            (403, "other_user", 403),
        ] {
            let body = format!(r#"{{"code":"{code}","status":{status},"title":"t"}}"#);
            let read = check(&response(status, "application/problem+json", &body));
            let Err(HttpFailure::Status { status, .. }) = read else {
                panic!("a failure was expected");
            };
            assert_eq!(status, expected, "{code}");
        }
    }

    #[test]
    fn a_redirect_is_no_answer_of_the_server() {
        for status in [0, 302, 307] {
            let redirect = response(status, "text/html", "");
            assert_eq!(check(&redirect), Err(HttpFailure::Malformed { status }));
        }
    }

    #[test]
    fn the_header_sets_the_retry_delay_if_the_problem_does_not() {
        let read = Response {
            retry_after_ms: Some(2000),
            ..response(503, "text/plain", "")
        };
        assert!(matches!(
            check(&read),
            Err(HttpFailure::Status {
                retry_after_ms: Some(2000),
                ..
            })
        ));
    }

    #[test]
    fn a_good_status_with_a_body_of_another_kind_is_malformed() {
        let odd = response(200, "text/html", "<p>Sign in to the hotel network</p>");
        assert_eq!(
            read(&Schema::new("test"), &HttpRequest::Session, &odd),
            Err(HttpFailure::Malformed { status: 200 })
        );
    }
}
