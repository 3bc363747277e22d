//! The catalog: all beats, with a search field and favorite buttons.

use std::rc::Rc;

use dashboard_model::Catalog;
use dashboard_model::views::CatalogView;
use sync_yew::use_shown_effect_with;
use yew::prelude::*;

use super::query_body::{foot, query_body, use_recovery};
use super::requested_row::use_way_to_download;
use crate::components::{
    Icon, RecordList, SearchField, UseBeatActionsHandle, empty_state, panel, skeleton,
    use_beat_actions,
};
use crate::hooks::{UseQueryHandle, use_pages, use_realtime};
use crate::text;

/// Debounce of the search field, in milliseconds.
const TYPING_PAUSE_MS: u64 = 250;

/// Placeholder rows for the catalog during its first fetch: about a screen of them.
const SKELETON_ROWS: u8 = 12;

/// Shows the catalog. While another search is fetched, the former results stay.
#[component]
pub(super) fn CatalogPanel() -> Html {
    let typed = use_state_eq(AttrValue::default);
    let query = use_settled(&typed);
    let catalog = use_pages(Catalog::search(&query));
    let on_recover = use_recovery();
    let on_made = use_way_to_download();
    let actions = use_beat_actions(on_made);
    let former = use_mut_ref(|| None::<Rc<CatalogView>>);
    if let Some(data) = catalog.data() {
        former.replace(Some(Rc::clone(data)));
    }
    // After a while elsewhere, its prices may be old.
    use_shown_effect_with((), {
        let former = Rc::clone(&former);
        move |()| {
            let former = Rc::clone(&former);
            move || drop(former.take())
        }
    });
    let on_input = {
        let typed = typed.clone();
        Callback::from(move |text| typed.set(text))
    };
    let tools = html! { <SearchField label={text::SEARCH_CATALOG} {on_input} /> };
    // Nothing is said to be missing while it is still searched for.
    let is_answered = typed.trim() == &*query && catalog.data().is_some();
    let shown = catalog.data().cloned().or_else(|| {
        let failed = catalog.view().error.is_some();
        former.borrow().clone().filter(|_| !failed)
    });
    let body = match shown.filter(|data| is_answered || !data.rows.is_empty()) {
        Some(data) => rows(&data, &catalog, &actions, query.is_empty()),
        None => query_body(&catalog, text::CATALOG, SKELETON_ROWS, &on_recover, |_| {
            skeleton(&text::loading(text::CATALOG), SKELETON_ROWS)
        }),
    };
    panel("catalog", text::CATALOG, tools, body)
}

/// The debounced search text.
#[hook]
fn use_settled(typed: &AttrValue) -> Rc<str> {
    let realtime = use_realtime();
    let settled = use_state_eq(|| Rc::<str>::from(""));
    use_effect_with(typed.clone(), {
        let settled = settled.clone();
        move |typed: &AttrValue| {
            let text = Rc::<str>::from(typed.trim());
            let ring = Box::new(move || settled.set(text));
            let alarm = realtime.platform().alarm(TYPING_PAUSE_MS, ring);
            move || drop(alarm)
        }
    });
    Rc::clone(&*settled)
}

fn rows(
    data: &CatalogView,
    catalog: &UseQueryHandle<CatalogView>,
    actions: &UseBeatActionsHandle,
    is_all: bool,
) -> Html {
    if data.rows.is_empty() {
        let words = if is_all {
            text::NO_CATALOG
        } else {
            text::NOT_FOUND_IN_CATALOG
        };
        return empty_state(Icon::Search, words, Html::default());
    }
    let ids = data.rows.iter().map(|beat| beat.id.clone().into());
    let on_more = {
        let catalog = catalog.clone();
        Callback::from(move |()| catalog.load_more())
    };
    html! {
        <RecordList
            label={text::CATALOG}
            panel="catalog-panel"
            ids={ids.collect::<Rc<[_]>>()}
            foot={foot(data.has_more, data.loading_more)}
            {on_more}
        >
            { for data.rows.iter().map(|beat| actions.row(beat, false)) }
        </RecordList>
    }
}
