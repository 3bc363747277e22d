//! Mutations of the user, under injected faults.

use std::rc::Rc;

use dashboard_model::{
    Beat, Catalog, DownloadFormat, Favorites, License, Orders, SeenBeats, SetFavorite,
};
use sync_engine::schema::MutationRef;
use yew::prelude::*;

use super::fault::fault;
use super::shelf::Shelf;
use super::simulation::words;
use super::workbench::tool_form;
use crate::components::{Button, ButtonKind, choice, panel};
use crate::contexts::DemoCall;
use crate::hooks::{
    UseOptimisticDownloadHandle, UseOptimisticOrderHandle, use_collection, use_demo_server,
    use_optimistic_download, use_optimistic_order, use_pages,
};
use crate::text::demo;
use sync_web::page;

/// How many beats a batch has.
const BATCH: usize = 3;

/// Injects a fault, then makes a mutation; the list below shows its outcome.
#[component]
pub(super) fn OptimisticChanges() -> Html {
    let server = use_demo_server();
    let maker = use_maker();
    let wrong = use_state_eq(|| 0);
    let requested = use_state_eq(|| 0);
    let answer = words(server.answer());
    let disabled = maker.shelf.beats.is_empty();
    let on_retry = {
        let (server, wrong, requested) = (server.clone(), *wrong, *requested);
        Callback::from(move |()| {
            let maker = maker.clone();
            match fault(wrong) {
                Some(fault) => {
                    server.send(DemoCall::Inject(fault), move || maker.make(requested));
                }
                None => maker.make(requested),
            }
        })
    };
    let on_clear = Callback::from(move |()| server.send(DemoCall::Clear, || ()));
    let fields = html! {
        <>
            { choice(demo::FAULT, demo::FAULTS, *wrong, choose(&wrong)) }
            { choice(demo::CHANGE, demo::MUTATIONS, *requested, choose(&requested)) }
            <Button kind={ButtonKind::Primary} label={demo::TRY} {disabled} on_press={on_retry} />
            <Button label={demo::CLEAR_FAULTS} on_press={on_clear} />
        </>
    };
    let form = tool_form(demo::CHANGES_HINT, answer, fields);
    panel("demo-changes", demo::CHANGES, Html::default(), form)
}

fn choose(chosen: &UseStateHandle<usize>) -> Callback<Event> {
    let chosen = chosen.clone();
    Callback::from(move |event: Event| chosen.set(page::chosen_index(&event)))
}

/// Makes mutations.
#[derive(Clone)]
struct Maker {
    shelf: Shelf,
    orders: UseOptimisticOrderHandle,
    downloads: UseOptimisticDownloadHandle,
}

#[hook]
fn use_maker() -> Maker {
    let catalog = use_pages(Catalog::search(""));
    let favorites = use_collection::<Favorites>();
    let orders = use_collection::<Orders>();
    Maker {
        shelf: Shelf {
            beats: catalog
                .data()
                .map(|view| view.rows.clone())
                .unwrap_or_default(),
            favorites: favorites.data().cloned(),
            orders: orders.data().cloned(),
        },
        orders: use_optimistic_order(),
        downloads: use_optimistic_download(),
    }
}

impl Maker {
    /// Makes the mutation of this name.
    fn make(&self, requested: usize) {
        match requested {
            0 => self.mark(1),
            1 => {
                if let Some(beat) = self.shelf.to_buy() {
                    self.orders.place(vec![(Rc::clone(beat), License::Basic)]);
                }
            }
            2 => {
                if let Some(beat) = self.shelf.to_download() {
                    self.downloads.request(&beat, DownloadFormat::Mp3);
                }
            }
            _ => self.mark(BATCH),
        }
    }

    /// Toggles the first favorites atomically.
    fn mark(&self, count: usize) {
        let change = |beat: &Rc<Beat>| {
            let mark = SetFavorite {
                beat_id: beat.id.clone(),
                favorite: !self.shelf.is_favorite(beat),
            };
            MutationRef::with_context(mark, &SeenBeats::one(beat))
        };
        let changes = self.shelf.beats.iter().take(count).map(change).collect();
        self.orders.updates().batch(changes, count > 1);
    }
}
