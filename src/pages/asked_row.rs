//! The way to a download that is being made, for who asks for it again.

use dashboard_model::views::DownloadsView;
use yew::prelude::*;
use yew_router::hooks::{use_location, use_navigator};

use super::route::{row_of, to_download};
use sync_web::page;

/// Leads to the row of a download.
#[hook]
pub(super) fn use_way_to_download() -> Callback<AttrValue> {
    let navigator = use_navigator();
    Callback::from(move |id: AttrValue| {
        if let Some(navigator) = &navigator {
            to_download(navigator, &id);
        }
    })
}

/// Moves the focus to the row that the address leads to, as soon as it is there.
#[hook]
pub(super) fn use_asked_row(list: Option<&DownloadsView>) {
    let location = use_location();
    let asked = location.as_ref().and_then(|at| row_of(at.query_str()));
    let is_there =
        |id: &&str| list.is_some_and(|list| list.rows.iter().any(|row| row.item.id == *id));
    let there = asked.filter(is_there).map(str::to_owned);
    use_effect_with(there, |there| {
        if let Some(id) = there {
            page::focus(id);
        }
    });
}
