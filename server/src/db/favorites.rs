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
    let beat = beats::get(builder.conn, beat_id).await?;
    let (changed, kind) = if favorite {
        (add(builder, &beat).await?, ActivityKind::FavoriteAdded)
    } else {
        (
            remove(builder, beat_id).await?,
            ActivityKind::FavoriteRemoved,
        )
    };
    if changed {
        builder.log(activity(kind, beat)).await?;
    }
    Ok(())
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

async fn add(builder: &mut CommitBuilder<'_>, beat: &Beat) -> Result<bool> {
    if !insert(builder, &beat.id, builder.now_ms).await? {
        return Ok(false);
    }
    let favorite = Favorite {
        beat_id: beat.id.clone(),
        beat: beat.clone(),
        added_at: Timestamp::from_unix_ms(builder.now_ms),
    };
    builder.change(Change::favorite_added(favorite));
    Ok(true)
}

/// Writes a new favorite. Returns false, and changes nothing, if there is one of this beat.
///
/// # Errors
/// When the database fails.
pub async fn insert(builder: &mut CommitBuilder<'_>, beat_id: &str, added_ms: i64) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO favorites (person_id, beat_id, added_ms, version) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(builder.user_id.as_str())
    .bind(beat_id)
    .bind(added_ms)
    .bind(column(builder.version))
    .execute(&mut *builder.conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

async fn remove(builder: &mut CommitBuilder<'_>, beat_id: &str) -> Result<bool> {
    let done = sqlx::query("DELETE FROM favorites WHERE person_id = ? AND beat_id = ?")
        .bind(builder.user_id.as_str())
        .bind(beat_id)
        .execute(&mut *builder.conn)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    builder.change(Change::favorite_removed(beat_id));
    Ok(true)
}

/// A favorite shows the current price and play count of its beat.
impl ListRow for Favorite {
    const PAGE: &'static str = "SELECT added_ms, version, favorites.row, beats.*, beat_id \
        FROM favorites JOIN beats ON beats.id = beat_id \
        WHERE person_id = ? AND (added_ms, version, favorites.row) < (?, ?, ?) \
        ORDER BY added_ms DESC, version DESC, favorites.row DESC LIMIT ?";

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
