//! The hooks: what they show, what they hold, and when they render.

use std::cell::Cell;

use dashboard_model::change::{self, kind};
use dashboard_model::{Change, Event, Favorites, MutationBody, Resource, SetFavorite};
use realtime_dashboard::hooks::{
    use_clock, use_collection, use_optimistic_favorite, use_realtime_connection,
    use_realtime_subscription, use_tab_subscription,
};
use realtime_dashboard::tabs::Tab;
use sync_engine::http::{HttpReply, HttpRequest, MutationOutcome, MutationReply, MutationResult};
use sync_engine::io::{PageSignal, SocketEvent};
use sync_protocol::{Problem, ProblemCode, Timestamp};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::support::backend::{beat, body_of, favorite};
use crate::support::page::{Page, click};
use crate::support::platform::START_MS;
use crate::support::realtime::{accept, publish, serve};
use crate::support::world::{Shell, World};

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

/// What a status region says.
pub(crate) fn notified<C: BaseComponent>(page: &Page<C>, name: &str) -> String {
    let element = page.by_role("status", name);
    element.text_content().unwrap_or_default()
}

#[wasm_bindgen_test]
async fn use_realtime_connection_tells_the_truth_about_a_drop() {
    let world = World::new();
    let (page, socket) = world.open_live::<Connection>().await;
    assert_eq!(
        (notified(&page, "Shown"), notified(&page, "Session")),
        ("live".into(), "connected".into())
    );

    socket.notify(SocketEvent::Closed {
        code: 1006,
        reason: String::new(),
    });
    world.platform.advance(100).await;
    // The session is as it is; the user is shown nothing of a short drop.
    assert_eq!(
        (notified(&page, "Shown"), notified(&page, "Session")),
        ("live".into(), "reconnecting".into())
    );
    click(&page.by_role("button", "Retry now")).await;
    accept(&world.socket()).await;
    assert_eq!(notified(&page, "Session"), "connected");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn use_realtime_connection_switches_updates_off_and_on() {
    let world = World::new();
    let (page, socket) = world.open_live::<Connection>().await;
    click(&page.by_role("button", "Disconnect")).await;
    assert_eq!(
        (notified(&page, "Shown"), notified(&page, "Session")),
        ("paused".into(), "disconnected".into())
    );
    assert!(!socket.is_held());
    click(&page.by_role("button", "Connect")).await;
    accept(&world.socket()).await;
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

/// An event of a favorite that somebody else added.
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
async fn use_query_shows_what_was_read_and_what_comes_later() {
    let world = World::new();
    world.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = world.open_live::<Titles>().await;
    assert_eq!(page.all_by_role("listitem", "Beat b1").len(), 1);

    let event = favorite_added("b2", 2, 1);
    publish(&socket, "dashboard:favorites#ada", 1, &event).await;
    world.platform.draw().await;
    world.platform.advance(1000).await;
    world.platform.draw().await;
    assert_eq!(page.all_by_role("listitem", "Beat b2").len(), 1);
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn use_query_renders_only_when_its_own_data_changed() {
    let world = World::new();
    world.backend.set_favorites(&[beat("b1")]);
    let (page, socket) = world.open_live::<Titles>().await;
    let before = RENDERS.get();
    // The heartbeat, an event that is known already, and an event of another resource.
    socket.notify(SocketEvent::Text("{}".to_owned()));
    let known = favorite_added("b1", 1, 0);
    publish(&socket, "dashboard:favorites#ada", 1, &known).await;
    world.platform.draw().await;
    world.platform.advance(2000).await;
    world.platform.draw().await;
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
async fn use_tab_subscription_joins_at_once_and_leaves_after_a_grace() {
    let world = World::new();
    let page = world.open::<Tabs>().await;
    let socket = world.socket();
    socket.notify(SocketEvent::Opened);
    let mut joined = serve(&socket).await;
    joined.sort();
    assert_eq!(joined, ["+dashboard:orders#ada", "+dashboard:stats#ada"]);

    click(&page.by_role("button", "Downloads")).await;
    assert_eq!(serve(&socket).await, ["+dashboard:downloads#ada"]);
    world.platform.advance(11_000).await;
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

/// Answers the change that was sent; returns what was asked for.
fn answer(world: &World, outcome: impl Fn(&str) -> MutationOutcome) -> MutationBody {
    let (request, reply) = world.backend.take_mutations().expect("a change was sent");
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
    let world = World::new();
    let (page, _socket) = world.open_live::<Heart>().await;
    assert_eq!(
        (notified(&page, "Known"), pressed(&page)),
        ("true".into(), "false".into())
    );
    world.backend.take_calls();

    click(&page.by_role("button", "Favorite Beat b1")).await;
    assert_eq!(pressed(&page), "true");
    assert!(pending(&page));
    assert_eq!(world.backend.take_calls(), []);

    world.platform.advance(500).await;
    let body = answer(&world, |id| MutationOutcome::Accepted {
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
    world.platform.advance(1000).await;
    world.platform.draw().await;
    assert_eq!(pressed(&page), "true");
    assert!(!pending(&page));
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn use_optimistic_favorite_goes_back_with_a_reason_when_rejected() {
    let world = World::new();
    let (page, _socket) = world.open_live::<Heart>().await;
    click(&page.by_role("button", "Favorite Beat b1")).await;
    world.platform.advance(500).await;
    answer(&world, |_| MutationOutcome::Rejected {
        problem: Problem::new(ProblemCode::QuotaExceeded, 422, "enough"),
    });
    world.platform.advance(100).await;
    world.platform.draw().await;
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
    let world = World::new();
    let (page, socket) = world.open_live::<Counter>().await;
    for (offset, version) in [(1, 2), (2, 2), (3, 3)] {
        let event = favorite_added(&format!("b{version}"), version, version - 1);
        publish(&socket, "dashboard:favorites#ada", offset, &event).await;
    }
    world.platform.draw().await;
    world.platform.advance(1000).await;
    world.platform.draw().await;
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
    let world = World::new();
    let (page, _socket) = world.open_live::<Clock>().await;
    world.platform.advance(3000).await;
    assert_eq!(notified(&page, "Seconds"), "3");
    world.platform.signal(PageSignal::Hidden).await;
    world.platform.advance(5000).await;
    assert_eq!(notified(&page, "Seconds"), "3");
    world.platform.signal(PageSignal::Visible).await;
    assert_eq!(notified(&page, "Seconds"), "8");
    page.unmount().await;
    assert_eq!(world.platform.held(), 0);
}
