//! Pages that stay while they are not shown.

use std::cell::{Cell, RefCell};

use dashboard_model::{Favorites, SetFavorite};
use realtime_dashboard::hooks::{use_clock, use_collection, use_realtime_subscription};
use sync_engine::http::HttpFailure;
use sync_protocol::ProblemCode;
use sync_yew::test_util::{START_MS, problem, publish, serve, session, settle};
use sync_yew::{KeepAlive, use_mutation, use_shown_effect_with, use_unsaved_question};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;
use yew::html::BaseComponent;
use yew::prelude::*;
use yew_router::history::History;

use crate::events::{Batches, add_favorites, take_batches};
use crate::hooks::{favorite_added, notified};
use crate::support::backend::beat;
use crate::support::dashboard::{accepted, answer, open};
use crate::support::fixture::{Fixture, Shell};
use crate::support::page::{Page, click, enter};

thread_local! {
    static RENDERS: Cell<u32> = const { Cell::new(0) };
    static EFFECTS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// A page with data, events, a clock and an effect.
#[component]
fn Kept() -> Html {
    RENDERS.set(RENDERS.get() + 1);
    let favorites = use_collection::<Favorites>();
    let events = use_mut_ref(|| 0);
    let now_ms = use_clock(1000);
    use_realtime_subscription(&[], {
        let events = events.clone();
        Callback::from(move |_| *events.borrow_mut() += 1)
    });
    use_shown_effect_with((), |()| {
        EFFECTS.with_borrow_mut(|effects| effects.push("begin"));
        || EFFECTS.with_borrow_mut(|effects| effects.push("end"))
    });
    html! {
        <>
            <p role="status" aria-label="Favorites">{ favorites.rows().len() }</p>
            <p role="status" aria-label="Events">{ *events.borrow() }</p>
            <p role="status" aria-label="Seconds">{ (now_ms - START_MS) / 1000 }</p>
        </>
    }
}

/// Shows a page, or not, and has a button to change that. The inner page is shown whenever the outer one is.
#[component]
fn Switch<C>() -> Html
where
    C: BaseComponent<Properties = ()>,
{
    let is_shown = use_state(|| true);
    let toggle = {
        let is_shown = is_shown.clone();
        move |_| is_shown.set(!*is_shown)
    };
    html! {
        <>
            <button onclick={toggle}>{ "Switch" }</button>
            <KeepAlive is_shown={*is_shown}>
                <KeepAlive is_shown=true><C /></KeepAlive>
            </KeepAlive>
        </>
    }
}

async fn switch<C: BaseComponent<Properties = ()>>(page: &Page<Shell<C>>) {
    click(&page.by_role("button", "Switch")).await;
}

#[wasm_bindgen_test]
async fn a_kept_page_pauses_and_then_shows_what_changed_in_one_render() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = fixture.open_live::<Switch<Kept>>().await;
    let element = page.by_role("status", "Favorites");
    assert_eq!(notified(&page, "Favorites"), "1");
    let renders = RENDERS.get();

    switch(&page).await;
    assert!(page.all_by_role("status", "Favorites").is_empty());
    publish(
        &socket,
        "dashboard:favorites#ada",
        1,
        &favorite_added("b2", 2, 1),
    )
    .await;
    fixture.platform.draw().await;
    fixture.platform.advance(3000).await;
    fixture.platform.draw().await;
    assert_eq!(RENDERS.get(), renders);

    switch(&page).await;
    assert_eq!(RENDERS.get(), renders + 1);
    assert_eq!(notified(&page, "Favorites"), "2");
    assert_eq!(notified(&page, "Events"), "0");
    assert!(
        notified(&page, "Seconds")
            .parse::<u32>()
            .is_ok_and(|seconds| seconds >= 3)
    );
    assert_eq!(page.by_role("status", "Favorites"), element);

    // Without a change there is nothing to render.
    let renders = RENDERS.get();
    switch(&page).await;
    switch(&page).await;
    assert_eq!(RENDERS.get(), renders);
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_kept_page_releases_its_subscriptions_and_takes_them_again() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<Switch<Kept>>().await;
    switch(&page).await;
    fixture.platform.advance(11_000).await;
    assert_eq!(serve(&socket).await, ["-dashboard:favorites#ada"]);
    switch(&page).await;
    assert_eq!(serve(&socket).await, ["+dashboard:favorites#ada"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn an_effect_runs_while_its_page_is_shown() {
    let fixture = Fixture::new();
    EFFECTS.take();
    let (page, _socket) = fixture.open_live::<Switch<Kept>>().await;
    switch(&page).await;
    switch(&page).await;
    assert_eq!(EFFECTS.take(), ["begin", "end", "begin"]);
    page.unmount().await;
    assert_eq!(EFFECTS.take(), ["end"]);
}

#[wasm_bindgen_test]
async fn a_batch_of_a_page_that_is_no_longer_shown_is_dropped() {
    take_batches();
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Switch<Batches>>().await;
    add_favorites(&fixture, 2..=3).await;
    switch(&page).await;
    fixture.platform.advance(5000).await;
    assert!(take_batches().is_empty());
    switch(&page).await;
    fixture.platform.advance(5000).await;
    assert!(take_batches().is_empty());
    // A later one is complete without it.
    add_favorites(&fixture, 4..=5).await;
    fixture.platform.advance(1000).await;
    assert_eq!(take_batches(), [2]);
    page.unmount().await;
}

/// Asks before the page is left.
#[component]
fn Asking() -> Html {
    use_unsaved_question();
    Html::default()
}

/// A page that asks, and a change to make beside it.
#[component]
fn Unsaved() -> Html {
    let favorite = use_mutation::<SetFavorite>();
    let mark = move |_| {
        let favorite_b1 = SetFavorite {
            beat_id: "b1".to_owned(),
            favorite: true,
        };
        favorite.mutate(favorite_b1);
    };
    html! {
        <>
            <button onclick={mark}>{ "Mark" }</button>
            <Switch<Asking> />
        </>
    }
}

/// Whether the browser would ask before it leaves the page.
fn asks() -> bool {
    let cancelable = web_sys::EventInit::new();
    cancelable.set_cancelable(true);
    let leave = Event::new_with_event_init_dict("beforeunload", &cancelable).unwrap();
    !web_sys::window().unwrap().dispatch_event(&leave).unwrap()
}

#[wasm_bindgen_test]
async fn unsaved_changes_are_asked_about_from_a_page_that_is_not_shown() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Unsaved>().await;
    switch(&page).await;
    click(&page.by_role("button", "Mark")).await;
    assert!(!asks());
    fixture.platform.advance(1100).await;
    assert!(asks());
    answer(&fixture, |_| accepted(2)).await;
    fixture.platform.advance(1100).await;
    page.unmount().await;
    assert!(!asks());
}

#[wasm_bindgen_test]
async fn after_a_while_elsewhere_old_rows_of_the_catalog_are_not_shown() {
    let fixture = Fixture::new();
    let (page, _socket, history) = open(&fixture, "/overview").await;
    let rows = || page.all("[aria-label='Catalog'] li[data-id]").len();
    // While another search is fetched, they stay.
    fixture.backend.hold_next();
    enter(page.one("input[type='search']"), "other").await;
    fixture.platform.advance(300).await;
    assert_eq!(rows(), 2);
    let (_, search) = fixture.backend.take_waiting().expect("the search is sent");
    search.send(Err(HttpFailure::Malformed { status: 200 }));
    enter(page.one("input[type='search']"), "").await;
    fixture.platform.advance(300).await;
    assert_eq!(rows(), 2);
    // Longer than the data are kept.
    history.push("/orders");
    settle().await;
    fixture.platform.advance(301_000).await;
    fixture.backend.set_down(true);
    history.push("/overview");
    settle().await;
    assert_eq!(rows(), 0);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn kept_pages_go_with_their_user() {
    let fixture = Fixture::new();
    let (page, _socket, history) = open(&fixture, "/overview").await;
    enter(page.one("input[type='search']"), "of ada").await;
    // Ben signs in elsewhere in the same browser, and this tab hears of it by its next call.
    fixture.backend.set_session(Some(session("ben")));
    fixture.platform.remember("beatline.signed-in", "2");
    fixture
        .backend
        .script(Err(problem(ProblemCode::Unauthenticated, 401)));
    history.push("/orders");
    settle().await;
    fixture.platform.advance(2000).await;
    assert!(page.one("header").text_content().unwrap().contains("ben"));
    history.push("/overview");
    settle().await;
    let search: HtmlInputElement = page.one("input[type='search']").unchecked_into();
    assert_eq!(search.value(), "");
    page.unmount().await;
}
