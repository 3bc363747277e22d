//! The catalog.

use dashboard_model::{Beat, Money, Prices};
use sqlx::{Row, SqliteConnection, SqliteExecutor, sqlite::SqliteRow};
use sync_protocol::Page;

use super::column_codec::{column, count};
use crate::failure::{Failure, Result};

/// Reads a beat from a row with the columns of `beats` and with the id as `beat_id`.
///
/// # Errors
/// When a column is missing.
pub fn beat(row: &SqliteRow) -> Result<Beat, sqlx::Error> {
    let currency: String = row.try_get("currency")?;
    let money = |name: &str| -> Result<Money, sqlx::Error> {
        Ok(Money {
            amount: row.try_get(name)?,
            currency: currency.clone(),
        })
    };
    let prices = Prices {
        basic: money("basic")?,
        premium: money("premium")?,
        unlimited: money("unlimited")?,
    };
    Ok(Beat {
        id: row.try_get("beat_id")?,
        title: row.try_get("title")?,
        artist: row.try_get("artist")?,
        genre: row.try_get("genre")?,
        bpm: row.try_get("bpm")?,
        key: row.try_get("key")?,
        duration_ms: count(row.try_get("duration_ms")?),
        price: prices.basic.clone(),
        prices,
        plays: count(row.try_get("plays")?),
    })
}

/// Finds a beat.
///
/// # Errors
/// When the database fails.
pub async fn find(db: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Beat>> {
    let row = sqlx::query("SELECT *, id AS beat_id FROM beats WHERE id = ?")
        .bind(id)
        .fetch_optional(db)
        .await?;
    Ok(row.as_ref().map(beat).transpose()?)
}

/// Gets a beat of the store.
///
/// # Errors
/// `not_found` if there is no such beat.
pub async fn get(conn: &mut SqliteConnection, id: &str) -> Result<Beat> {
    find(conn, id).await?.ok_or_else(unknown)
}

/// The rejection of a request for a beat that is not in the store.
#[must_use]
pub fn unknown() -> Failure {
    Failure::not_found("this beat is not in the store")
}

/// The words of a search in lower case, without those that are part of another: every beat with that one has them.
#[must_use]
pub fn words(query: &str) -> Vec<String> {
    let mut words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    // Longer words first, so that each is compared with all that could contain it.
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let mut distinct: Vec<String> = Vec::new();
    for word in words {
        if !distinct.iter().any(|longer| longer.contains(&word)) {
            distinct.push(word);
        }
    }
    distinct
}

/// A page of the beats that contain every one of the words, oldest in the catalog first.
///
/// # Errors
/// When the database fails.
pub async fn search(
    conn: &mut SqliteConnection,
    words: &[String],
    after_row: i64,
    limit: usize,
) -> Result<Page<Beat>> {
    // One JSON array holds the words, so that one statement serves any number of them.
    let rows = sqlx::query(
        "SELECT *, id AS beat_id FROM beats WHERE row > ? AND NOT EXISTS \
         (SELECT 1 FROM json_each(?) AS word WHERE instr(beats.search, word.value) = 0) \
         ORDER BY row LIMIT +?",
    )
    .bind(after_row)
    .bind(serde_json::to_string(words)?)
    .bind(column(limit as u64 + 1))
    .fetch_all(conn)
    .await?;
    let more = rows.len() > limit;
    let shown = &rows[..rows.len().min(limit)];
    let next_cursor = match shown.last() {
        Some(last) if more => Some(last.try_get::<i64, _>("row")?.to_string()),
        _ => None,
    };
    Ok(Page {
        items: shown.iter().map(beat).collect::<Result<_, _>>()?,
        next_cursor,
    })
}

/// Adds a beat to the catalog, or replaces the one with its id. All prices of a beat have the same currency.
///
/// # Errors
/// When the database fails.
pub async fn put(conn: &mut SqliteConnection, beat: &Beat) -> Result<()> {
    let search = format!("{} {} {} {}", beat.title, beat.artist, beat.genre, beat.key);
    sqlx::query(
        "INSERT INTO beats (id, title, artist, genre, bpm, key, duration_ms, currency, basic, premium, unlimited, \
         plays, search) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
         ON CONFLICT (id) DO UPDATE SET title = ?2, artist = ?3, genre = ?4, bpm = ?5, key = ?6, duration_ms = ?7, \
         currency = ?8, basic = ?9, premium = ?10, unlimited = ?11, plays = ?12, search = ?13",
    )
    .bind(&beat.id)
    .bind(&beat.title)
    .bind(&beat.artist)
    .bind(&beat.genre)
    .bind(beat.bpm)
    .bind(&beat.key)
    .bind(column(beat.duration_ms))
    .bind(&beat.prices.basic.currency)
    .bind(beat.prices.basic.amount)
    .bind(beat.prices.premium.amount)
    .bind(beat.prices.unlimited.amount)
    .bind(column(beat.plays))
    .bind(search.to_lowercase())
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_another_contains_is_not_searched() {
        assert_eq!(words("a House  a OUS ouse b"), ["house", "a", "b"]);
        assert!(words("  ").is_empty());
    }
}
