//! The files that a user requested.

use serde::{Deserialize, Serialize};
use sync_engine::scheduler::Priority;
use sync_engine::schema::{Collection, Mutation, MutationRef, MutationRole, Row, RowsMut};
use sync_engine::state::{OptimisticRows, Prediction, Reader};
use sync_protocol::Timestamp;

use crate::activity::{self, ActivityKind, ActivityLog};
use crate::{Activity, Resource, SeenBeats, kind, stats};

/// File format of a download.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadFormat {
    /// MPEG layer 3.
    #[default]
    Mp3,
    /// Uncompressed PCM in a RIFF file.
    Wav,
    /// Losslessly compressed.
    Flac,
    /// A format that this build does not know.
    #[serde(other)]
    Unknown,
}

/// The status of a download.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadStatus {
    /// Requested.
    #[default]
    Queued,
    /// The file is being prepared.
    Preparing,
    /// The file can be downloaded.
    Ready,
    /// The file could not be prepared.
    Failed,
    /// Cancelled.
    Cancelled,
    /// A status that this build does not know.
    #[serde(other)]
    Unknown,
}

impl DownloadStatus {
    /// Whether the file is still being prepared, so that the server lets the download be cancelled.
    #[must_use]
    pub const fn is_in_progress(self) -> bool {
        matches!(self, Self::Queued | Self::Preparing)
    }
}

/// A file that a user requested. The client creates its id.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Download {
    /// UUID created by the client.
    pub id: String,
    /// The beat whose audio it contains.
    pub beat_id: String,
    /// The beat's title.
    pub title: String,
    /// File format.
    pub format: DownloadFormat,
    /// Its status.
    pub status: DownloadStatus,
    /// Percent prepared, 0 to 100; never decreases.
    #[serde(default)]
    pub progress: u8,
    /// Size of the file, in bytes, once known.
    pub size_bytes: Option<u64>,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When the file is deleted, once it is ready.
    pub expires_at: Option<Timestamp>,
    /// The address of the file, once it is ready.
    pub url: Option<String>,
}

impl Row for Download {
    fn id(&self) -> &str {
        &self.id
    }

    fn at(&self) -> &Timestamp {
        &self.created_at
    }

    fn reconcile(&self, known: &Self) -> Option<Self> {
        let goes_back = self.status == DownloadStatus::Preparing && self.progress < known.progress;
        goes_back.then(|| Self {
            progress: known.progress,
            ..self.clone()
        })
    }
}

/// A change of the downloads.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum DownloadChange {
    /// A download was requested.
    #[serde(rename = "download_requested")]
    Requested(Box<Download>),
    /// A download has progressed.
    #[serde(rename = "download_progress")]
    Progress(Box<Download>),
    /// A download is ready.
    #[serde(rename = "download_completed")]
    Completed(Box<Download>),
    /// A download failed.
    #[serde(rename = "download_failed")]
    Failed(Box<Download>),
    /// A download was cancelled.
    #[serde(rename = "download_cancelled")]
    Cancelled(Box<Download>),
}

impl DownloadChange {
    /// Its type on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Requested(_) => kind::DOWNLOAD_REQUESTED,
            Self::Progress(_) => kind::DOWNLOAD_PROGRESS,
            Self::Completed(_) => kind::DOWNLOAD_COMPLETED,
            Self::Failed(_) => kind::DOWNLOAD_FAILED,
            Self::Cancelled(_) => kind::DOWNLOAD_CANCELLED,
        }
    }

    const fn download(&self) -> &Download {
        match self {
            Self::Requested(download)
            | Self::Progress(download)
            | Self::Completed(download)
            | Self::Failed(download)
            | Self::Cancelled(download) => download,
        }
    }
}

/// The downloads, newest first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Downloads;

impl Collection for Downloads {
    const NAME: &'static str = Resource::Downloads.as_str();
    type Row = Download;
    type Change = DownloadChange;

    fn apply(rows: &mut RowsMut<'_, Download>, change: &DownloadChange) {
        rows.put(change.download().clone());
    }

    fn priority(change: &DownloadChange) -> Priority {
        match change {
            DownloadChange::Failed(_) => Priority::Critical,
            _ => Self::PRIORITY,
        }
    }

    fn change_between(
        before: Option<&Download>,
        after: Option<&Download>,
    ) -> Option<(&'static str, DownloadChange)> {
        let after = after?;
        let was = before.map(|before| before.status);
        let download = Box::new(after.clone());
        let change = match after.status {
            DownloadStatus::Preparing if was.is_some() => DownloadChange::Progress(download),
            status if was == Some(status) => return None,
            DownloadStatus::Queued | DownloadStatus::Preparing => {
                DownloadChange::Requested(download)
            }
            DownloadStatus::Ready => DownloadChange::Completed(download),
            DownloadStatus::Failed => DownloadChange::Failed(download),
            DownloadStatus::Cancelled => DownloadChange::Cancelled(download),
            DownloadStatus::Unknown => return None,
        };
        Some((change.kind(), change))
    }

    fn replaces(change: &DownloadChange) -> Option<&str> {
        let is_request = matches!(change, DownloadChange::Requested(_));
        (!is_request).then(|| change.download().id.as_str())
    }

    fn is_transient(change: &DownloadChange) -> bool {
        matches!(change, DownloadChange::Progress(_))
    }
}

/// Resources that a download affects.
const AFFECTS: &[&str] = &[
    Resource::Downloads.as_str(),
    Resource::Activity.as_str(),
    Resource::Stats.as_str(),
];

/// Request a file of a beat.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RequestDownload {
    /// UUID created by the client.
    pub download_id: String,
    /// Which beat.
    pub beat_id: String,
    /// In which format.
    pub format: DownloadFormat,
}

impl RequestDownload {
    /// The active download of the same file, if any.
    #[must_use]
    pub fn in_progress(&self, reader: &Reader<'_>) -> Option<String> {
        let mut shown = reader.shown::<Downloads>();
        let same = shown.find(|row| {
            row.status.is_in_progress() && row.beat_id == self.beat_id && row.format == self.format
        });
        same.map(|row| row.id.clone())
    }
}

impl Mutation for RequestDownload {
    const KIND: &'static str = "request_download";
    const AFFECTS: &'static [&'static str] = AFFECTS;
    const ROLE: MutationRole = MutationRole::Create;
    const ASSUMED_DELTA: i32 = 1;

    fn entity(&self) -> &str {
        &self.download_id
    }

    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        let seen: SeenBeats = rows.context().unwrap_or_default();
        if let Some(title) = seen.title_of(&self.beat_id, &rows.reader()) {
            let row = Download {
                id: self.download_id.clone(),
                beat_id: self.beat_id.clone(),
                title,
                format: self.format,
                status: DownloadStatus::Queued,
                created_at: rows.at().clone(),
                ..Download::default()
            };
            log(&row, ActivityKind::DownloadRequested, rows);
            rows.add::<Downloads>(row);
        }
    }

    fn predict(&self, prediction: &mut Prediction<'_>) {
        if let Some(mut downloads) = prediction.rows::<Downloads>() {
            // A fetch may return the row before this mutation is known to be accepted.
            let is_new = downloads.get(&self.download_id).is_none();
            downloads.create(&self.download_id);
            downloads.set_delta(i32::from(is_new));
        }
        activity::predict(prediction);
        let at = prediction.at();
        stats::predict(prediction, |stats, _, _| {
            stats.downloads = stats.downloads.saturating_add(1);
            stats.quota.used = stats.quota.used.saturating_add(1);
            stats.this_month.downloads = stats.this_month.downloads.saturating_add(1);
            if let Some(day) = stats.day_mut(at) {
                day.downloads = day.downloads.saturating_add(1);
            }
        });
    }

    fn inverse(&self) -> Option<MutationRef> {
        let inverse = CancelDownload {
            download_id: self.download_id.clone(),
        };
        Some(MutationRef::new(inverse))
    }

    fn duplicate_of(&self, reader: &Reader<'_>) -> Option<String> {
        self.in_progress(reader)
    }

    fn subject(&self, reader: &Reader<'_>) -> Option<String> {
        reader.prepared::<Downloads>().map(|row| row.title.clone())
    }
}

/// Cancel a download before it is ready.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CancelDownload {
    /// Which download.
    pub download_id: String,
}

impl Mutation for CancelDownload {
    const KIND: &'static str = "cancel_download";
    const AFFECTS: &'static [&'static str] = AFFECTS;
    const ROLE: MutationRole = MutationRole::End;

    fn entity(&self) -> &str {
        &self.download_id
    }

    fn prepare(&self, rows: &mut OptimisticRows<'_>) {
        if let Some(row) = rows.reader().find::<Downloads>(&self.download_id) {
            log(row, ActivityKind::DownloadCancelled, rows);
        }
    }

    fn predict(&self, prediction: &mut Prediction<'_>) {
        let at = prediction.at();
        if let Some(mut downloads) = prediction.rows::<Downloads>() {
            downloads.set_delta(0);
            if let Some(row) = downloads.get(&self.download_id) {
                if row.status.is_in_progress() {
                    downloads.set_delta(-i32::from(same_month(&row.created_at, at)));
                    downloads.replace(Download {
                        status: DownloadStatus::Cancelled,
                        ..(*row).clone()
                    });
                } else if row.status != DownloadStatus::Cancelled {
                    downloads.conflict();
                }
            }
        }
        activity::predict(prediction);
        stats::predict(prediction, |stats, _, delta| {
            stats.quota.used = stats.quota.used.saturating_add_signed(delta);
        });
    }

    fn subject(&self, reader: &Reader<'_>) -> Option<String> {
        let row = reader.find::<Downloads>(&self.download_id)?;
        Some(row.title.clone())
    }
}

/// Prepares the activity row of a mutation about a download.
fn log(row: &Download, kind: ActivityKind, rows: &mut OptimisticRows<'_>) {
    let logged = Activity {
        beat_id: Some(row.beat_id.clone()),
        title: Some(row.title.clone()),
        download_id: Some(row.id.clone()),
        ..activity::optimistic(rows, kind)
    };
    rows.add::<ActivityLog>(logged);
}

/// Whether two timestamps are in the same month (UTC), the period of a quota.
fn same_month(a: &Timestamp, b: &Timestamp) -> bool {
    a.as_str().get(..7) == b.as_str().get(..7)
}
