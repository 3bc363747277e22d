//! The hooks: their data, their subscriptions, and their renders.

use std::cell::Cell;

use dashboard_model::change::{self, kind};
use dashboard_model::{Change, Event, Favorites, MutationBody, Resource, SetFavorite};
use realtime_dashboard::hooks::{
    use_clock, use_collection, use_optimistic_favorite, use_realtime_connection,
    use_realtime_subscription, use_tab_subscription,
};
use realtime_dashboard::pages::Tab;
use sync_engine::http::{HttpReply, HttpRequest, MutationOutcome, MutationReply, MutationResult};
use sync_engine::io::{PageSignal, SocketEvent};
use sync_protocol::{Problem, ProblemCode, Timestamp};
use sync_yew::test_util::{START_MS, accept, publish, serve};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::support::backend::{beat, body_of, favorite};
use crate::support::fixture::{Fixture, Shell};
use crate::support::page::{Page, click};

thread_local! {
    static RENDERS: Cell<u32> = const { Cell::new(0) };
}

#[component]
fn Connection() -> Html {
    let connection = use_realtime_connection();
    let (off, on, now) = (connection.clone(), connection.clone(), connection.clone());
    let view = connection.view();
    html! {
        <>
            <p role="status" aria-label="Shown">{ view.shown.as_str() }</p>
            <p role="status" aria-label="Session">{ view.status.as_str() }</p>
            <button onclick={move |_| off.disconnect()}>{ "Disconnect" }</button>
            <button onclick={move |_| on.connect()}>{ "Connect" }</button>
            <button onclick={move |_| now.reconnect()}>{ "Retry now" }</button>
        </>
    }
}

/// The text of a status region.
pub(crate) fn notified<C: BaseComponent>(page: &Page<C>, name: &str) -> String {
    let element = page.by_role("status", name);
    element.text_content().unwrap_or_default()
}

#[wasm_bindgen_test]
async fn use_realtime_connection_shows_the_actual_state_of_a_drop() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<Connection>().await;
    assert_eq!(
        (notified(&page, "Shown"), notified(&page, "Session")),
        ("live".into(), "connected".into())
    );

    socket.notify(SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
    });
    fixture.platform.advance(100).await;
    // The connection has its actual state; the user does not see a short drop.
    assert_eq!(
        (notified(&page, "Shown"), notified(&page, "Session")),
        ("live".into(), "reconnecting".into())
    );
    click(&page.by_role("button", "Retry now")).await;
    accept(&fixture.socket()).await;
    assert_eq!(notified(&page, "Session"), "connected");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn use_realtime_connection_switches_updates_off_and_on() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<Connection>().await;
    click(&page.by_role("button", "Disconnect")).await;
    assert_eq!(
        (notified(&page, "Shown"), notified(&page, "Session")),
        ("paused".into(), "disconnected".into())
    );
    assert!(!socket.is_held());
    click(&page.by_role("button", "Connect")).await;
    accept(&fixture.socket()).await;
    assert_eq!(notified(&page, "Session"), "connected");
    page.unmount().await;
}

#[component]
fn Titles() -> Html {
    RENDERS.set(RENDERS.get() + 1);
    let favorites = use_collection::<Favorites>();
    let rows = favorites.data().map(|data| data.rows.clone());
    html! {
        if let Some(rows) = rows {
            <ul aria-label="Favorites">
                for row in rows {
                    <li key={row.item.beat_id.clone()}>{ row.item.beat.title.clone() }</li>
                }
            </ul>
        } else {
            <p role="status" aria-label="Loading">{ "…" }</p>
        }
    }
}

/// An event of a favorite that another client added.
pub(crate) fn favorite_added(id: &str, version: u64, prev: u64) -> Event {
    Event {
        epoch: "E1".to_owned(),
        resource: Resource::Favorites,
        version,
        prev,
        resources: vec![Resource::Favorites],
        mutations: Vec::new(),
        at: Timestamp::from_unix_ms(START_MS + version as i64),
        changes: vec![Change::favorite_added(favorite(&beat(id)))],
    }
}

#[wasm_bindgen_test]
async fn use_query_shows_fetched_data_and_later_updates() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = fixture.open_live::<Titles>().await;
    assert_eq!(page.all_by_role("listitem", "Beat b1").len(), 1);

    let event = favorite_added("b2", 2, 1);
    publish(&socket, "dashboard:favorites#ada", 1, &event).await;
    fixture.platform.draw().await;
    fixture.platform.advance(1000).await;
    fixture.platform.draw().await;
    assert_eq!(page.all_by_role("listitem", "Beat b2").len(), 1);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn use_query_renders_only_when_its_own_data_changed() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = fixture.open_live::<Titles>().await;
    let before = RENDERS.get();
    // The heartbeat, a known event, and an event of another resource.
    socket.notify(SocketEvent::Text("{}".to_owned()));
    let known = favorite_added("b1", 1, 0);
    publish(&socket, "dashboard:favorites#ada", 1, &known).await;
    fixture.platform.draw().await;
    fixture.platform.advance(2000).await;
    fixture.platform.draw().await;
    assert_eq!(RENDERS.get(), before);
    page.unmount().await;
}

#[component]
fn Tabs() -> Html {
    let tab = use_state(|| Tab::Orders);
    use_tab_subscription(*tab);
    let go = tab;
    html! { <button onclick={move |_| go.set(Tab::Downloads)}>{ "Downloads" }</button> }
}

#[wasm_bindgen_test]
async fn use_tab_subscription_subscribes_at_once_and_unsubscribes_after_a_grace() {
    let fixture = Fixture::new();
    let page = fixture.open::<Tabs>().await;
    let socket = fixture.socket();
    socket.notify(SocketEvent::Opened);
    let mut subscribed = serve(&socket).await;
    subscribed.sort();
    assert_eq!(
        subscribed,
        ["+dashboard:orders#ada", "+dashboard:stats#ada"]
    );

    click(&page.by_role("button", "Downloads")).await;
    assert_eq!(serve(&socket).await, ["+dashboard:downloads#ada"]);
    fixture.platform.advance(11_000).await;
    assert_eq!(serve(&socket).await, ["-dashboard:orders#ada"]);
    page.unmount().await;
}

#[component]
fn Heart() -> Html {
    let of = use_memo((), |()| beat("b1"));
    let favorite = use_optimistic_favorite(&of);
    let (set, dismiss) = (favorite.clone(), favorite.clone());
    let pressed = favorite.favorite();
    html! {
        <>
            <button
                aria-label="Favorite Beat b1"
                aria-pressed={pressed.to_string()}
                data-pending={favorite.pending().is_some().then_some("true")}
                onclick={move |_| set.set(!pressed)}
            />
            <p role="status" aria-label="Known">{ favorite.known().to_string() }</p>
            <p role="status" aria-label="Refused">
                { favorite.failure().and_then(|failure| failure.error.code.clone()).map(|code| code.as_str().to_owned()) }
            </p>
            <button onclick={move |_| dismiss.dismiss()}>{ "Dismiss" }</button>
        </>
    }
}

/// Answers the mutation that was sent; returns it.
fn answer(fixture: &Fixture, outcome: impl Fn(&str) -> MutationOutcome) -> MutationBody {
    let (request, reply) = fixture.backend.take_waiting().expect("a change was sent");
    let HttpRequest::Mutations(request) = request else {
        panic!("only changes wait");
    };
    let mutation = &request.mutations[0];
    reply.send(Ok(HttpReply::Mutations(MutationReply {
        epoch: "E1".into(),
        results: vec![MutationResult {
            id: mutation.id.as_str().into(),
            outcome: outcome(&mutation.id),
        }],
    })));
    body_of(mutation)
}

fn pressed(page: &Page<Shell<Heart>>) -> String {
    let favorite = page.by_role("button", "Favorite Beat b1");
    favorite.get_attribute("aria-pressed").unwrap_or_default()
}

fn pending(page: &Page<Shell<Heart>>) -> bool {
    let favorite = page.by_role("button", "Favorite Beat b1");
    favorite.has_attribute("data-pending")
}

#[wasm_bindgen_test]
async fn use_optimistic_favorite_shows_the_mutation_before_any_call() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Heart>().await;
    assert_eq!(
        (notified(&page, "Known"), pressed(&page)),
        ("true".into(), "false".into())
    );
    fixture.backend.take_calls();

    click(&page.by_role("button", "Favorite Beat b1")).await;
    assert_eq!(pressed(&page), "true");
    assert!(pending(&page));
    assert_eq!(fixture.backend.take_calls(), []);

    fixture.platform.advance(500).await;
    let body = answer(&fixture, |id| MutationOutcome::Accepted {
        version: 2,
        events: vec![change::decoded(&Event {
            mutations: vec![id.to_owned()],
            ..favorite_added("b1", 2, 1)
        })],
    });
    let expected = SetFavorite {
        beat_id: "b1".to_owned(),
        favorite: true,
    };
    assert_eq!(body, MutationBody::from(expected));
    fixture.platform.advance(1000).await;
    fixture.platform.draw().await;
    assert_eq!(pressed(&page), "true");
    assert!(!pending(&page));
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn use_optimistic_favorite_rolls_back_a_rejection_with_its_reason() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Heart>().await;
    click(&page.by_role("button", "Favorite Beat b1")).await;
    fixture.platform.advance(500).await;
    answer(&fixture, |_| MutationOutcome::Rejected {
        problem: Problem::new(ProblemCode::QuotaExceeded, 422, "enough"),
    });
    fixture.platform.advance(100).await;
    fixture.platform.draw().await;
    assert_eq!(pressed(&page), "false");
    assert_eq!(notified(&page, "Refused"), "quota_exceeded");
    click(&page.by_role("button", "Dismiss")).await;
    assert_eq!(notified(&page, "Refused"), "");
    page.unmount().await;
}

#[component]
fn Counter() -> Html {
    use_collection::<Favorites>();
    let count = use_state(|| 0);
    let counter = count.clone();
    use_realtime_subscription(
        &[kind::FAVORITE_ADDED],
        Callback::from(move |_| counter.set(*counter + 1)),
    );
    html! { <p role="status" aria-label="Count">{ *count }</p> }
}

#[wasm_bindgen_test]
async fn use_realtime_subscription_calls_once_for_each_applied_change() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<Counter>().await;
    for (offset, version) in [(1, 2), (2, 2), (3, 3)] {
        let event = favorite_added(&format!("b{version}"), version, version - 1);
        publish(&socket, "dashboard:favorites#ada", offset, &event).await;
    }
    fixture.platform.draw().await;
    fixture.platform.advance(1000).await;
    fixture.platform.draw().await;
    assert_eq!(notified(&page, "Count"), "2");
    page.unmount().await;
}

#[component]
fn Clock() -> Html {
    let now_ms = use_clock(1000);
    html! { <p role="status" aria-label="Seconds">{ (now_ms - START_MS) / 1000 }</p> }
}

#[wasm_bindgen_test]
async fn use_clock_ticks_while_the_page_is_shown() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Clock>().await;
    fixture.platform.advance(3000).await;
    assert_eq!(notified(&page, "Seconds"), "3");
    fixture.platform.signal(PageSignal::Hidden).await;
    fixture.platform.advance(5000).await;
    assert_eq!(notified(&page, "Seconds"), "3");
    fixture.platform.signal(PageSignal::Visible).await;
    assert_eq!(notified(&page, "Seconds"), "8");
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}
