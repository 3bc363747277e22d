//! The user's downloads.

use std::rc::Rc;

use dashboard_model::Download;
use dashboard_model::DownloadStatus;
use dashboard_model::Downloads;
use dashboard_model::views::DownloadsView;
use sync_engine::view::RowView;
use yew::prelude::*;

use super::query_body::{foot, query_body, use_recovery};
use super::requested_row::use_requested_row;
use super::title::use_title;
use crate::components::{
    Ago, Button, DataAge, DownloadRow, EmptyState, Icon, Panel, RecordList, Tone, action_message,
};
use crate::format;
use crate::hooks::{
    UseOptimisticDownloadHandle, use_begins_above, use_collection, use_optimistic_download,
};
use crate::text::{self, EmptyList};

/// Placeholder rows for the list during its first fetch.
const SKELETON_ROWS: u8 = 10;

/// Shows the downloads, newest first.
#[component]
pub(super) fn DownloadsPage() -> Html {
    use_title(text::DOWNLOADS);
    let query = use_collection::<Downloads>();
    let on_recover = use_recovery();
    let is_above = use_begins_above("downloads-panel");
    use_requested_row(query.data().map(|list| &**list));
    let downloads = use_optimistic_download();
    let on_more = {
        let query = query.clone();
        Callback::from(move |()| query.load_older())
    };
    html! {
        <>
            <div class="page-head"><h1>{ text::DOWNLOADS }</h1><DataAge /></div>
            <Panel id="downloads" title={text::DOWNLOADS} compact=true>
                { query_body(&query, text::DOWNLOADS, SKELETON_ROWS, &on_recover, |list| {
                    rows(list, &downloads, is_above.get(), on_more)
                }) }
            </Panel>
        </>
    }
}

fn rows(
    list: &DownloadsView,
    downloads: &UseOptimisticDownloadHandle,
    still: bool,
    on_more: Callback<()>,
) -> Html {
    if list.rows.is_empty() {
        let (title, hint) = text::empty(EmptyList::Downloads);
        return html! { <EmptyState icon={Icon::Download} {title} {hint} /> };
    }
    let ids: Rc<[AttrValue]> = list
        .rows
        .iter()
        .map(|row| row.item.id.clone().into())
        .collect();
    html! {
        <RecordList
            label={text::DOWNLOADS}
            {ids}
            {still}
            foot={foot(list.has_older, list.loading_older)}
            more={text::SHOW_OLDER}
            {on_more}
        >
            { for list.rows.iter().map(|line| row(line, downloads)) }
        </RecordList>
    }
}

fn row(row: &RowView<Download>, downloads: &UseOptimisticDownloadHandle) -> Html {
    let item = &row.item;
    let is_ready = item.status == DownloadStatus::Ready;
    let is_preparing = matches!(
        item.status,
        DownloadStatus::Queued | DownloadStatus::Preparing
    );
    let size = item
        .size_bytes
        .map(|bytes| html! { <>{ format::file_size(bytes) }{ " · " }</> });
    let about = html! {
        <>
            { text::format_name(item.format) }{ " · " }
            { size.unwrap_or_default() }
            <Ago at={item.created_at.clone()} />
        </>
    };
    html! {
        <DownloadRow
            key={item.id.clone()}
            id={item.id.clone()}
            beat_id={item.beat_id.clone()}
            title={item.title.clone()}
            {about}
            status={status_word(item.status)}
            status_label={text::download_status(item.status)}
            tone={tone(item.status)}
            progress={is_preparing.then_some(item.progress)}
            url={item.url.clone().filter(|_| is_ready).map(AttrValue::from)}
            pending={row.is_pending()}
            message={action_message(downloads.updates(), downloads.failure_of(&item.id), downloads.pending_of(&item.id))}
            actions={cancel(item, is_preparing, downloads)}
        />
    }
}

/// The button that cancels a download, as long as it is being prepared.
fn cancel(item: &Download, is_preparing: bool, downloads: &UseOptimisticDownloadHandle) -> Html {
    if !is_preparing {
        return Html::default();
    }
    let (downloads, id) = (downloads.clone(), item.id.clone());
    html! {
        <Button
            label={text::CANCEL}
            name={text::cancel_download_name(&item.title)}
            on_press={Callback::from(move |()| downloads.cancel(&id))}
        />
    }
}

const fn status_word(status: DownloadStatus) -> &'static str {
    match status {
        DownloadStatus::Queued => "queued",
        DownloadStatus::Preparing => "preparing",
        DownloadStatus::Ready => "ready",
        DownloadStatus::Failed => "failed",
        DownloadStatus::Cancelled => "cancelled",
        DownloadStatus::Unknown => "unknown",
    }
}

const fn tone(status: DownloadStatus) -> Tone {
    match status {
        DownloadStatus::Queued | DownloadStatus::Preparing => Tone::Info,
        DownloadStatus::Ready => Tone::Good,
        DownloadStatus::Failed => Tone::Bad,
        DownloadStatus::Cancelled | DownloadStatus::Unknown => Tone::Neutral,
    }
}
