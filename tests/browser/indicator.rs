//! The indicator tells the truth, by role, name and attributes, through a whole day of trouble.

use dashboard_engine::core::{PageSignal, SocketEvent};
use dashboard_engine::http::HttpReply;
use dashboard_engine::interest::Tab;
use realtime_dashboard::components::IndicatorVariant;
use realtime_dashboard::connected::ConnectionStatusIndicator;
use realtime_dashboard::hooks::use_tab_subscription;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::support::backend::session;
use crate::support::page::{Page, click, settle};
use crate::support::realtime::accept;
use crate::support::world::{Shell, World};

#[component]
fn Compact() -> Html {
    // Something to keep current, so that there is something to poll.
    use_tab_subscription(Tab::Overview);
    html! { <ConnectionStatusIndicator /> }
}

#[component]
fn AllSizes() -> Html {
    html! {
        <>
            <ConnectionStatusIndicator variant={IndicatorVariant::Minimal} />
            <ConnectionStatusIndicator variant={IndicatorVariant::Compact} />
            <ConnectionStatusIndicator variant={IndicatorVariant::Full} />
        </>
    }
}

type CompactPage = Page<Shell<Compact>>;

/// The button of the compact indicator.
const BUTTON: &str = "[data-variant='compact'] > button";

/// What the compact indicator says: the attributes of its wrapper, and the name of its button.
fn told(page: &CompactPage) -> [String; 3] {
    let wrapper = page.one("[data-variant='compact']");
    let attribute = |name: &str| wrapper.get_attribute(name).unwrap_or_default();
    let name = page.one(BUTTON).text_content().unwrap_or_default();
    let words = name.trim_start_matches("Connection: ").to_owned();
    [attribute("data-status"), attribute("data-state"), words]
}

async fn drop_link(world: &World) {
    world.socket().tell(SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
    });
    settle().await;
}

#[wasm_bindgen_test]
async fn a_slow_first_connection_is_starting_and_then_live() {
    let world = World::new();
    let page: CompactPage = world.open().await;
    assert_eq!(told(&page), ["connecting", "starting", "Connecting…"]);
    accept(&world.socket()).await;
    world.platform.draw().await;
    world.platform.advance(2000).await;
    assert_eq!(told(&page), ["connected", "live", "Live"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_drop_shows_after_four_seconds_and_is_a_pause_after_ten() {
    let world = World::new();
    let (page, _): (CompactPage, _) = world.open_live().await;
    world.platform.advance(5000).await;
    world.backend.set_down(true);
    drop_link(&world).await;
    world.platform.advance(3900).await;
    assert_eq!(told(&page), ["reconnecting", "live", "Live"]);
    world.platform.advance(200).await;
    assert_eq!(
        told(&page),
        ["reconnecting", "reconnecting", "Reconnecting…"]
    );
    world.platform.advance(6000).await;
    assert_eq!(told(&page), ["reconnecting", "paused", "Paused"]);
    world.platform.advance(60_000).await;
    assert_eq!(told(&page)[1..], ["unreachable", "Can't connect"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn polling_that_works_is_delayed_and_says_how_often() {
    let world = World::new();
    let (page, _): (CompactPage, _) = world.open_live().await;
    world.platform.advance(5000).await;
    world.platform.refuse_sockets(true);
    drop_link(&world).await;
    world.platform.advance(6000).await;
    assert_eq!(told(&page)[1..], ["delayed", "Every 15 s"]);

    world.platform.refuse_sockets(false);
    world.platform.advance(30_000).await;
    accept(&world.socket()).await;
    world.platform.advance(3000).await;
    assert_eq!(told(&page), ["connected", "live", "Live"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn without_a_network_it_is_offline() {
    let world = World::new();
    let (page, _): (CompactPage, _) = world.open_live().await;
    world.platform.advance(5000).await;
    world.backend.set_down(true);
    world.platform.refuse_sockets(true);
    world.platform.signal(PageSignal::Offline).await;
    drop_link(&world).await;
    world.platform.advance(6000).await;
    assert_eq!(told(&page)[1..], ["offline", "Offline"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_page_that_starts_without_a_network_says_so() {
    let world = World::new();
    world.platform.signal(PageSignal::Offline).await;
    world.platform.refuse_sockets(true);
    // The session was read in time; after that nothing gets through.
    world.backend.script(Ok(HttpReply::Session(session("ada"))));
    world.backend.set_down(true);
    let page: CompactPage = world.open().await;
    world.platform.advance(6000).await;
    assert_eq!(told(&page)[1..], ["offline", "Offline"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn the_panel_switches_updates_off_and_on() {
    let world = World::new();
    let (page, _): (CompactPage, _) = world.open_live().await;
    click(&page.one(BUTTON)).await;
    assert_eq!(page.all("[data-variant='full']").len(), 1);
    click(&page.by_role("button", "Disconnect")).await;
    assert_eq!(told(&page)[..2], ["disconnected", "paused"]);
    click(&page.by_role("button", "Connect")).await;
    accept(&world.socket()).await;
    world.platform.advance(2500).await;
    assert_eq!(told(&page)[..2], ["connected", "live"]);
    page.unmount().await;
    assert_eq!(world.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn all_sizes_tell_the_same_state() {
    let world = World::new();
    let (page, _): (Page<Shell<AllSizes>>, _) = world.open_live().await;
    for state in ["live", "reconnecting"] {
        let told: Vec<_> = page
            .all("[data-variant]")
            .iter()
            .map(|wrapper| wrapper.get_attribute("data-state").unwrap_or_default())
            .collect();
        assert_eq!(told, [state; 3]);
        world.backend.set_down(true);
        drop_link(&world).await;
        world.platform.advance(4100).await;
    }
    page.unmount().await;
}
