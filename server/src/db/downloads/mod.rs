//! Files that a user asked for: licensed, within the month's quota, prepared in the background.

use dashboard_protocol::{
    ActivityKind, Change, Download, DownloadFormat, DownloadStatus, ProblemCode, Resource,
    Timestamp,
};

use super::{
    beats,
    commit_builder::{CommitBuilder, Note},
    orders,
};
use crate::{
    clock::{DAY_MS, month_start_ms},
    failure::Failure,
};

mod rows;

pub use rows::{find, insert, list};
use rows::{save, url};

/// How long a prepared file can be fetched.
pub const FILE_LIFE_MS: i64 = 7 * DAY_MS;

/// A download that is wished for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its id, made by the client.
    pub id: &'a str,
    /// Whose audio.
    pub beat_id: &'a str,
    /// In which format.
    pub format: DownloadFormat,
}

/// Asks for a file.
///
/// # Errors
/// `invalid`, `not_found`, `not_licensed` or `quota_exceeded`, as the protocol says.
pub async fn request(
    builder: &mut CommitBuilder<'_>,
    mutation: Option<&str>,
    wanted: Wanted<'_>,
) -> Result<Resource, Failure> {
    let user_id = builder.user_id.clone();
    if wanted.format == DownloadFormat::Unknown {
        return Err(Failure::because(ProblemCode::Invalid, "unknown format"));
    }
    if find(builder.conn, &user_id, wanted.id).await?.is_some() {
        return Err(Failure::because(
            ProblemCode::Invalid,
            "this download id is already in use",
        ));
    }
    let Some(beat) = beats::find(builder.conn, wanted.beat_id).await? else {
        return Err(Failure::because(
            ProblemCode::NotFound,
            "this beat is not in the store",
        ));
    };
    if !orders::is_licensed(builder.conn, &user_id, wanted.beat_id).await? {
        return Err(ProblemCode::NotLicensed.into());
    }
    if quota_left(builder).await? <= 0 {
        return Err(ProblemCode::QuotaExceeded.into());
    }
    let download = Download {
        id: wanted.id.to_owned(),
        beat_id: wanted.beat_id.to_owned(),
        title: beat.title,
        format: wanted.format,
        status: DownloadStatus::Queued,
        created_at: Timestamp::from_unix_ms(builder.now_ms),
        ..Download::default()
    };
    create(builder, mutation, download).await?;
    Ok(Resource::Downloads)
}

/// Writes a new download whose rules have been checked, and notes it.
///
/// # Errors
/// When the database fails.
pub async fn create(
    builder: &mut CommitBuilder<'_>,
    mutation: Option<&str>,
    download: Download,
) -> Result<(), Failure> {
    insert(builder, &download).await?;
    log(builder, ActivityKind::DownloadRequested, mutation, &download).await?;
    builder.change(
        Resource::Downloads,
        Change::DownloadRequested(Box::new(download)),
    );
    Ok(())
}

async fn quota_left(builder: &mut CommitBuilder<'_>) -> Result<i64, Failure> {
    Ok(sqlx::query_scalar(
        "SELECT download_limit - (SELECT count(*) FROM downloads WHERE person_id = ?1 AND created_ms >= ?2 \
         AND status NOT IN ('failed', 'cancelled')) FROM people WHERE id = ?1",
    )
    .bind(&builder.user_id)
    .bind(month_start_ms(builder.now_ms))
    .fetch_one(&mut *builder.conn)
    .await?)
}

/// Takes a download back before it is ready; nothing changes if it is taken back already.
///
/// # Errors
/// `not_found`, or `not_cancellable` once it is ready or has failed.
pub async fn cancel(
    builder: &mut CommitBuilder<'_>,
    mutation: Option<&str>,
    id: &str,
) -> Result<Resource, Failure> {
    let Some(mut download) = find(builder.conn, &builder.user_id, id).await? else {
        return Err(Failure::because(
            ProblemCode::NotFound,
            "this download does not exist",
        ));
    };
    match download.status {
        DownloadStatus::Cancelled => {}
        DownloadStatus::Queued | DownloadStatus::Preparing => {
            download.status = DownloadStatus::Cancelled;
            save(builder, &download).await?;
            log(builder, ActivityKind::DownloadCancelled, mutation, &download).await?;
            builder.change(
                Resource::Downloads,
                Change::DownloadCancelled(Box::new(download)),
            );
        }
        DownloadStatus::Ready | DownloadStatus::Failed | DownloadStatus::Unknown => {
            return Err(ProblemCode::NotCancellable.into());
        }
    }
    Ok(Resource::Downloads)
}

/// How the preparation of a file goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// So many percent are done.
    Progress(u8),
    /// The file is there, so many bytes long.
    Ready(u64),
    /// The file cannot be made.
    Failed,
}

/// Notes how the preparation goes on. Returns false, and changes nothing, if nobody waits for the file any more.
///
/// # Errors
/// When the database fails.
pub async fn advance(builder: &mut CommitBuilder<'_>, id: &str, step: Step) -> Result<bool, Failure> {
    let Some(mut download) = find(builder.conn, &builder.user_id, id).await? else {
        return Ok(false);
    };
    if !matches!(
        download.status,
        DownloadStatus::Queued | DownloadStatus::Preparing
    ) {
        return Ok(false);
    }
    let (note, change): (_, fn(Box<Download>) -> Change) = match step {
        Step::Progress(percent) => {
            download.status = DownloadStatus::Preparing;
            download.progress = download.progress.max(percent.min(99));
            (None, Change::DownloadProgress)
        }
        Step::Ready(size_bytes) => {
            make_ready(&mut download, size_bytes, builder.now_ms);
            (
                Some(ActivityKind::DownloadCompleted),
                Change::DownloadCompleted,
            )
        }
        Step::Failed => {
            download.status = DownloadStatus::Failed;
            (Some(ActivityKind::DownloadFailed), Change::DownloadFailed)
        }
    };
    save(builder, &download).await?;
    if let Some(kind) = note {
        log(builder, kind, None, &download).await?;
    }
    builder.change(Resource::Downloads, change(Box::new(download)));
    Ok(true)
}

/// Gives a download what a prepared file has.
pub fn make_ready(download: &mut Download, size_bytes: u64, now_ms: i64) {
    download.status = DownloadStatus::Ready;
    download.progress = 100;
    download.size_bytes = Some(size_bytes);
    download.expires_at = Some(Timestamp::from_unix_ms(now_ms + FILE_LIFE_MS));
    download.url = Some(url(&download.id));
}

async fn log(
    builder: &mut CommitBuilder<'_>,
    kind: ActivityKind,
    mutation: Option<&str>,
    download: &Download,
) -> Result<(), Failure> {
    let note = Note {
        beat_id: Some(download.beat_id.clone()),
        title: Some(download.title.clone()),
        download_id: Some(download.id.clone()),
        ..Note::of(kind, mutation)
    };
    builder.log(note).await
}
