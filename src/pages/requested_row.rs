//! Leads a user who requests an active download again to its row.

use std::rc::Rc;

use dashboard_model::views::DownloadsView;
use yew::prelude::*;
use yew_router::hooks::{use_location, use_navigator};

use super::route::{row_of, to_download};
use sync_web::page;

/// Navigates to the row of a download.
#[hook]
pub(super) fn use_way_to_download() -> Callback<AttrValue> {
    let navigator = use_navigator();
    Callback::from(move |id: AttrValue| {
        if let Some(navigator) = &navigator {
            to_download(navigator, &id);
        }
    })
}

/// Properties of [`RequestedRow`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct RequestedRowProps {
    /// The downloads that are there.
    pub(super) list: Option<Rc<DownloadsView>>,
}

/// Moves the focus to the row that the address names, as soon as it exists. A component of its own, since it renders
/// whenever the address changes.
#[component]
pub(super) fn RequestedRow(props: &RequestedRowProps) -> Html {
    let location = use_location();
    let requested = location.as_ref().and_then(|at| row_of(at.query_str()));
    let list = props.list.as_ref();
    let is_there =
        |id: &&str| list.is_some_and(|list| list.rows.iter().any(|row| row.item.id == *id));
    let row_id = requested.filter(is_there).map(str::to_owned);
    use_effect_with(row_id, |row_id| {
        if let Some(id) = row_id {
            page::focus(id);
        }
    });
    Html::default()
}
