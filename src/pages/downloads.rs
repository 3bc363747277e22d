//! The user's downloads.

use dashboard_model::{Download, DownloadStatus, Downloads};
use sync_engine::view::RowView;
use yew::prelude::*;

use super::list_page::use_list_page;
use super::requested_row::use_requested_row;
use crate::components::{Ago, Button, Icon, Tone, action_message, cover, empty_state, status_chip};
use crate::format;
use crate::hooks::{UseOptimisticDownloadHandle, use_optimistic_download};
use crate::text;

/// Placeholder rows for the list during its first fetch.
const SKELETON_ROWS: u8 = 10;

/// Shows the downloads, newest first.
#[component]
pub(super) fn DownloadsPage() -> Html {
    let list = use_list_page::<Downloads>(text::DOWNLOADS);
    use_requested_row(list.query.data().map(|list| &**list));
    let downloads = use_optimistic_download();
    list.page("downloads", text::DOWNLOADS, SKELETON_ROWS, |view| {
        if view.rows.is_empty() {
            return empty_state(Icon::Download, text::NO_DOWNLOADS, Html::default());
        }
        let row = |line: &RowView<Download>| row(line, &downloads);
        list.records(view, "downloads-panel", text::DOWNLOADS, row)
    })
}

/// Draws a row: the file, its progress, and the link to it. It is focusable by its id, for users who follow a link to
/// it.
fn row(row: &RowView<Download>, downloads: &UseOptimisticDownloadHandle) -> Html {
    let item = &row.item;
    let (status, tone) = status_of(item.status);
    let is_preparing = matches!(
        item.status,
        DownloadStatus::Queued | DownloadStatus::Preparing
    );
    let url = item
        .url
        .clone()
        .filter(|_| item.status == DownloadStatus::Ready);
    let message = action_message(
        downloads.updates(),
        downloads.failure_of(&item.id),
        downloads.pending_of(&item.id),
    );
    html! {
        <li
            key={item.id.clone()}
            class="download-row"
            id={item.id.clone()}
            tabindex="-1"
            data-id={item.id.clone()}
            data-status={status}
            data-pending={row.is_pending().then_some("true")}
        >
            { cover(&item.beat_id) }
            <div>
                <p class="download-row-title">{ &item.title }</p>
                <div class="download-row-second"><p>{ about(item) }</p>{ message }</div>
            </div>
            <div class="download-row-state">
                if is_preparing {
                    <progress
                        class="download-row-progress"
                        max="100"
                        value={item.progress.to_string()}
                        aria-label={text::progress_name(&item.title)}
                    />
                }
                { status_chip(text::download_status(item.status), tone) }
            </div>
            <div class="download-row-actions">
                if let Some(url) = url {
                    <a
                        class="download-row-save"
                        href={url}
                        download=""
                        aria-label={text::save_file_name(&item.title)}
                    >
                        { text::SAVE_FILE }
                    </a>
                }
                if is_preparing {
                    { cancel(item, downloads) }
                }
            </div>
        </li>
    }
}

/// Format, size and age: the second line.
fn about(item: &Download) -> Html {
    let size = item
        .size_bytes
        .map(|bytes| html! { <>{ format::file_size(bytes) }{ " · " }</> });
    html! {
        <>
            { text::format_name(item.format) }{ " · " }
            { size.unwrap_or_default() }
            <Ago at={item.created_at.clone()} />
        </>
    }
}

/// The button that cancels a download.
fn cancel(item: &Download, downloads: &UseOptimisticDownloadHandle) -> Html {
    let (downloads, id) = (downloads.clone(), item.id.clone());
    html! {
        <Button
            label={text::CANCEL}
            name={text::cancel_download_name(&item.title)}
            on_press={Callback::from(move |()| downloads.cancel(&id))}
        />
    }
}

/// A status on the wire, and its tone.
const fn status_of(status: DownloadStatus) -> (&'static str, Tone) {
    match status {
        DownloadStatus::Queued => ("queued", Tone::Info),
        DownloadStatus::Preparing => ("preparing", Tone::Info),
        DownloadStatus::Ready => ("ready", Tone::Good),
        DownloadStatus::Failed => ("failed", Tone::Bad),
        DownloadStatus::Cancelled => ("cancelled", Tone::Neutral),
        DownloadStatus::Unknown => ("unknown", Tone::Neutral),
    }
}
