//! The path of each call.

use sync_engine::http::HttpRequest;
use sync_engine::schema::{Schema, query_string};

/// Path and query of a call, relative to the API's base.
pub(super) fn of(schema: &Schema, request: &HttpRequest) -> String {
    match request {
        HttpRequest::Session => "/session".to_owned(),
        HttpRequest::Token => "/realtime/token".to_owned(),
        HttpRequest::Snapshot(request) => format!("/snapshot?{}", request.to_query(schema)),
        HttpRequest::Mutations(_) => "/mutations".to_owned(),
        HttpRequest::Query { key, cursor, limit } => {
            let mut path = format!("/{}?limit={limit}", schema.query_name(key.query));
            if !key.params.is_empty() {
                path.push('&');
                path.push_str(&key.params);
            }
            push(&mut path, "cursor", cursor.as_deref());
            path
        }
        HttpRequest::Older {
            resource,
            cursor,
            limit,
        } => {
            let mut path = format!("/{}?limit={limit}", schema.name_of(*resource));
            push(&mut path, "cursor", Some(cursor));
            path
        }
    }
}

fn push(path: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        path.push('&');
        path.push_str(&query_string(&[(name, value.to_owned())]));
    }
}
