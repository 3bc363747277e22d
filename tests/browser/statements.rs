//! The store's guarantees, where it meets Yew; the numbers in the test names are those of the guarantees.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use dashboard_model::change::kind;
use dashboard_model::views::{DashboardStore as _, FavoritesView};
use dashboard_model::{Favorites, License, Orders, SeenBeats, SetFavorite, Statistics};
use realtime_dashboard::hooks::{
    use_collection, use_optimistic_favorite, use_optimistic_order, use_optimistic_updates,
    use_query_client, use_realtime_subscription, use_value,
};
use sync_engine::schema::{MutationId, MutationRef};
use sync_engine::settings::Settings;
use sync_engine::store::{Export, Store};
use sync_engine::view::ListView;
use sync_yew::CollectionSource;
use sync_yew::test_util::publish;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;
use yew::scheduler;

use crate::hooks::{favorite_added, notified};
use crate::support::backend::beat;
use crate::support::fixture::Fixture;
use crate::support::page::click;

const FAVORITES: &str = "dashboard:favorites#ada";

thread_local! {
    /// The number of renders of each counted component.
    static DRAWN: RefCell<[u32; 5]> = const { RefCell::new([0; 5]) };
}

/// Counts a render of a counted component.
fn drawn(which: usize) {
    DRAWN.with_borrow_mut(|drawn| drawn[which] += 1);
}

fn favorite(id: &str, favorite: bool) -> MutationRef {
    let mutation = SetFavorite {
        beat_id: id.to_owned(),
        favorite,
    };
    MutationRef::with_context(mutation, &SeenBeats::one(&beat(id)))
}

#[derive(PartialEq, Properties)]
struct FavoriteProps {
    id: AttrValue,
    count_as: usize,
}

#[component]
fn Favorite(props: &FavoriteProps) -> Html {
    drawn(props.count_as);
    let of = use_memo(props.id.clone(), |id| beat(id));
    let favorite = use_optimistic_favorite(&of);
    let pressed = favorite.favorite();
    html! {
        <button
            aria-label={format!("Favorite {}", props.id)}
            aria-pressed={pressed.to_string()}
            onclick={move |_| favorite.set(!pressed)}
        />
    }
}

/// Shows the favorites, their number and the pending mutations.
#[component]
fn Everything() -> Html {
    drawn(0);
    let favorites = use_collection::<Favorites>();
    let stats = use_value::<Statistics>();
    let updates = use_optimistic_updates();
    let rows = favorites.data().map_or(0, |data| data.rows.len());
    let count = stats.data().map_or(0, |data| data.data.favorites);
    html! {
        <>
            <p role="status" aria-label="Rows">{ rows }</p>
            <p role="status" aria-label="Count">{ count }</p>
            <p role="status" aria-label="Waiting">{ updates.pending().len() }</p>
        </>
    }
}

#[component]
fn OrderCount() -> Html {
    drawn(1);
    let orders = use_collection::<Orders>();
    let rows = orders.data().map_or(0, |data| data.rows.len());
    html! { <p role="status" aria-label="Orders">{ rows }</p> }
}

#[component]
fn Screen() -> Html {
    html! {
        <>
            <Everything />
            <OrderCount />
            <Favorite id="b1" count_as=2 />
            <Favorite id="b2" count_as=3 />
        </>
    }
}

#[wasm_bindgen_test]
async fn a1_a_click_is_in_the_document_after_one_flush_and_before_any_call() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Screen>().await;
    fixture.backend.take_calls();
    let favorite = page.by_role("button", "Favorite b1");
    favorite.click();
    scheduler::flush().await;
    assert_eq!(
        favorite.get_attribute("aria-pressed").as_deref(),
        Some("true")
    );
    assert_eq!(
        ["Rows", "Count", "Waiting"].map(|name| notified(&page, name)),
        ["1", "1", "1"]
    );
    assert_eq!(fixture.backend.take_calls(), []);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn k2_one_commit_draws_each_affected_component_once_and_no_other() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<Screen>().await;
    DRAWN.take();
    click(&page.by_role("button", "Favorite b1")).await;
    // Rows, number and list of mutations are three keys of one component.
    assert_eq!(DRAWN.take(), [1, 0, 1, 0, 0]);
    let event = favorite_added("b2", 2, 1);
    publish(&socket, FAVORITES, 1, &event).await;
    fixture.platform.draw().await;
    assert_eq!(DRAWN.take(), [1, 0, 0, 1, 0]);
    page.unmount().await;
}

#[derive(PartialEq, Properties)]
struct RowsProps {
    data: Rc<FavoritesView>,
}

/// Compares the data by pointer.
#[component]
fn Rows(props: &RowsProps) -> Html {
    drawn(4);
    html! { <p role="status" aria-label="Rows">{ props.data.rows.len() }</p> }
}

#[component]
fn Refreshed() -> Html {
    drawn(0);
    let favorites = use_collection::<Favorites>();
    let data = favorites.data().cloned();
    html! {
        <>
            <button onclick={move |_| favorites.refetch()}>{ "Read again" }</button>
            if let Some(data) = data {
                <Rows {data} />
            }
        </>
    }
}

#[wasm_bindgen_test]
async fn k3_equal_data_again_draw_nothing() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = fixture.open_live::<Refreshed>().await;
    let event = favorite_added("b2", 2, 1);
    publish(&socket, FAVORITES, 1, &event).await;
    fixture.platform.draw().await;
    assert_eq!(notified(&page, "Rows"), "2");
    DRAWN.take();
    // The same event again, and an older event.
    publish(&socket, FAVORITES, 2, &event).await;
    publish(&socket, FAVORITES, 3, &favorite_added("b1", 1, 0)).await;
    fixture.platform.draw().await;
    fixture.platform.advance(1000).await;
    assert_eq!(DRAWN.take(), [0; 5]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn k3_the_same_answer_again_keeps_its_pointer_and_draws_no_row() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, _socket) = fixture.open_live::<Refreshed>().await;
    DRAWN.take();
    fixture.backend.take_calls();
    click(&page.by_role("button", "Read again")).await;
    fixture.platform.advance(1000).await;
    fixture.platform.draw().await;
    assert_eq!(fixture.backend.take_calls().len(), 1);
    assert_eq!(DRAWN.take()[4], 0);
    page.unmount().await;
}

/// Makes a mutation in its effect, which runs before the effects of its parent.
#[component]
fn Early() -> Html {
    let updates = use_optimistic_updates();
    use_effect_with((), move |()| {
        updates.add(favorite("b1", true));
    });
    Html::default()
}

#[component]
fn Late() -> Html {
    let favorites = use_collection::<Favorites>();
    let rows = favorites.data().map_or(0, |data| data.rows.len());
    let updates = use_optimistic_updates();
    html! {
        <>
            <p role="status" aria-label="Rows">{ rows }</p>
            <p role="status" aria-label="Waiting">{ updates.pending().len() }</p>
            <Early />
        </>
    }
}

#[component]
fn Later() -> Html {
    use_collection::<Favorites>();
    let is_shown = use_state(|| false);
    let show = is_shown.clone();
    html! {
        <>
            <button onclick={move |_| show.set(true)}>{ "Show" }</button>
            if *is_shown {
                <Late />
            }
        </>
    }
}

#[wasm_bindgen_test]
async fn k1_a_commit_between_a_render_and_its_effects_is_not_missed() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Later>().await;
    click(&page.by_role("button", "Show")).await;
    assert_eq!(
        (notified(&page, "Rows"), notified(&page, "Waiting")),
        ("1".into(), "1".into())
    );
    page.unmount().await;
}

thread_local! {
    /// How many rows there were right after a listener had made its mutation.
    static INSIDE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Removes every favorite that is added.
#[component]
fn RemovesFavorites() -> Html {
    let favorites = use_collection::<Favorites>();
    let updates = use_optimistic_updates();
    let seen = use_query_client();
    use_realtime_subscription(
        &[kind::FAVORITE_ADDED],
        Callback::from(move |_| {
            updates.add(favorite("b2", false));
            let rows = seen.read(&CollectionSource::<Favorites>::default()).data;
            INSIDE.set(rows.map(|data| data.rows.len()));
        }),
    );
    let rows = favorites.data().map_or(0, |data| data.rows.len());
    html! { <p role="status" aria-label="Rows">{ rows }</p> }
}

#[wasm_bindgen_test]
async fn k4_a_listener_that_makes_a_change_makes_the_next_commit() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<RemovesFavorites>().await;
    publish(&socket, FAVORITES, 1, &favorite_added("b2", 2, 1)).await;
    fixture.platform.draw().await;
    assert_eq!(INSIDE.take(), Some(0));
    assert_eq!(notified(&page, "Rows"), "0");
    fixture.platform.advance(500).await;
    assert!(fixture.backend.take_waiting().is_some());
    page.unmount().await;
}

/// Ids, separated by spaces.
fn id_list<'a>(ids: impl Iterator<Item = &'a MutationId>) -> String {
    let ids: Vec<_> = ids.map(MutationId::as_str).collect();
    ids.join(" ")
}

/// Shows the explanation of each row: the version and the mutations.
fn reasons<T>(list: &ListView<T>) -> String {
    let rows = list.rows.iter();
    rows.map(|row| format!("{} {}", list.version, id_list(row.mutations.iter())))
        .collect::<Vec<_>>()
        .join(",")
}

/// Shows the explanations, and exports the state.
#[component]
fn Reasons() -> Html {
    let favorites = use_collection::<Favorites>();
    let order = use_optimistic_order();
    let orders = use_collection::<Orders>();
    let client = use_query_client();
    let report = use_state(String::new);
    let shown = report.clone();
    let of_favorites = favorites.data().map(|data| reasons(data));
    let of_orders = orders.data().map(|data| reasons(data));
    let pending = order.updates().pending().iter();
    let ids = id_list(pending.map(|pending| &pending.id));
    let onclick = move |_| drop(order.place(vec![(beat("b2"), License::Basic)]));
    html! {
        <>
            <button {onclick}>{ "Buy" }</button>
            <button onclick={move |_| report.set(client.export())}>{ "Write out" }</button>
            <p role="status" aria-label="Favorites">{ of_favorites }</p>
            <p role="status" aria-label="Orders">{ of_orders }</p>
            <p role="status" aria-label="Waiting">{ ids }</p>
            <p role="status" aria-label="Report">{ (*shown).clone() }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn l2_a_row_names_the_version_and_the_changes_that_made_it_so() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, _socket) = fixture.open_live::<Reasons>().await;
    click(&page.by_role("button", "Buy")).await;
    assert_eq!(notified(&page, "Favorites"), "1 ");
    let id = notified(&page, "Waiting");
    assert_eq!(notified(&page, "Orders"), format!("0 {id}"));
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn l3_what_a_page_writes_out_shows_the_same_elsewhere() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, _socket) = fixture.open_live::<Reasons>().await;
    click(&page.by_role("button", "Buy")).await;
    click(&page.by_role("button", "Write out")).await;
    let state: Export = serde_json::from_str(&notified(&page, "Report")).unwrap();
    let mut other = Store::new(&Rc::new(dashboard_model::schema()), &Settings::default(), 1);
    let now = fixture.platform.shared().now();
    other.sign_in(now, "ada");
    other.set_paused(now, true);
    other.import(now, &state);
    let orders = other.orders().data.unwrap();
    assert_eq!(
        orders.rows[0].mutations[0].as_str(),
        notified(&page, "Waiting")
    );
    let favorites = other.favorites().data.unwrap();
    assert_eq!(favorites.rows[0].item.beat_id, "b1");
    assert_eq!(favorites.version, 1);
    page.unmount().await;
}
