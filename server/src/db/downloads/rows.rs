//! The table of downloads.

use dashboard_model::{Download, DownloadStatus};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use sync_protocol::Timestamp;

use crate::{
    db::{
        column_codec::{column, count, value, word},
        commit_builder::CommitBuilder,
        cursor::ListRow,
    },
    failure::Result,
    ids::UserId,
};

/// Writes a new download.
///
/// # Errors
/// When the database fails.
pub async fn insert(builder: &mut CommitBuilder<'_>, download: &Download) -> Result<()> {
    sqlx::query(
        "INSERT INTO downloads (person_id, id, beat_id, title, format, status, progress, created_ms, version) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(builder.user_id.as_str())
    .bind(&download.id)
    .bind(&download.beat_id)
    .bind(&download.title)
    .bind(word(&download.format))
    .bind(word(&download.status))
    .bind(download.progress)
    .bind(download.created_at.to_unix_ms().unwrap_or(builder.now_ms))
    .bind(column(builder.version))
    .execute(&mut *builder.conn)
    .await?;
    save(builder, download).await
}

/// Writes the status, the progress, the size and the expiry of a download.
///
/// # Errors
/// When the database fails.
pub(super) async fn save(builder: &mut CommitBuilder<'_>, download: &Download) -> Result<()> {
    let expires_ms = download.expires_at.as_ref().and_then(Timestamp::to_unix_ms);
    sqlx::query(
        "UPDATE downloads SET status = ?, progress = ?, size_bytes = ?, expires_ms = ? WHERE person_id = ? AND id = ?",
    )
    .bind(word(&download.status))
    .bind(download.progress)
    .bind(download.size_bytes.map(column))
    .bind(expires_ms)
    .bind(builder.user_id.as_str())
    .bind(&download.id)
    .execute(&mut *builder.conn)
    .await?;
    Ok(())
}

/// Finds a download of a user.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    id: &str,
) -> Result<Option<Download>> {
    let row = sqlx::query("SELECT * FROM downloads WHERE person_id = ? AND id = ?")
        .bind(user_id.as_str())
        .bind(id)
        .fetch_optional(&mut *conn)
        .await?;
    match row {
        Some(row) => Ok(Some(Download::read(conn, &row).await?)),
        None => Ok(None),
    }
}

impl ListRow for Download {
    const PAGE: &'static str = "SELECT created_ms, version, row, * FROM downloads \
        WHERE person_id = ? AND (created_ms, version, row) < (?, ?, ?) \
        ORDER BY created_ms DESC, version DESC, row DESC LIMIT ?";

    async fn read(_: &mut SqliteConnection, row: &SqliteRow) -> Result<Self> {
        let id: String = row.try_get("id")?;
        let status = value(row.try_get("status")?);
        Ok(Self {
            url: (status == DownloadStatus::Ready).then(|| url(&id)),
            id,
            beat_id: row.try_get("beat_id")?,
            title: row.try_get("title")?,
            format: value(row.try_get("format")?),
            status,
            progress: row.try_get("progress")?,
            size_bytes: row.try_get::<Option<_>, _>("size_bytes")?.map(count),
            created_at: Timestamp::from_unix_ms(row.try_get("created_ms")?),
            expires_at: row
                .try_get::<Option<_>, _>("expires_ms")?
                .map(Timestamp::from_unix_ms),
        })
    }
}

/// The address of a download's file.
pub(super) fn url(id: &str) -> String {
    format!("/api/downloads/{id}/file")
}
