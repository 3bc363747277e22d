//! The favorites of a user.

use dashboard_model::{Activity, ActivityKind, Beat, Change, Favorite};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use sync_protocol::Timestamp;

use super::{beats, column_codec::column, commit_builder::CommitBuilder, cursor::ListRow};
use crate::{failure::Result, ids::UserId};

/// Makes a beat a favorite, or removes it from the favorites. Changes nothing if it is so already.
///
/// # Errors
/// `not_found` if there is no such beat.
pub async fn set(builder: &mut CommitBuilder<'_>, beat_id: &str, favorite: bool) -> Result<()> {
    let (changed, kind) = if favorite {
        let added = insert(builder, beat_id, builder.now_ms).await?;
        (added, ActivityKind::FavoriteAdded)
    } else {
        let removed = remove(builder, beat_id).await?;
        (removed, ActivityKind::FavoriteRemoved)
    };
    let Some(beat) = changed else {
        return Ok(());
    };
    builder.change(if favorite {
        Change::favorite_added(Favorite {
            beat_id: beat.id.clone(),
            beat: beat.clone(),
            added_at: Timestamp::from_unix_ms(builder.now_ms),
        })
    } else {
        Change::favorite_removed(beat_id)
    });
    builder.log(activity(kind, beat)).await
}

/// The activity row of a favorite.
#[must_use]
pub fn activity(kind: ActivityKind, beat: Beat) -> Activity {
    Activity {
        kind,
        beat_id: Some(beat.id),
        title: Some(beat.title),
        ..Activity::default()
    }
}

/// Writes a new favorite and returns its beat. Returns `None`, and changes nothing, if there is one of this beat.
///
/// # Errors
/// `not_found` if there is no such beat.
pub async fn insert(
    builder: &mut CommitBuilder<'_>,
    beat_id: &str,
    added_ms: i64,
) -> Result<Option<Beat>> {
    let rows = sqlx::query(
        "INSERT INTO favorites (person_id, beat_id, added_ms, version) \
         SELECT ?, id, ?, ? FROM beats WHERE id = ? ON CONFLICT DO NOTHING RETURNING row; \
         SELECT *, id AS beat_id FROM beats WHERE id = ?",
    )
    .bind(builder.user_id.as_str())
    .bind(added_ms)
    .bind(column(builder.version))
    .bind(beat_id)
    .bind(beat_id)
    .fetch_all(&mut *builder.conn)
    .await?;
    changed(&rows)
}

async fn remove(builder: &mut CommitBuilder<'_>, beat_id: &str) -> Result<Option<Beat>> {
    let rows = sqlx::query(
        "DELETE FROM favorites WHERE person_id = ? AND beat_id = ? RETURNING row; \
         SELECT *, id AS beat_id FROM beats WHERE id = ?",
    )
    .bind(builder.user_id.as_str())
    .bind(beat_id)
    .bind(beat_id)
    .fetch_all(&mut *builder.conn)
    .await?;
    changed(&rows)
}

/// The beat of a favorite that has changed. Its row comes last, after the one of the change.
fn changed(rows: &[SqliteRow]) -> Result<Option<Beat>> {
    let (beat, change) = rows.split_last().ok_or_else(beats::unknown)?;
    let beat = beats::beat(beat)?;
    Ok((!change.is_empty()).then_some(beat))
}

/// A favorite shows the current price and play count of its beat.
impl ListRow for Favorite {
    const PAGE: &'static str = "SELECT added_ms, version, favorites.row, beats.*, beat_id \
        FROM favorites JOIN beats ON beats.id = beat_id \
        WHERE person_id = ? AND (added_ms, version, favorites.row) < (?, ?, ?) \
        ORDER BY added_ms DESC, version DESC, favorites.row DESC LIMIT +?";

    async fn read(_: &mut SqliteConnection, row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            beat_id: row.try_get("beat_id")?,
            beat: beats::beat(row)?,
            added_at: Timestamp::from_unix_ms(row.try_get("added_ms")?),
        })
    }
}

/// The beat ids of all favorites of a user, newest first.
///
/// # Errors
/// When the database fails.
pub async fn ids(conn: &mut SqliteConnection, user_id: &UserId) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT beat_id FROM favorites WHERE person_id = ? ORDER BY added_ms DESC, version DESC, row DESC",
    )
    .bind(user_id.as_str())
    .fetch_all(conn)
    .await?)
}
