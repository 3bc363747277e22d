//! The statistics at the top, live.

use dashboard_model::views::StatsView;
use yew::prelude::*;

use super::query_body::use_recovery;
use crate::components::{Stat, compact_panel, error_panel, stat_list};
use crate::format;
use crate::hooks::use_value;
use crate::text;

/// Shows the user's counts and spending. The tiles have their final size before the numbers are loaded.
#[component]
pub(super) fn Statistics() -> Html {
    let query = use_value::<dashboard_model::Statistics>();
    let on_recover = use_recovery();
    if let (None, Some(error)) = (query.data(), &query.view().error) {
        let body = error_panel(error.kind, false, &on_recover);
        return compact_panel("statistics", text::STATISTICS, body);
    }
    stat_list(&tiles(query.data().map(|data| &**data)))
}

fn tiles(view: Option<&StatsView>) -> [Stat; 4] {
    let stats = view.map(|view| &*view.data);
    let pending = view.is_some_and(|view| !view.mutations.is_empty());
    let tile = |term: &'static str, value: Option<AttrValue>, note: Option<String>| Stat {
        term: term.into(),
        value,
        note: note.map(AttrValue::from),
        pending,
    };
    [
        tile(
            text::FAVORITES,
            stats.map(|stats| format::integer(stats.favorites)),
            None,
        ),
        tile(
            text::ORDERS,
            stats.map(|stats| format::integer(stats.orders)),
            stats.map(|stats| text::this_month(&format::integer(stats.this_month.orders))),
        ),
        tile(
            text::DOWNLOADS,
            stats.map(|stats| format::integer(stats.downloads)),
            stats.map(|stats| {
                let quota = &stats.quota;
                text::quota(&format::integer(quota.used), &format::integer(quota.limit))
            }),
        ),
        tile(
            text::SPENT,
            stats.map(|stats| format::money(&stats.spent)),
            stats.map(|stats| text::this_month(&format::money(&stats.this_month.spent))),
        ),
    ]
}
