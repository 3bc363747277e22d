//! The indicator shows the right state, by role, name and attributes, through many kinds of outages.

use realtime_dashboard::components::{
    ConnectionStatusBanner, ConnectionStatusIndicator, IndicatorVariant,
};
use realtime_dashboard::hooks::use_tab_subscription;
use realtime_dashboard::pages::Tab;
use realtime_dashboard::text::CONNECTION_TEXT;
use sync_engine::http::HttpReply;
use sync_engine::io::{PageSignal, SocketEvent};
use sync_yew::test_util::{accept, session, settle};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::support::fixture::{Fixture, Shell};
use crate::support::page::{Page, click};

#[component]
fn AllSizes() -> Html {
    // A subscription, so that there is something to poll.
    use_tab_subscription(Tab::Overview);
    html! {
        <>
            <ConnectionStatusIndicator variant={IndicatorVariant::Minimal} text={CONNECTION_TEXT} />
            <ConnectionStatusIndicator variant={IndicatorVariant::Compact} text={CONNECTION_TEXT} />
            <ConnectionStatusIndicator variant={IndicatorVariant::Full} text={CONNECTION_TEXT} />
        </>
    }
}

type Sizes = Page<Shell<AllSizes>>;

/// The button of the compact indicator.
const BUTTON: &str = "[data-variant='compact'] > button";

/// The accessible name of an element, without its visually hidden prefix.
fn words(element: &HtmlElement) -> String {
    let name = element
        .get_attribute("aria-label")
        .or_else(|| element.text_content());
    let name = name.unwrap_or_default();
    name.trim_start_matches("Connection: ").to_owned()
}

/// The first words of the minimal and the full indicator, by state.
const LONG_WORDS: [(&str, &str); 8] = [
    ("starting", "Connecting"),
    ("live", "Live"),
    ("reconnecting", "Reconnecting"),
    ("paused", "Updates "),
    ("delayed", "Updating every "),
    ("offline", "Offline"),
    ("unreachable", "Can't reach the store"),
    ("signed-out", "Signed out"),
];

/// The state of the compact indicator: the attributes of its wrapper, and the name of its button. The minimal one, an
/// image, and the full one, a line of text, must show the same in their own words.
fn notified(page: &Sizes) -> [String; 3] {
    let [compact, minimal, full] = [
        BUTTON,
        "[data-variant='minimal'] > [role='img']",
        // Not the one in the panel of the compact indicator.
        "[data-variant='compact'] ~ [data-variant='full'] > .connection-summary",
    ]
    .map(|selector| {
        let element = page.one(selector);
        let wrapper = element.parent_element().expect("a wrapper");
        let attribute = |name: &str| wrapper.get_attribute(name).unwrap_or_default();
        let (status, state) = (attribute("data-status"), attribute("data-state"));
        [status, state, words(&element)]
    });
    let long = LONG_WORDS.iter().find(|(state, _)| *state == compact[1]);
    let (_, long) = long.expect("a known state");
    for other in [minimal, full] {
        assert_eq!(other[..2], compact[..2]);
        assert!(other[2].starts_with(long), "{other:?}");
    }
    compact
}

async fn drop_connection(fixture: &Fixture) {
    fixture.socket().notify(SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
    });
    settle().await;
}

#[wasm_bindgen_test]
async fn a_slow_first_connection_is_starting_and_then_live() {
    let fixture = Fixture::new();
    let page: Sizes = fixture.open().await;
    assert_eq!(notified(&page), ["connecting", "starting", "Connecting…"]);
    accept(&fixture.socket()).await;
    fixture.platform.draw().await;
    fixture.platform.advance(2000).await;
    assert_eq!(notified(&page), ["connected", "live", "Live"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_drop_shows_after_four_seconds_and_is_a_pause_after_ten() {
    let fixture = Fixture::new();
    let (page, _): (Sizes, _) = fixture.open_live().await;
    fixture.platform.advance(5000).await;
    fixture.backend.set_down(true);
    drop_connection(&fixture).await;
    fixture.platform.advance(3900).await;
    assert_eq!(notified(&page), ["reconnecting", "live", "Live"]);
    fixture.platform.advance(200).await;
    assert_eq!(
        notified(&page),
        ["reconnecting", "reconnecting", "Reconnecting…"]
    );
    fixture.platform.advance(6000).await;
    assert_eq!(notified(&page), ["reconnecting", "paused", "Paused"]);
    fixture.platform.advance(60_000).await;
    assert_eq!(notified(&page)[1..], ["unreachable", "Can't connect"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn polling_that_works_is_delayed_and_says_how_often() {
    let fixture = Fixture::new();
    let (page, _): (Sizes, _) = fixture.open_live().await;
    fixture.platform.advance(5000).await;
    fixture.platform.reject_sockets(true);
    drop_connection(&fixture).await;
    fixture.platform.advance(6000).await;
    assert_eq!(notified(&page)[1..], ["delayed", "Every 15 s"]);

    fixture.platform.reject_sockets(false);
    fixture.platform.advance(30_000).await;
    accept(&fixture.socket()).await;
    fixture.platform.advance(3000).await;
    assert_eq!(notified(&page), ["connected", "live", "Live"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn without_a_network_it_is_offline() {
    let fixture = Fixture::new();
    let (page, _): (Sizes, _) = fixture.open_live().await;
    fixture.platform.advance(5000).await;
    fixture.backend.set_down(true);
    fixture.platform.reject_sockets(true);
    fixture.platform.signal(PageSignal::Offline).await;
    drop_connection(&fixture).await;
    fixture.platform.advance(6000).await;
    assert_eq!(notified(&page)[1..], ["offline", "Offline"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn a_page_that_starts_without_a_network_says_so() {
    let fixture = Fixture::new();
    fixture.platform.signal(PageSignal::Offline).await;
    fixture.platform.reject_sockets(true);
    // The session was fetched in time; after that every call fails.
    fixture
        .backend
        .script(Ok(HttpReply::Session(session("ada"))));
    fixture.backend.set_down(true);
    let page: Sizes = fixture.open().await;
    fixture.platform.advance(6000).await;
    assert_eq!(notified(&page)[1..], ["offline", "Offline"]);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn the_panel_switches_updates_off_and_on() {
    let fixture = Fixture::new();
    let (page, _): (Sizes, _) = fixture.open_live().await;
    click(&page.one(BUTTON)).await;
    let panel = "[data-variant='compact'] [role='group']";
    assert_eq!(page.all(panel).len(), 1);
    let press = |name| {
        let buttons = page.all(&format!("{panel} button")).into_iter();
        let named = buttons.filter(|button| words(button) == name);
        named.last().expect("a button of the panel")
    };
    click(&press("Disconnect")).await;
    assert_eq!(notified(&page)[..2], ["disconnected", "paused"]);
    click(&press("Connect")).await;
    accept(&fixture.socket()).await;
    fixture.platform.advance(2500).await;
    assert_eq!(notified(&page)[..2], ["connected", "live"]);
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn a_session_that_ended_is_signed_out() {
    let fixture = Fixture::new();
    let (page, _): (Sizes, _) = fixture.open_live().await;
    fixture.platform.advance(5000).await;
    fixture.backend.end_session();
    drop_connection(&fixture).await;
    fixture.platform.advance(15_000).await;
    assert_eq!(
        notified(&page),
        ["disconnected", "signed-out", "Signed out"]
    );
    page.unmount().await;
}

#[component]
fn WithBanner() -> Html {
    use_tab_subscription(Tab::Overview);
    html! { <ConnectionStatusBanner text={CONNECTION_TEXT} /> }
}

#[wasm_bindgen_test]
async fn the_banner_comes_with_a_long_interruption_can_be_hidden_and_goes_with_it() {
    let fixture = Fixture::new();
    let (page, _): (Page<Shell<WithBanner>>, _) = fixture.open_live().await;
    fixture.platform.advance(5000).await;
    fixture.backend.set_down(true);
    fixture.platform.reject_sockets(true);
    drop_connection(&fixture).await;
    fixture.platform.advance(9000).await;
    assert!(page.all("[role='region']").is_empty());
    fixture.platform.advance(60_000).await;
    let banner = page.by_role("region", "Connection");
    assert!(
        banner
            .text_content()
            .unwrap_or_default()
            .contains("can't reach")
    );
    page.by_role("button", "Retry now");
    click(&page.by_role("button", "Hide")).await;
    assert!(page.all("[role='region']").is_empty());
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}
