//! What the pages of one list have in common.

use std::rc::Rc;

use sync_engine::schema::{Collection, Row};
use sync_engine::view::{ErrorKind, ListView, RowView};
use yew::prelude::*;

use super::query_body::{foot, query_body, use_recovery};
use super::title::use_title;
use crate::components::{DataAge, RecordList, compact_panel, skeleton};
use crate::hooks::{UseQueryHandle, use_collection};
use crate::text;

/// A list of the user's data.
pub(super) struct UserList<T> {
    pub(super) query: UseQueryHandle<ListView<T>>,
    on_recover: Callback<ErrorKind>,
    pub(super) on_more: Callback<()>,
}

/// The list that is the page of this title.
#[hook]
pub(super) fn use_list_page<C: Collection>(title: &'static str) -> UserList<C::Row> {
    use_title(title);
    use_list::<C>()
}

/// A list, with its ways to recover and to get older rows.
#[hook]
pub(super) fn use_list<C: Collection>() -> UserList<C::Row> {
    let query = use_collection::<C>();
    let on_more = {
        let query = query.clone();
        Callback::from(move |()| query.load_older())
    };
    // All loaded rows went one by one, but the list goes on.
    let is_used_up = query
        .data()
        .is_some_and(|list| list.rows.is_empty() && list.has_older && !list.loading_older);
    use_effect_with(is_used_up, {
        let on_more = on_more.clone();
        move |is_used_up| {
            if *is_used_up {
                on_more.emit(());
            }
        }
    });
    UserList {
        query,
        on_recover: use_recovery(),
        on_more,
    }
}

impl<T: Row> UserList<T> {
    /// Draws the page: its heading, and a panel with the list or what stands for it.
    pub(super) fn page(
        &self,
        id: &'static str,
        title: &'static str,
        skeleton_rows: u8,
        draw: impl FnOnce(&ListView<T>) -> Html,
    ) -> Html {
        html! {
            <>
                { page_head(title, Html::default()) }
                { compact_panel(id, title, self.body(title, skeleton_rows, draw)) }
            </>
        }
    }

    /// Draws the list, or what stands for it: a list is empty only if the server has no rows either.
    pub(super) fn body(
        &self,
        what: &'static str,
        skeleton_rows: u8,
        draw: impl FnOnce(&ListView<T>) -> Html,
    ) -> Html {
        query_body(&self.query, what, skeleton_rows, &self.on_recover, |list| {
            if list.rows.is_empty() && (list.has_older || list.loading_older) {
                skeleton(&text::loading(what), skeleton_rows)
            } else {
                draw(list)
            }
        })
    }

    /// Draws all rows, in the panel with this id, and the button for older ones.
    pub(super) fn records(
        &self,
        list: &ListView<T>,
        panel: &'static str,
        label: &'static str,
        row: impl Fn(&RowView<T>) -> Html,
    ) -> Html {
        html! {
            <RecordList
                {label}
                {panel}
                ids={ids(&list.rows)}
                foot={foot(list.has_older, list.loading_older)}
                more={text::SHOW_OLDER}
                on_more={self.on_more.clone()}
            >
                { for list.rows.iter().map(row) }
            </RecordList>
        }
    }
}

/// The ids of rows, for a [`RecordList`].
pub(super) fn ids<T: Row>(rows: &[RowView<T>]) -> Rc<[AttrValue]> {
    let id = |row: &RowView<T>| row.item.id().to_owned().into();
    rows.iter().map(id).collect()
}

/// Draws the heading of a page, with the age of its data and links.
pub(super) fn page_head(title: &'static str, links: Html) -> Html {
    html! { <div class="page-head"><h1>{ title }</h1><DataAge />{ links }</div> }
}
