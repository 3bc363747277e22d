//! Pages that stay while they are not shown.

use std::cell::{Cell, RefCell};

use dashboard_model::Favorites;
use realtime_dashboard::hooks::{use_clock, use_collection, use_realtime_subscription};
use sync_yew::test_util::{START_MS, publish, serve};
use sync_yew::{KeepAlive, use_shown_effect_with};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::hooks::{favorite_added, notified};
use crate::support::backend::beat;
use crate::support::fixture::{Fixture, Shell};
use crate::support::page::{Page, click};

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

/// Shows the page, or not, and has a button to change that. The inner page is shown whenever the outer one is.
#[component]
fn Switch() -> Html {
    let is_shown = use_state(|| true);
    let toggle = {
        let is_shown = is_shown.clone();
        move |_| is_shown.set(!*is_shown)
    };
    html! {
        <>
            <button onclick={toggle}>{ "Switch" }</button>
            <KeepAlive is_shown={*is_shown}>
                <KeepAlive is_shown=true><Kept /></KeepAlive>
            </KeepAlive>
        </>
    }
}

async fn switch(page: &Page<Shell<Switch>>) {
    click(&page.by_role("button", "Switch")).await;
}

#[wasm_bindgen_test]
async fn a_kept_page_pauses_and_then_shows_what_changed_in_one_render() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = fixture.open_live::<Switch>().await;
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
    let (page, socket) = fixture.open_live::<Switch>().await;
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
    let (page, _socket) = fixture.open_live::<Switch>().await;
    switch(&page).await;
    switch(&page).await;
    assert_eq!(EFFECTS.take(), ["begin", "end", "begin"]);
    page.unmount().await;
    assert_eq!(EFFECTS.take(), ["end"]);
}
