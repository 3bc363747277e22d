//! The demonstration: its hooks, and its parts with a server and a socket.

use dashboard_model::Favorites;
use dashboard_model::demo::{Fault, SimulatedKind, Simulation};
use realtime_dashboard::components::RealtimeDemo;
use realtime_dashboard::contexts::DemoCall;
use realtime_dashboard::hooks::{
    DemoAnswer, use_collection, use_demo_server, use_subscription_list,
};
use sync_engine::io::SocketEvent;
use sync_protocol::ProblemCode;
use sync_yew::test_util::{accept, publish, serve};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::hooks::{favorite_added, notified};
use crate::support::backend::beat;
use crate::support::fixture::{Fixture, Shell};
use crate::support::page::{Page, choose, click, enter};

const FAVORITES: &str = "dashboard:favorites#ada";

#[component]
fn Server() -> Html {
    let server = use_demo_server();
    let taken = use_state(|| 0);
    let answer = match server.answer() {
        DemoAnswer::None => "none",
        DemoAnswer::Waiting => "waiting",
        DemoAnswer::Taken(_) => "taken",
        DemoAnswer::Failed(_) => "failed",
    };
    let onclick = {
        let (server, taken) = (server, taken.clone());
        move |_| {
            let taken = taken.clone();
            let then = move || taken.set(*taken + 1);
            server.send(DemoCall::Inject(Fault::DropSocket), then);
        }
    };
    html! {
        <>
            <button {onclick}>{ "Cut" }</button>
            <p role="status" aria-label="Answer">{ answer }</p>
            <p role="status" aria-label="Then">{ *taken }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn use_demo_server_continues_only_if_the_server_accepts() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Server>().await;
    click(&page.by_role("button", "Cut")).await;
    let answer = || (notified(&page, "Answer"), notified(&page, "Then"));
    assert_eq!(answer(), ("failed".into(), "0".into()));
    fixture.backend.allow_demo();
    click(&page.by_role("button", "Cut")).await;
    assert_eq!(answer(), ("taken".into(), "1".into()));
    let injected = [DemoCall::Inject(Fault::DropSocket)];
    assert_eq!(fixture.backend.demo_calls(), injected);
    page.unmount().await;
}

#[component]
fn Streams() -> Html {
    use_collection::<Favorites>();
    let streams = use_subscription_list();
    let notified = streams.iter().map(|stream| {
        let place = stream.position.as_ref().map_or(0, |place| place.offset);
        format!(
            "{} {:?} {place} {:?}",
            stream.channel, stream.state, stream.recovery
        )
    });
    html! { <p role="status" aria-label="Streams">{ notified.collect::<Vec<_>>().join("; ") }</p> }
}

#[wasm_bindgen_test]
async fn use_subscription_list_shows_positions_and_recoveries() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<Streams>().await;
    fixture.platform.advance(600).await;
    let streams = || notified(&page, "Streams");
    assert_eq!(streams(), format!("{FAVORITES} Subscribed 0 Some(Fresh)"));
    publish(&socket, FAVORITES, 1, &favorite_added("b2", 2, 1)).await;
    fixture.platform.advance(600).await;
    assert_eq!(streams(), format!("{FAVORITES} Subscribed 1 Some(Fresh)"));

    cut(&fixture).await;
    fixture.platform.advance(1000).await;
    accept(&fixture.socket()).await;
    fixture.platform.advance(600).await;
    assert_eq!(
        streams(),
        format!("{FAVORITES} Subscribed 1 Some(Recovered)")
    );
    page.unmount().await;
}

async fn cut(fixture: &Fixture) {
    fixture.socket().notify(SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
    });
    fixture.platform.advance(100).await;
}

#[component]
fn Demo() -> Html {
    html! { <RealtimeDemo /> }
}

type DemoPage = Page<Shell<Demo>>;

/// The demonstration with a server that has controls, live.
async fn open(fixture: &Fixture) -> DemoPage {
    fixture.backend.allow_demo();
    fixture.backend.set_catalog(&[beat("b1"), beat("b2")]);
    let page: DemoPage = fixture.open().await;
    accept(&fixture.socket()).await;
    fixture.platform.draw().await;
    fixture.platform.advance(1000).await;
    serve(&fixture.socket()).await;
    page
}

/// The label of the field with this name.
fn label(page: &DemoPage, name: &str) -> web_sys::HtmlElement {
    let labels = page.all("label");
    let found = labels.into_iter().find(|label| {
        let words = label.text_content().unwrap_or_default();
        words.starts_with(name)
    });
    found.unwrap()
}

/// The text of each row of a table.
fn rows(page: &DemoPage, table: &str) -> Vec<String> {
    let rows = page.all(&format!("table[aria-label='{table}'] tbody tr"));
    let words = rows
        .iter()
        .map(|row| row.text_content().unwrap_or_default());
    words.collect()
}

#[wasm_bindgen_test]
async fn the_demo_shows_all_sizes_and_requests_the_chosen_simulation() {
    let fixture = Fixture::new();
    let page = open(&fixture).await;
    for variant in ["minimal", "compact", "full"] {
        assert_eq!(page.all(&format!("[data-variant='{variant}']")).len(), 1);
    }
    choose(&label(&page, "Event"), 4).await;
    choose(&label(&page, "Count"), 2).await;
    choose(&label(&page, "Per second"), 3).await;
    click(&page.by_role("button", "Simulate")).await;
    let asked = DemoCall::Simulate(Simulation {
        what: SimulatedKind::Market,
        count: 50,
        rate_per_s: 200,
    });
    assert_eq!(fixture.backend.demo_calls(), [asked]);
    let notified = page.all("[data-tone='good']");
    let notified = notified[0].text_content().unwrap_or_default();
    assert!(
        notified.contains("50") && notified.contains("market"),
        "{notified}"
    );
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[wasm_bindgen_test]
async fn the_demo_injects_the_fault_before_the_change_and_lists_both() {
    let fixture = Fixture::new();
    let page = open(&fixture).await;
    choose(&label(&page, "Fault"), 1).await;
    click(&page.by_role("button", "Make change")).await;
    let injected = DemoCall::Inject(Fault::RefuseNext {
        code: ProblemCode::QuotaExceeded,
        times: 1,
        total: None,
    });
    assert_eq!(fixture.backend.demo_calls(), [injected]);
    let pending = rows(&page, "Pending changes");
    assert!(
        pending[0].starts_with("Add favorite Beat b1Queued"),
        "{pending:?}"
    );
    click(&page.by_role("button", "Roll back: Add favorite Beat b1")).await;
    assert!(rows(&page, "Pending changes").is_empty());
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn the_demo_lists_channels_and_a_timeline_with_filter_and_pause() {
    let fixture = Fixture::new();
    let page = open(&fixture).await;
    assert_eq!(rows(&page, "Subscriptions").len(), 6);
    let notify = async |version: u64| {
        let event = favorite_added(&format!("b{version}"), version, version - 1);
        publish(&fixture.socket(), FAVORITES, version - 1, &event).await;
        fixture.platform.draw().await;
        fixture.platform.advance(600).await;
        fixture.platform.draw().await;
        fixture.platform.advance(600).await;
    };
    notify(2).await;
    let all = rows(&page, "Timeline");
    assert!(all[0].contains("favorite_added, version 2"), "{all:?}");

    click(&page.by_role("button", "Pause")).await;
    notify(3).await;
    assert_eq!(rows(&page, "Timeline"), all);
    click(&page.by_role("button", "Resume")).await;
    assert_eq!(rows(&page, "Timeline").len(), all.len() + 1);

    cut(&fixture).await;
    let all = rows(&page, "Timeline");
    enter(
        page.one("input[placeholder='Filter the timeline']"),
        "→ reconnecting",
    )
    .await;
    let found = rows(&page, "Timeline");
    assert_eq!(found.len(), 1, "{all:?}");
    assert!(found[0].contains("connected → reconnecting"), "{found:?}");
    page.unmount().await;
}
