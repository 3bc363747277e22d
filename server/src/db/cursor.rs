//! Pages of the lists of a user. A cursor is the sort key of the last row of a page.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use sync_protocol::{
    Page,
    limits::{PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX},
};

use super::column_codec::{column, count};
use crate::{
    failure::{Failure, Result},
    ids::UserId,
};

/// A row of a list of a user.
pub trait ListRow: Sized {
    /// Selects rows of a user after a cursor, newest first. The parameters are the user, the three parts of the
    /// cursor, and the maximum number of rows. The first three columns are the cursor of the row.
    const PAGE: &'static str;

    /// Reads a row.
    ///
    /// # Errors
    /// When a column is missing or the database fails.
    fn read(
        conn: &mut SqliteConnection,
        row: &SqliteRow,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// The position of a row in a list that is ordered newest first: the time of the row in milliseconds since 1970, the
/// version of the commit that created it, and its number in its table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cursor(pub [i64; 3]);

impl Cursor {
    /// The position before the first row.
    pub const START: Self = Self([i64::MAX; 3]);

    /// Parses the output of [`Self::to_text`].
    ///
    /// # Errors
    /// `bad_request` for any other text.
    pub fn parse(text: &str) -> Result<Self> {
        let part = |part: &str| part.parse().ok().map(column);
        let parts: Option<Vec<i64>> = text.split('.').map(part).collect();
        let parts = parts.and_then(|parts| parts.try_into().ok());
        parts
            .map(Self)
            .ok_or_else(|| Failure::bad_request("invalid cursor"))
    }

    /// The cursor of a row that [`ListRow::PAGE`] selects.
    fn of(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let parts = [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?];
        Ok(Self(parts))
    }

    /// The cursor as text that needs no escaping in an address.
    #[must_use]
    pub fn to_text(self) -> String {
        self.0.map(|part| count(part).to_string()).join(".")
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
    pub fn parse(cursor: Option<&str>, limit: Option<&str>) -> Result<Self> {
        Ok(Self {
            after: cursor.map_or(Ok(Cursor::START), Cursor::parse)?,
            limit: parse_limit(limit)?,
        })
    }

    /// The cost of the page, for the rate limit.
    #[must_use]
    pub const fn cost(&self) -> usize {
        self.limit.div_ceil(PAGE_ROWS_DEFAULT)
    }

    /// Reads the page of a user's list.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page<T: ListRow>(
        &self,
        conn: &mut SqliteConnection,
        user_id: &UserId,
    ) -> Result<Page<T>> {
        let Cursor([at_ms, version, row]) = self.after;
        // One row more than the page has, to learn whether there is a next page.
        let mut rows = sqlx::query(T::PAGE)
            .bind(user_id.as_str())
            .bind(at_ms)
            .bind(version)
            .bind(row)
            .bind(column(self.limit as u64 + 1))
            .fetch_all(&mut *conn)
            .await?;
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(Cursor::of(last)?.to_text()),
            _ => None,
        };
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            items.push(T::read(conn, row).await?);
        }
        Ok(Page { items, next_cursor })
    }
}

/// Finds the row of a user's list that `query` selects by the user and an id.
///
/// # Errors
/// When the database fails.
pub async fn find<T: ListRow>(
    conn: &mut SqliteConnection,
    query: &'static str,
    user_id: &UserId,
    id: &str,
) -> Result<Option<T>> {
    let found = sqlx::query(query).bind(user_id.as_str()).bind(id);
    match found.fetch_optional(&mut *conn).await? {
        Some(row) => Ok(Some(T::read(conn, &row).await?)),
        None => Ok(None),
    }
}

/// Parses the parameter `limit` of an address. The default is 50.
///
/// # Errors
/// `bad_request` outside 1 to 200.
pub fn parse_limit(limit: Option<&str>) -> Result<usize> {
    let Some(text) = limit else {
        return Ok(PAGE_ROWS_DEFAULT);
    };
    match text.parse() {
        Ok(limit) if (1..=PAGE_ROWS_MAX).contains(&limit) => Ok(limit),
        _ => Err(Failure::bad_request(format!(
            "limit must be a number from 1 to {PAGE_ROWS_MAX}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cursor_of_ours_is_valid() {
        let cursor = Cursor([1_795_428_000_000, 7, 12]);
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
