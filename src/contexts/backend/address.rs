//! Which path each call goes to.

use std::fmt::Write;

use dashboard_engine::http::{HttpRequest, ListName};

/// Path and query of a call, from the API's base on.
pub(super) fn of(request: &HttpRequest) -> String {
    match request {
        HttpRequest::Session => "/session".to_owned(),
        HttpRequest::Token => "/realtime/token".to_owned(),
        HttpRequest::Snapshot(request) => format!("/snapshot?{}", request.to_query()),
        HttpRequest::Mutations(_) => "/mutations".to_owned(),
        HttpRequest::Beats {
            query,
            cursor,
            limit,
        } => {
            let mut path = format!("/beats?limit={limit}");
            push(
                &mut path,
                "query",
                Some(query).filter(|query| !query.is_empty()),
            );
            push(&mut path, "cursor", cursor.as_ref());
            path
        }
        HttpRequest::Older {
            list,
            cursor,
            limit,
        } => {
            let name = match list {
                ListName::Favorites => "favorites",
                ListName::Orders => "orders",
                ListName::Downloads => "downloads",
                ListName::Activity => "activity",
            };
            let mut path = format!("/{name}?limit={limit}");
            push(&mut path, "cursor", Some(cursor));
            path
        }
    }
}

fn push(path: &mut String, name: &str, value: Option<&String>) {
    let Some(value) = value else { return };
    path.push('&');
    path.push_str(name);
    path.push('=');
    encode(path, value);
}

/// Percent-encodes all but the unreserved characters (RFC 3986 section 2.3).
fn encode(to: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                to.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(to, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_types_stays_inside_its_parameter() {
        let request = HttpRequest::Beats {
            query: "a b&limit=9é".to_owned(),
            cursor: Some("c+/=".to_owned()),
            limit: 50,
        };
        assert_eq!(
            of(&request),
            "/beats?limit=50&query=a%20b%26limit%3D9%C3%A9&cursor=c%2B%2F%3D"
        );
    }

    #[test]
    fn older_rows_are_asked_of_their_own_list() {
        let request = HttpRequest::Older {
            list: ListName::Orders,
            cursor: "7".to_owned(),
            limit: 20,
        };
        assert_eq!(of(&request), "/orders?limit=20&cursor=7");
    }
}
