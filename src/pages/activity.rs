//! The account's activity: the newest rows beside the catalog, all rows on their own page.

use std::rc::Rc;

use dashboard_model::Activity;
use dashboard_model::ActivityKind;
use dashboard_model::ActivityLog;
use dashboard_model::views::ActivityView;
use sync_engine::view::RowView;
use yew::prelude::*;

use super::page_link::PageLink;
use super::query_body::{foot, query_body, use_recovery};
use super::route::Route;
use super::title::use_title;
use crate::components::{ActivityRow, Ago, DataAge, EmptyState, Icon, ListFoot, Panel, RecordList};
use crate::hooks::{use_begins_above, use_collection};
use crate::text::{self, EmptyList};

/// Rows beside the catalog.
const RECENT_ROWS: usize = 8;

/// Placeholder rows for the list during its first fetch.
const SKELETON_ROWS: u8 = 12;

/// Shows all activity, newest first.
#[component]
pub(super) fn ActivityPage() -> Html {
    use_title(text::ACTIVITY);
    let query = use_collection::<ActivityLog>();
    let on_recover = use_recovery();
    let is_above = use_begins_above("activity-panel");
    let on_more = {
        let query = query.clone();
        Callback::from(move |()| query.load_older())
    };
    html! {
        <>
            <div class="page-head"><h1>{ text::ACTIVITY }</h1><DataAge /></div>
            <Panel id="activity" title={text::ACTIVITY} compact=true>
                { query_body(&query, text::ACTIVITY, SKELETON_ROWS, &on_recover, |list| {
                    rows(&list.rows, is_above.get(), foot(list.has_older, list.loading_older), on_more)
                }) }
            </Panel>
        </>
    }
}

/// Shows the newest activity, with a link to all of it.
#[component]
pub(super) fn RecentActivity() -> Html {
    let query = use_collection::<ActivityLog>();
    let on_recover = use_recovery();
    let is_above = use_begins_above("recent-activity-panel");
    let tools = html! { <PageLink to={Route::Activity}>{ text::ALL_ACTIVITY }</PageLink> };
    html! {
        <Panel id="recent-activity" title={text::RECENT_ACTIVITY} {tools}>
            { query_body(&query, text::ACTIVITY, RECENT_ROWS as u8, &on_recover, |list: &ActivityView| {
                let newest = &list.rows[..list.rows.len().min(RECENT_ROWS)];
                rows(newest, is_above.get(), ListFoot::End, Callback::noop())
            }) }
        </Panel>
    }
}

fn rows(rows: &[RowView<Activity>], still: bool, foot: ListFoot, on_more: Callback<()>) -> Html {
    if rows.is_empty() {
        let (title, hint) = text::empty(EmptyList::Activity);
        return html! { <EmptyState icon={Icon::Pulse} {title} {hint} /> };
    }
    let ids: Rc<[AttrValue]> = rows.iter().map(|row| row.item.id.clone().into()).collect();
    html! {
        <RecordList label={text::ACTIVITY} {ids} {still} {foot} more={text::SHOW_OLDER} {on_more}>
            { for rows.iter().map(row) }
        </RecordList>
    }
}

fn row(row: &RowView<Activity>) -> Html {
    let item = &row.item;
    html! {
        <ActivityRow
            key={item.id.clone()}
            id={item.id.clone()}
            icon={icon(item.kind)}
            sentence={text::activity(item.kind, item.title.as_deref(), item.order_status)}
            at={html! { <Ago at={item.at.clone()} /> }}
            pending={row.is_pending()}
        />
    }
}

const fn icon(kind: ActivityKind) -> Icon {
    match kind {
        ActivityKind::FavoriteAdded | ActivityKind::FavoriteRemoved => Icon::Heart,
        ActivityKind::OrderCreated | ActivityKind::OrderUpdated => Icon::Bag,
        ActivityKind::DownloadRequested
        | ActivityKind::DownloadCompleted
        | ActivityKind::DownloadCancelled => Icon::Download,
        ActivityKind::DownloadFailed => Icon::Notice,
        ActivityKind::SignedIn => Icon::Key,
        ActivityKind::Unknown => Icon::Pulse,
    }
}
