//! Cursors for pages of a list. A cursor is the sort key of the last row of a page.

use sync_protocol::{Page, ProblemCode, limits};

use super::column_codec::{column, count};
use crate::failure::Failure;

/// The position of a row in a list that is ordered newest first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// The time of the row, in milliseconds since 1970.
    pub at_ms: i64,
    /// The version of the commit that created the row.
    pub version: i64,
    /// The number of the row in its table.
    pub row: i64,
}

impl Cursor {
    /// The position before the first row.
    pub const START: Self = Self {
        at_ms: i64::MAX,
        version: i64::MAX,
        row: i64::MAX,
    };

    /// Parses the output of [`Self::to_text`].
    ///
    /// # Errors
    /// `bad_request` for any other text.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let invalid = || Failure::because(ProblemCode::BadRequest, "invalid cursor");
        let mut parts = text.split('.').map(|part| part.parse::<u64>().map(column));
        let mut next = || parts.next().and_then(Result::ok).ok_or_else(invalid);
        let cursor = Self {
            at_ms: next()?,
            version: next()?,
            row: next()?,
        };
        match parts.next() {
            None => Ok(cursor),
            Some(_) => Err(invalid()),
        }
    }

    /// The cursor as text that needs no escaping in an address.
    #[must_use]
    pub fn to_text(self) -> String {
        format!(
            "{}.{}.{}",
            count(self.at_ms),
            count(self.version),
            count(self.row)
        )
    }
}

/// The part of a list that a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The page starts after this position.
    pub after: Cursor,
    /// The maximum number of rows.
    pub limit: usize,
}

impl Window {
    /// Parses the parameters `cursor` and `limit` of an address.
    ///
    /// # Errors
    /// `bad_request` for an invalid cursor or a limit outside 1 to 200.
    pub fn parse(cursor: Option<&str>, limit: Option<&str>) -> Result<Self, Failure> {
        Ok(Self {
            after: cursor.map_or(Ok(Cursor::START), Cursor::parse)?,
            limit: parse_limit(limit)?,
        })
    }

    /// The newest rows.
    #[must_use]
    pub const fn newest(limit: usize) -> Self {
        Self {
            after: Cursor::START,
            limit,
        }
    }

    /// The number of rows to fetch: one more than the page has, to learn whether there is a next page.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
    }

    /// Makes a page from the fetched rows.
    #[must_use]
    pub fn page<T>(&self, mut rows: Vec<(T, Cursor)>) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next_cursor = rows
            .last()
            .filter(|_| more)
            .map(|(_, cursor)| cursor.to_text());
        Page {
            items: rows.into_iter().map(|(item, _)| item).collect(),
            next_cursor,
        }
    }
}

/// Parses the parameter `limit` of an address. The default is 50.
///
/// # Errors
/// `bad_request` outside 1 to 200.
pub fn parse_limit(limit: Option<&str>) -> Result<usize, Failure> {
    let Some(text) = limit else {
        return Ok(limits::PAGE_ROWS_DEFAULT);
    };
    text.parse()
        .ok()
        .filter(|limit| (1..=limits::PAGE_ROWS_MAX).contains(limit))
        .ok_or_else(|| {
            Failure::because(
                ProblemCode::BadRequest,
                format!("limit must be a number from 1 to {}", limits::PAGE_ROWS_MAX),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cursor_of_ours_is_valid() {
        let cursor = Cursor {
            at_ms: 1_795_428_000_000,
            version: 7,
            row: 12,
        };
        assert_eq!(Cursor::parse(&cursor.to_text()).expect("ours"), cursor);
        for text in ["", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.-3", "1.2.3 "] {
            assert!(Cursor::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_limit_is_at_most_200() {
        assert_eq!(parse_limit(None).expect("default"), 50);
        assert_eq!(parse_limit(Some("200")).expect("at the limit"), 200);
        for text in ["0", "201", "-1", "x", ""] {
            assert!(parse_limit(Some(text)).is_err(), "{text}");
        }
    }
}
