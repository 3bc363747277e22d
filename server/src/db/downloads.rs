//! The files that a user requests. A download needs a license and a place in the month's quota; a worker prepares it.

use dashboard_model::{
    Activity, ActivityKind, Change, Download, DownloadChange, DownloadStatus, RequestDownload,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use sync_protocol::{ProblemCode, Timestamp};

use super::{
    beats,
    column_codec::{column, count, value, word},
    commit_builder::CommitBuilder,
    cursor::{self, ListRow},
    orders,
};
use crate::{
    audio,
    clock::{DAY_MS, month_start_ms},
    failure::{Failure, Result},
    ids::UserId,
};

/// How long a prepared file is available.
pub const FILE_LIFE_MS: i64 = 7 * DAY_MS;

/// Requests a file.
///
/// # Errors
/// `invalid`, `not_found`, `not_licensed` or `quota_exceeded`.
pub async fn request(builder: &mut CommitBuilder<'_>, input: RequestDownload) -> Result<()> {
    if !audio::is_supported(input.format) {
        return Err(Failure::invalid("unknown format"));
    }
    let known = find(builder.conn, &builder.user_id, &input.download_id).await?;
    if known.is_some() {
        return Err(Failure::invalid("this download id is already in use"));
    }
    let beat = beats::get(builder.conn, &input.beat_id).await?;
    if !orders::is_licensed(builder, &input.beat_id).await? {
        return Err(ProblemCode::NotLicensed.into());
    }
    if quota_left(builder).await? <= 0 {
        return Err(ProblemCode::QuotaExceeded.into());
    }
    let download = Download {
        id: input.download_id,
        beat_id: input.beat_id,
        title: beat.title,
        format: input.format,
        status: DownloadStatus::Queued,
        created_at: Timestamp::from_unix_ms(builder.now_ms),
        ..Download::default()
    };
    create(builder, download).await
}

/// Writes a new download and records the change. The caller has checked the rules.
///
/// # Errors
/// When the database fails.
pub async fn create(builder: &mut CommitBuilder<'_>, download: Download) -> Result<()> {
    insert(builder, &download).await?;
    let requested = activity(ActivityKind::DownloadRequested, &download);
    builder.log(requested).await?;
    builder.change(Change::download_requested(download));
    Ok(())
}

async fn quota_left(builder: &mut CommitBuilder<'_>) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT download_limit - (SELECT coalesce(sum(quota), 0) FROM stats_days WHERE person_id = ?1 AND day >= ?2) \
         FROM people WHERE id = ?1",
    )
    .bind(builder.user_id.as_str())
    .bind(month_start_ms(builder.now_ms).div_euclid(DAY_MS))
    .fetch_one(&mut *builder.conn)
    .await?)
}

/// Cancels a download that is not ready. Changes nothing if it is already cancelled.
///
/// # Errors
/// `not_found`, or `not_cancellable` if it is ready or has failed.
pub async fn cancel(builder: &mut CommitBuilder<'_>, id: &str) -> Result<()> {
    let Some(mut download) = find(builder.conn, &builder.user_id, id).await? else {
        return Err(Failure::not_found("this download does not exist"));
    };
    if download.status == DownloadStatus::Cancelled {
        return Ok(());
    }
    if !download.status.is_in_progress() {
        return Err(ProblemCode::NotCancellable.into());
    }
    download.status = DownloadStatus::Cancelled;
    save(builder, &download).await?;
    let cancelled = activity(ActivityKind::DownloadCancelled, &download);
    builder.log(cancelled).await?;
    let change = DownloadChange::Cancelled(Box::new(download));
    builder.change(Change::Download(change));
    Ok(())
}

/// A step of the preparation of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The file is done to this share, in percent.
    Progress(u8),
    /// The file is ready and has this size, in bytes.
    Ready(u64),
    /// The preparation has failed.
    Failed,
}

/// Records a step of the preparation. Returns false, and changes nothing, if the download is no longer in progress.
///
/// # Errors
/// When the database fails.
pub async fn advance(builder: &mut CommitBuilder<'_>, id: &str, step: Step) -> Result<bool> {
    let Some(mut download) = find(builder.conn, &builder.user_id, id).await? else {
        return Ok(false);
    };
    if !download.status.is_in_progress() {
        return Ok(false);
    }
    let (logged, change): (_, fn(Box<Download>) -> DownloadChange) = match step {
        Step::Progress(percent) => {
            download.status = DownloadStatus::Preparing;
            download.progress = download.progress.max(percent.min(99));
            (None, DownloadChange::Progress)
        }
        Step::Ready(size_bytes) => {
            make_ready(&mut download, size_bytes, builder.now_ms);
            (
                Some(ActivityKind::DownloadCompleted),
                DownloadChange::Completed,
            )
        }
        Step::Failed => {
            download.status = DownloadStatus::Failed;
            (Some(ActivityKind::DownloadFailed), DownloadChange::Failed)
        }
    };
    save(builder, &download).await?;
    if let Some(kind) = logged {
        builder.log(activity(kind, &download)).await?;
    }
    builder.change(Change::Download(change(Box::new(download))));
    Ok(true)
}

/// Marks a download as ready.
pub fn make_ready(download: &mut Download, size_bytes: u64, now_ms: i64) {
    download.status = DownloadStatus::Ready;
    download.progress = 100;
    download.size_bytes = Some(size_bytes);
    download.expires_at = Some(Timestamp::from_unix_ms(now_ms + FILE_LIFE_MS));
    download.url = Some(url(&download.id));
}

/// The activity row of a download.
#[must_use]
pub fn activity(kind: ActivityKind, download: &Download) -> Activity {
    Activity {
        kind,
        beat_id: Some(download.beat_id.clone()),
        title: Some(download.title.clone()),
        download_id: Some(download.id.clone()),
        ..Activity::default()
    }
}

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
async fn save(builder: &mut CommitBuilder<'_>, download: &Download) -> Result<()> {
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
    let query = "SELECT * FROM downloads WHERE person_id = ? AND id = ?";
    cursor::find(conn, query, user_id, id).await
}

impl ListRow for Download {
    const PAGE: &'static str = "SELECT created_ms, version, row, * FROM downloads \
        WHERE person_id = ? AND (created_ms, version, row) < (?, ?, ?) \
        ORDER BY created_ms DESC, version DESC, row DESC LIMIT +?";

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
fn url(id: &str) -> String {
    format!("/api/downloads/{id}/file")
}
