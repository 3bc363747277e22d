//! Conditional and range requests for one file (RFC 9110 sections 13 and 14).

use axum::http::{HeaderMap, header};
use dashboard_protocol::ProblemCode;

use crate::failure::Failure;

/// What a request for a file is answered with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// Nothing: the caller has it.
    Same,
    /// All of it.
    Whole,
    /// The bytes from `first` to `last`, both included.
    Part {
        /// First byte.
        first: u64,
        /// Last byte.
        last: u64,
    },
}

/// Chooses the answer for a file of `size` bytes whose entity tag is `tag`. Several ranges at once are answered with
/// the whole file, as is a range of which `If-Range` says that it belongs to another file.
///
/// # Errors
/// `range_not_satisfiable` if the range lies outside the file.
pub fn choose(headers: &HeaderMap, tag: &str, size: u64) -> Result<Answer, Failure> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(known) = text(header::IF_NONE_MATCH)
        && known.split(',').any(|known| matches_tag(known.trim(), tag))
    {
        return Ok(Answer::Same);
    }
    let Some(range) = text(header::RANGE) else {
        return Ok(Answer::Whole);
    };
    if text(header::IF_RANGE).is_some_and(|wanted| wanted != tag) {
        return Ok(Answer::Whole);
    }
    match parse(range) {
        Some(spec) => part(spec, size).ok_or_else(|| ProblemCode::RangeNotSatisfiable.into()),
        None => Ok(Answer::Whole),
    }
}

fn matches_tag(known: &str, tag: &str) -> bool {
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}

/// The two ends of a range, either of which may be missing.
type Spec = (Option<u64>, Option<u64>);

/// Reads one range of bytes; `None` for any other form, which is to be ignored.
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

fn part(spec: Spec, size: u64) -> Option<Answer> {
    let end = size.checked_sub(1)?;
    let (first, last) = match spec {
        (Some(first), last) => (first, last.unwrap_or(end).min(end)),
        // The last so many bytes.
        (None, Some(0)) | (None, None) => return None,
        (None, Some(count)) => (size.saturating_sub(count), end),
    };
    (first <= last).then_some(Answer::Part { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(lines: &[(header::HeaderName, &str)]) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.insert(name, value.parse().expect("a header"));
        }
        choose(&headers, "\"tag\"", 1000)
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
            let answer = ask(&[(header::RANGE, range)]).expect("satisfiable");
            assert_eq!(answer, Answer::Part { first, last }, "{range}");
        }
    }

    #[test]
    fn a_range_outside_the_file_is_rejected_and_one_of_another_form_ignored() {
        for range in ["bytes=1000-", "bytes=1000-2000", "bytes=-0"] {
            assert!(ask(&[(header::RANGE, range)]).is_err(), "{range}");
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
            let answer = ask(&[(header::RANGE, range)]).expect("ignored");
            assert_eq!(answer, Answer::Whole, "{range}");
        }
    }

    #[test]
    fn tags_decide_whether_anything_is_sent() {
        let same = ask(&[(header::IF_NONE_MATCH, "\"x\", W/\"tag\"")]);
        assert_eq!(same.expect("known"), Answer::Same);
        let of_this = [(header::RANGE, "bytes=0-1"), (header::IF_RANGE, "\"tag\"")];
        assert!(matches!(ask(&of_this), Ok(Answer::Part { .. })));
        let of_another = [(header::RANGE, "bytes=0-1"), (header::IF_RANGE, "\"old\"")];
        assert!(matches!(ask(&of_another), Ok(Answer::Whole)));
    }
}
