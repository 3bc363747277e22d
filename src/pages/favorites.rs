//! The user's favorites.

use std::rc::Rc;

use dashboard_model::Favorites;
use yew::prelude::*;

use super::list_page::use_list_page;
use super::page_link::PageLink;
use super::requested_row::use_way_to_download;
use super::route::Route;
use crate::components::{Icon, empty_state, use_beat_actions};
use crate::text;

/// Placeholder rows for the list during its first fetch.
const SKELETON_ROWS: u8 = 10;

/// Shows the favorites, newest first.
#[component]
pub(super) fn FavoritesPage() -> Html {
    let favorites = use_list_page::<Favorites>(text::FAVORITES);
    let on_made = use_way_to_download();
    let actions = use_beat_actions(on_made);
    favorites.page("favorites", text::FAVORITES, SKELETON_ROWS, |list| {
        if list.rows.is_empty() {
            let next = html! { <PageLink to={Route::OVERVIEW}>{ text::BROWSE_CATALOG }</PageLink> };
            return empty_state(Icon::Heart, text::NO_FAVORITES, next);
        }
        favorites.records(list, "favorites-panel", text::FAVORITES, |row| {
            actions.row(&Rc::new(row.item.beat.clone()), row.is_pending())
        })
    })
}
