//! The downloads with the mutations on top.

use std::rc::Rc;

use dashboard_protocol::{Download, DownloadStatus, Resource, MutationBody};

use super::super::base::Base;
use super::super::log::Log;
use super::{Note, Overlay, RowState, list, showing};
use crate::view::DownloadsView;

/// Folds the downloads. Notes tell which mutations began or ceased to apply, or move the month's quota otherwise.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&DownloadsView>,
) -> (DownloadsView, Vec<Note>) {
    let mut overlay = Overlay::new();
    let mut notes = Vec::new();
    for (position, entry) in showing(log, Resource::Downloads) {
        let mut conflicted = false;
        let mut counted = entry.counted;
        match &entry.mutation.body {
            MutationBody::RequestDownload { download_id, .. } => {
                let known = base.downloads.find(download_id).is_some();
                // A read may bring it before it is known that this mutation made it.
                counted = i32::from(overlay.look(download_id, &base.downloads).is_none());
                let row_overlay = overlay.touch(download_id, entry);
                if !known && let Some(row) = &entry.optimistic_rows.download {
                    row_overlay.state = RowState::of(row);
                    row_overlay.position = position;
                }
            }
            MutationBody::CancelDownload { download_id } => {
                counted = 0;
                if let Some(row) = overlay.look(download_id, &base.downloads) {
                    conflicted = !can_cancel(row.status) && row.status != DownloadStatus::Cancelled;
                    if can_cancel(row.status) {
                        counted = -i32::from(same_month(&row, &entry.created.0));
                        let cancelled = Download {
                            status: DownloadStatus::Cancelled,
                            ..(*row).clone()
                        };
                        overlay.touch(download_id, entry).state = RowState::Shown(Rc::new(cancelled));
                    }
                }
            }
            MutationBody::SetFavorite { .. } | MutationBody::PlaceOrder { .. } | MutationBody::CancelOrder { .. } => {}
        }
        let note = Note {
            position,
            conflicted,
            counted,
        };
        notes.extend(note.updates(entry));
    }
    let rows = list(base, Resource::Downloads, &base.downloads, &overlay, former);
    (rows, notes)
}

/// Whether the server lets a download of this status be taken back.
const fn can_cancel(status: DownloadStatus) -> bool {
    matches!(status, DownloadStatus::Queued | DownloadStatus::Preparing)
}

/// Whether a download counts in the quota of the month (UTC) of a moment.
fn same_month(download: &Download, timestamp: &str) -> bool {
    download.created_at.0.get(..7) == timestamp.get(..7)
}
