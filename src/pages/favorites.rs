//! The user's favorites.

use std::rc::Rc;

use dashboard_model::Favorites;
use dashboard_model::views::FavoritesView;
use yew::prelude::*;

use super::page_link::PageLink;
use super::query_body::{foot, query_body, use_recovery};
use super::requested_row::use_way_to_download;
use super::route::Route;
use super::title::use_title;
use crate::components::{
    BeatItem, DataAge, EmptyState, Icon, Panel, RecordList, UseBeatActionsHandle, use_beat_actions,
};
use crate::hooks::{use_begins_above, use_collection};
use crate::text::{self, EmptyList};

/// Placeholder rows for the list during its first fetch.
const SKELETON_ROWS: u8 = 10;

/// Shows the favorites, newest first.
#[component]
pub(super) fn FavoritesPage() -> Html {
    use_title(text::FAVORITES);
    let query = use_collection::<Favorites>();
    let on_recover = use_recovery();
    let is_above = use_begins_above("favorites-panel");
    let on_made = use_way_to_download();
    let actions = use_beat_actions(on_made);
    let on_more = {
        let query = query.clone();
        Callback::from(move |()| query.load_older())
    };
    html! {
        <>
            <div class="page-head"><h1>{ text::FAVORITES }</h1><DataAge /></div>
            <Panel id="favorites" title={text::FAVORITES} compact=true>
                { query_body(&query, text::FAVORITES, SKELETON_ROWS, &on_recover, |view| {
                    rows(view, &actions, is_above.get(), on_more)
                }) }
            </Panel>
        </>
    }
}

fn rows(
    list: &FavoritesView,
    actions: &UseBeatActionsHandle,
    still: bool,
    on_more: Callback<()>,
) -> Html {
    if list.rows.is_empty() {
        return no_favorites();
    }
    let ids: Rc<[AttrValue]> = list
        .rows
        .iter()
        .map(|row| row.item.beat_id.clone().into())
        .collect();
    html! {
        <RecordList
            label={text::FAVORITES}
            {ids}
            {still}
            foot={foot(list.has_older, list.loading_older)}
            more={text::SHOW_OLDER}
            {on_more}
        >
            { for list.rows.iter().map(|row| html! {
                <BeatItem
                    key={row.item.beat_id.clone()}
                    beat={Rc::new(row.item.beat.clone())}
                    pending={row.is_pending()}
                    note={actions.note(&row.item.beat_id).cloned()}
                    is_offline={actions.is_offline()}
                    on_action={actions.on_action().clone()}
                />
            }) }
        </RecordList>
    }
}

/// Explains how to add favorites.
fn no_favorites() -> Html {
    let (title, hint) = text::empty(EmptyList::Favorites);
    html! {
        <EmptyState icon={Icon::Heart} {title} {hint}>
            <PageLink to={Route::Overview}>{ text::BROWSE_CATALOG }</PageLink>
        </EmptyState>
    }
}
