//! The account's activity: the newest rows beside the catalog, all rows on their own page.

use dashboard_model::{Activity, ActivityKind, ActivityLog};
use sync_engine::view::RowView;
use yew::prelude::*;

use super::Tab;
use super::list_page::{ids, use_list, use_list_page};
use super::page_link::PageLink;
use super::route::Route;
use crate::components::{Ago, Icon, RecordList, empty_state, panel};
use crate::text;

/// Rows beside the catalog.
const RECENT_ROWS: usize = 8;

/// Placeholder rows for the list during its first fetch.
const SKELETON_ROWS: u8 = 12;

/// Shows all activity, newest first.
#[component]
pub(super) fn ActivityPage() -> Html {
    let activity = use_list_page::<ActivityLog>(text::ACTIVITY);
    activity.page("activity", text::ACTIVITY, SKELETON_ROWS, |list| {
        if list.rows.is_empty() {
            return no_activity();
        }
        activity.records(list, "activity-panel", text::ACTIVITY, row)
    })
}

/// Shows the newest activity, with a link to all of it.
#[component]
pub(super) fn RecentActivity() -> Html {
    let activity = use_list::<ActivityLog>();
    let tools =
        html! { <PageLink to={Route::Tab(Tab::Activity)}>{ text::ALL_ACTIVITY }</PageLink> };
    let body = activity.body(text::ACTIVITY, RECENT_ROWS as u8, |list| {
        if list.rows.is_empty() {
            return no_activity();
        }
        let newest = &list.rows[..list.rows.len().min(RECENT_ROWS)];
        html! {
            <RecordList label={text::ACTIVITY} panel="recent-activity-panel" ids={ids(newest)}>
                { for newest.iter().map(row) }
            </RecordList>
        }
    });
    panel("recent-activity", text::RECENT_ACTIVITY, tools, body)
}

fn no_activity() -> Html {
    empty_state(Icon::Pulse, text::NO_ACTIVITY, Html::default())
}

/// Draws a row: icon, sentence, timestamp.
fn row(row: &RowView<Activity>) -> Html {
    let item = &row.item;
    html! {
        <li
            key={item.id.clone()}
            class="activity-row"
            data-id={item.id.clone()}
            data-pending={row.is_pending().then_some("true")}
        >
            <span class={["activity-row-mark ", icon(item.kind).class()].concat()} />
            <div>
                <p class="activity-row-sentence">
                    { text::activity(item.kind, item.title.as_deref(), item.order_status) }
                </p>
                <Ago class="activity-row-at tabular" at={item.at.clone()} />
            </div>
        </li>
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
