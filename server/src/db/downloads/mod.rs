//! The files that a user requests. A download needs a license and a place in the month's quota; a worker prepares it.

use dashboard_model::{
    Activity, ActivityKind, Change, Download, DownloadChange, DownloadFormat, DownloadStatus,
    RequestDownload,
};
use sync_protocol::{ProblemCode, Timestamp};

use super::{beats, commit_builder::CommitBuilder, orders};
use crate::{
    clock::{DAY_MS, month_start_ms},
    failure::{Failure, Result},
};

mod rows;

pub use rows::{find, insert};
use rows::{save, url};

/// How long a prepared file is available.
pub const FILE_LIFE_MS: i64 = 7 * DAY_MS;

/// Requests a file.
///
/// # Errors
/// `invalid`, `not_found`, `not_licensed` or `quota_exceeded`.
pub async fn request(builder: &mut CommitBuilder<'_>, input: RequestDownload) -> Result<()> {
    let user_id = builder.user_id.clone();
    if input.format == DownloadFormat::Unknown {
        return Err(Failure::invalid("unknown format"));
    }
    let known = find(builder.conn, &user_id, &input.download_id).await?;
    if known.is_some() {
        return Err(Failure::invalid("this download id is already in use"));
    }
    let beat = beats::get(builder.conn, &input.beat_id).await?;
    if !orders::is_licensed(builder.conn, &user_id, &input.beat_id).await? {
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
        "SELECT download_limit - (SELECT count(*) FROM downloads WHERE person_id = ?1 AND created_ms >= ?2 \
         AND status NOT IN ('failed', 'cancelled')) FROM people WHERE id = ?1",
    )
    .bind(builder.user_id.as_str())
    .bind(month_start_ms(builder.now_ms))
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
