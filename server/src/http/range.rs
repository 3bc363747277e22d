//! Conditional and range requests for one file (RFC 9110 sections 13 and 14).

use axum::{
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
};
use sync_protocol::ProblemCode;

use crate::failure::Failure;

/// The part of a file that answers a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Selection {
    /// Nothing, because the caller has the file.
    NotModified,
    /// The whole file.
    Whole,
    /// The bytes from `first` to `last`, both included.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// Nothing, because the range is outside the file.
    Outside,
}

/// Selects the part of a file of `size` bytes with the entity tag `tag`. The answer is the whole file if there are
/// several ranges, if `If-Range` names another file, or for another method than GET.
#[must_use]
pub fn select(method: &Method, headers: &HeaderMap, tag: &str, size: u64) -> Selection {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(known) = text(header::IF_NONE_MATCH)
        && known.split(',').any(|known| matches_tag(known.trim(), tag))
    {
        return Selection::NotModified;
    }
    let is_of_this = text(header::IF_RANGE).is_none_or(|wanted| wanted == tag);
    let range = text(header::RANGE).filter(|_| is_of_this && method == Method::GET);
    match range.and_then(parse) {
        Some(spec) => part(spec, size).unwrap_or(Selection::Outside),
        None => Selection::Whole,
    }
}

/// The reply to a range that is outside a file. It says how large the file is.
#[must_use]
pub fn outside(size: u64) -> Response {
    let size = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
    (size, Failure::from(ProblemCode::RangeNotSatisfiable)).into_response()
}

fn matches_tag(known: &str, tag: &str) -> bool {
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}

/// The ends of a range. One of them may be missing.
type Spec = (Option<u64>, Option<u64>);

/// Parses one range of bytes. Returns `None` for any other form, which the caller ignores.
fn parse(range: &str) -> Option<Spec> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| -> Option<Option<u64>> {
        if text.is_empty() {
            return Some(None);
        }
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
    };
    match (number(first.trim())?, number(last.trim())?) {
        (None, None) => None,
        (Some(first), Some(last)) if last < first => None,
        spec => Some(spec),
    }
}

fn part(spec: Spec, size: u64) -> Option<Selection> {
    let end = size.checked_sub(1)?;
    let (first, last) = match spec {
        (Some(first), last) => (first, last.unwrap_or(end).min(end)),
        (None, Some(0)) | (None, None) => return None,
        // The last `count` bytes.
        (None, Some(count)) => (size.saturating_sub(count), end),
    };
    (first <= last).then_some(Selection::Part { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select_with(lines: &[(header::HeaderName, &str)]) -> Selection {
        select_as(&Method::GET, lines)
    }

    fn select_as(method: &Method, lines: &[(header::HeaderName, &str)]) -> Selection {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.insert(name, value.parse().expect("a header"));
        }
        select(method, &headers, "\"tag\"", 1000)
    }

    #[test]
    fn a_range_is_cut_to_the_file() {
        for (range, first, last) in [
            ("bytes=0-0", 0, 0),
            ("bytes=0-", 0, 999),
            ("bytes=999-", 999, 999),
            ("bytes=100-5000", 100, 999),
            ("bytes=-1", 999, 999),
            ("bytes=-5000", 0, 999),
            ("bytes=0-99999999999999999999999", 0, 999),
        ] {
            let selection = select_with(&[(header::RANGE, range)]);
            assert_eq!(selection, Selection::Part { first, last }, "{range}");
        }
    }

    #[test]
    fn a_range_outside_the_file_is_rejected_and_another_form_is_ignored() {
        for range in ["bytes=1000-", "bytes=1000-2000", "bytes=-0"] {
            let selection = select_with(&[(header::RANGE, range)]);
            assert_eq!(selection, Selection::Outside, "{range}");
        }
        for range in [
            "bytes=-",
            "bytes=5-1",
            "bytes=a-b",
            "lines=0-1",
            "bytes=0-1,5-6",
            "bytes 0-1",
            "",
        ] {
            let selection = select_with(&[(header::RANGE, range)]);
            assert_eq!(selection, Selection::Whole, "{range}");
        }
    }

    #[test]
    fn the_selection_depends_on_the_entity_tags() {
        let same = select_with(&[(header::IF_NONE_MATCH, "\"x\", W/\"tag\"")]);
        assert_eq!(same, Selection::NotModified);
        let of_this = [(header::RANGE, "bytes=0-1"), (header::IF_RANGE, "\"tag\"")];
        assert!(matches!(select_with(&of_this), Selection::Part { .. }));
        let of_another = [(header::RANGE, "bytes=0-1"), (header::IF_RANGE, "\"old\"")];
        assert_eq!(select_with(&of_another), Selection::Whole);
    }
    #[test]
    fn only_get_has_ranges() {
        for range in ["bytes=0-1", "bytes=1000-"] {
            let selection = select_as(&Method::HEAD, &[(header::RANGE, range)]);
            assert_eq!(selection, Selection::Whole, "{range}");
        }
    }
}
