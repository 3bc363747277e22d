//! The user's downloads.

use std::rc::Rc;

use dashboard_model::{Beat, Download, DownloadStatus, Downloads};
use sync_engine::view::RowView;
use sync_protocol::Timestamp;
use sync_web::address;
use yew::prelude::*;

use super::list_page::use_list_page;
use super::requested_row::RequestedRow;
use crate::components::{Ago, Button, Icon, Tone, action_message, cover, empty_state, status_chip};
use crate::format;
use crate::hooks::{
    UseOptimisticDownloadHandle, use_optimistic_download, use_realtime, use_server_clock,
};
use crate::text;

/// How often it is checked which files have expired, in milliseconds.
const EXPIRY_PERIOD_MS: u32 = 60_000;

/// Placeholder rows for the list during its first fetch.
const SKELETON_ROWS: u8 = 10;

/// Shows the downloads, newest first.
#[component]
pub(super) fn DownloadsPage() -> Html {
    let list = use_list_page::<Downloads>(text::DOWNLOADS);
    let downloads = use_optimistic_download();
    let realtime = use_realtime();
    let now_ms = use_server_clock(EXPIRY_PERIOD_MS);
    let api = &realtime.settings().api_base_url;
    list.page("downloads", text::DOWNLOADS, SKELETON_ROWS, |view| {
        if view.rows.is_empty() {
            return empty_state(Icon::Download, text::NO_DOWNLOADS, Html::default());
        }
        let row = |line: &RowView<Download>| {
            let file = File::of(&line.item, now_ms, api);
            row(line, &file, &downloads)
        };
        html! {
            <>
                { list.records(view, "downloads-panel", text::DOWNLOADS, row) }
                <RequestedRow list={list.query.data().cloned()} />
            </>
        }
    })
}

/// Whether a file can be had.
enum File {
    /// It is being prepared.
    InProgress,
    /// It is at this address.
    Ready(String),
    /// It was deleted, after its time.
    Expired,
    /// There is none.
    None,
}

impl File {
    fn of(item: &Download, now_ms: i64, api_base_url: &str) -> Self {
        let end_ms = item.expires_at.as_ref().and_then(Timestamp::to_unix_ms);
        match (item.status, &item.url) {
            (DownloadStatus::Queued | DownloadStatus::Preparing, _) => Self::InProgress,
            (DownloadStatus::Ready, _) if end_ms.is_some_and(|end_ms| end_ms <= now_ms) => {
                Self::Expired
            }
            (DownloadStatus::Ready, Some(url)) => Self::Ready(address::link(url, api_base_url)),
            _ => Self::None,
        }
    }
}

/// Draws a row: the file, its progress, and the link to it. It is focusable by its id, for users who follow a link to
/// it.
fn row(row: &RowView<Download>, file: &File, downloads: &UseOptimisticDownloadHandle) -> Html {
    let item = &row.item;
    let (status, tone) = status_of(item.status);
    let (words, tone) = match file {
        File::Expired => (text::EXPIRED, Tone::Neutral),
        _ => (text::download_status(item.status), tone),
    };
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
                if matches!(file, File::InProgress) {
                    <progress
                        class="download-row-progress"
                        max="100"
                        value={item.progress.to_string()}
                        aria-label={text::progress_name(&item.title)}
                    />
                }
                { status_chip(words, tone) }
            </div>
            <div class="download-row-actions">
                { action(item, file, downloads) }
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

/// What can be done with a file.
fn action(item: &Download, file: &File, downloads: &UseOptimisticDownloadHandle) -> Html {
    match file {
        File::InProgress => cancel(item, downloads),
        File::Ready(url) => html! {
            <a
                class="download-row-save"
                href={url.clone()}
                download=""
                aria-label={text::save_file_name(&item.title)}
            >
                { text::SAVE_FILE }
            </a>
        },
        File::Expired => get_again(item, downloads),
        File::None => Html::default(),
    }
}

/// The button that requests a file anew.
fn get_again(item: &Download, downloads: &UseOptimisticDownloadHandle) -> Html {
    let (downloads, format) = (downloads.clone(), item.format);
    let beat = Rc::new(Beat {
        id: item.beat_id.clone(),
        title: item.title.clone(),
        ..Beat::default()
    });
    html! {
        <Button
            label={text::GET_AGAIN}
            name={text::get_again_name(&item.title)}
            on_press={Callback::from(move |()| {
                downloads.request(&beat, format);
            })}
        />
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
