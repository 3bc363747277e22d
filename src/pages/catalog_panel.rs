//! The catalog: all beats, with a search field and favorite buttons.

use std::rc::Rc;

use dashboard_model::Catalog;
use dashboard_model::views::CatalogView;
use yew::prelude::*;

use super::query_body::{foot, query_body, use_recovery};
use super::requested_row::use_way_to_download;
use crate::components::{
    BeatItem, EmptyState, Icon, Panel, RecordList, SearchField, UseBeatActionsHandle,
    use_beat_actions,
};
use crate::hooks::{UseQueryHandle, use_begins_above, use_pages, use_realtime};
use crate::text::{self, EmptyList};
use sync_web::page;

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
    let is_above = use_begins_above("catalog-panel");
    let on_recover = use_recovery();
    let on_made = use_way_to_download();
    let actions = use_beat_actions(on_made);
    let former = use_mut_ref(|| None::<Rc<CatalogView>>);
    if let Some(data) = catalog.data() {
        former.replace(Some(Rc::clone(data)));
    }
    let on_input = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(page::field_text(&event).into()))
    };
    let tools = html! {
        <SearchField label={text::SEARCH_CATALOG} value={(*typed).clone()} {on_input} />
    };
    let shown = catalog.data().cloned().or_else(|| {
        let failed = catalog.view().error.is_some();
        former.borrow().clone().filter(|_| !failed)
    });
    let body = match shown {
        Some(data) => rows(&data, &catalog, &actions, query.is_empty(), is_above.get()),
        None => query_body(&catalog, text::CATALOG, SKELETON_ROWS, &on_recover, |_| {
            Html::default()
        }),
    };
    html! { <Panel id="catalog" title={text::CATALOG} {tools}>{ body }</Panel> }
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
    still: bool,
) -> Html {
    if data.rows.is_empty() {
        let list = if is_all {
            EmptyList::Catalog
        } else {
            EmptyList::Search
        };
        let (title, hint) = text::empty(list);
        return html! { <EmptyState icon={Icon::Search} {title} {hint} /> };
    }
    let ids: Rc<[AttrValue]> = data
        .rows
        .iter()
        .map(|beat| beat.id.clone().into())
        .collect();
    let on_more = {
        let catalog = catalog.clone();
        Callback::from(move |()| catalog.load_more())
    };
    html! {
        <RecordList label={text::CATALOG} {ids} {still} foot={foot(data.has_more, data.loading_more)} {on_more}>
            { for data.rows.iter().map(|beat| html! {
                <BeatItem
                    key={beat.id.clone()}
                    beat={Rc::clone(beat)}
                    note={actions.note(&beat.id).cloned()}
                    is_offline={actions.is_offline()}
                    on_action={actions.on_action().clone()}
                />
            }) }
        </RecordList>
    }
}
