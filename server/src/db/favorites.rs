//! The beats that a user marked.

use dashboard_protocol::{
    ActivityKind, Beat, Change, Favorite, Page, ProblemCode, Resource, Timestamp,
    event::RemovedFavorite,
};
use sqlx::{Row, SqliteConnection};

use super::{
    beats,
    cursor::{Cursor, Window},
    commit_builder::{CommitBuilder, Note},
    column_codec::column,
};
use crate::failure::Failure;

/// Marks a beat or takes the mark back; nothing changes if it is so already.
///
/// # Errors
/// `not_found` if there is no such beat.
pub async fn set(
    builder: &mut CommitBuilder<'_>,
    mutation: Option<&str>,
    beat_id: &str,
    favorite: bool,
) -> Result<Resource, Failure> {
    let Some(beat) = beats::find(builder.conn, beat_id).await? else {
        return Err(Failure::because(
            ProblemCode::NotFound,
            "this beat is not in the store",
        ));
    };
    let changed = if favorite {
        add(builder, &beat).await?
    } else {
        remove(builder, beat_id).await?
    };
    if changed {
        let kind = if favorite {
            ActivityKind::FavoriteAdded
        } else {
            ActivityKind::FavoriteRemoved
        };
        let note = Note {
            beat_id: Some(beat.id),
            title: Some(beat.title),
            ..Note::of(kind, mutation)
        };
        builder.log(note).await?;
    }
    Ok(Resource::Favorites)
}

async fn add(builder: &mut CommitBuilder<'_>, beat: &Beat) -> Result<bool, Failure> {
    let done = sqlx::query(
        "INSERT INTO favorites (person_id, beat_id, added_ms, version) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&builder.user_id)
    .bind(&beat.id)
    .bind(builder.now_ms)
    .bind(column(builder.version))
    .execute(&mut *builder.conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let favorite = Favorite {
        beat_id: beat.id.clone(),
        beat: beat.clone(),
        added_at: Timestamp::from_unix_ms(builder.now_ms),
    };
    builder.change(
        Resource::Favorites,
        Change::FavoriteAdded(Box::new(favorite)),
    );
    Ok(true)
}

async fn remove(builder: &mut CommitBuilder<'_>, beat_id: &str) -> Result<bool, Failure> {
    let done = sqlx::query("DELETE FROM favorites WHERE person_id = ? AND beat_id = ?")
        .bind(&builder.user_id)
        .bind(beat_id)
        .execute(&mut *builder.conn)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let removed = RemovedFavorite {
        beat_id: beat_id.to_owned(),
    };
    builder.change(Resource::Favorites, Change::FavoriteRemoved(removed));
    Ok(true)
}

/// A page of a user's favorites, newest first, with prices and plays as of now.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut SqliteConnection,
    user_id: &str,
    window: Window,
) -> Result<Page<Favorite>, Failure> {
    let rows = sqlx::query(
        "SELECT beats.*, favorites.beat_id, favorites.added_ms, favorites.version AS made_by, \
         favorites.row AS place FROM favorites JOIN beats ON beats.id = favorites.beat_id \
         WHERE person_id = ? AND (added_ms, version, favorites.row) < (?, ?, ?) \
         ORDER BY added_ms DESC, version DESC, favorites.row DESC LIMIT ?",
    )
    .bind(user_id)
    .bind(window.after.at_ms)
    .bind(window.after.version)
    .bind(window.after.row)
    .bind(window.fetch())
    .fetch_all(conn)
    .await?;
    let read = rows.iter().map(|row| {
        let cursor = Cursor {
            at_ms: row.try_get("added_ms")?,
            version: row.try_get("made_by")?,
            row: row.try_get("place")?,
        };
        let favorite = Favorite {
            beat_id: row.try_get("beat_id")?,
            beat: beats::beat(row)?,
            added_at: Timestamp::from_unix_ms(cursor.at_ms),
        };
        Ok::<_, sqlx::Error>((favorite, cursor))
    });
    Ok(window.page(read.collect::<Result<_, _>>()?))
}

/// Beat ids of all favorites of a user, newest first.
///
/// # Errors
/// When the database fails.
pub async fn ids(conn: &mut SqliteConnection, user_id: &str) -> Result<Vec<String>, Failure> {
    Ok(sqlx::query_scalar(
        "SELECT beat_id FROM favorites WHERE person_id = ? ORDER BY added_ms DESC, version DESC, row DESC",
    )
    .bind(user_id)
    .fetch_all(conn)
    .await?)
}
