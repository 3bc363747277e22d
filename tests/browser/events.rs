//! Hooks that batch, count and combine events, and the tabs.

use std::cell::RefCell;

use dashboard_model::change::kind;
use dashboard_model::{Catalog, Favorites, Orders, Resource};
use realtime_dashboard::hooks::{
    EventBatch, UseEventBatchOptions, use_collection, use_dashboard, use_dashboard_tabs,
    use_event_batch, use_pages, use_query_client, use_realtime_metrics,
};
use realtime_dashboard::pages::Tab;
use sync_engine::http::HttpRequest;
use sync_engine::metrics::Counter;
use sync_protocol::Page as ResultPage;
use sync_yew::test_util::{publish, settle};
use sync_yew::{CollectionSource, PagesSource, use_pages_if};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;
use yew_router::Router;
use yew_router::history::{AnyHistory, History, MemoryHistory};

use crate::hooks::{favorite_added, notified};
use crate::support::backend::beat;
use crate::support::fixture::Fixture;
use crate::support::page::{Page, click};

const FAVORITES: &str = "dashboard:favorites#ada";

thread_local! {
    static BATCHES: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The sizes of the batches since the last call.
pub(crate) fn take_batches() -> Vec<usize> {
    BATCHES.take()
}

/// Collects added favorites, in batches of three or after a second.
#[component]
pub(crate) fn Batches() -> Html {
    use_collection::<Favorites>();
    let options = UseEventBatchOptions {
        debounce_ms: Some(1000),
        longest_wait_ms: Some(3000),
        batch_size: Some(3),
        kinds: &[kind::FAVORITE_ADDED],
        urgent: &[],
    };
    use_event_batch(
        Resource::Favorites.into(),
        options,
        Callback::from(|batch: EventBatch| {
            BATCHES.with_borrow_mut(|sizes| sizes.push(batch.len()))
        }),
    );
    html! {}
}

/// Publishes favorites and lets the engine apply them.
pub(crate) async fn add_favorites(fixture: &Fixture, versions: std::ops::RangeInclusive<u64>) {
    for version in versions {
        let event = favorite_added(&format!("b{version}"), version, version - 1);
        publish(&fixture.socket(), FAVORITES, version - 1, &event).await;
    }
    fixture.platform.draw().await;
    fixture.platform.advance(300).await;
    fixture.platform.draw().await;
}

#[wasm_bindgen_test]
async fn use_event_batch_collects_until_a_pause_or_a_full_batch() {
    BATCHES.take();
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Batches>().await;
    add_favorites(&fixture, 2..=3).await;
    assert!(BATCHES.take().is_empty());
    fixture.platform.advance(1000).await;
    assert_eq!(BATCHES.take(), [2]);
    add_favorites(&fixture, 4..=7).await;
    assert_eq!(BATCHES.take(), [3]);
    // An incomplete batch is dropped when the component unmounts.
    page.unmount().await;
    fixture.platform.advance(5000).await;
    assert!(BATCHES.take().is_empty());
    assert_eq!(fixture.platform.held(), 0);
}

#[component]
fn BatchesBySetting() -> Html {
    use_collection::<Favorites>();
    let options = UseEventBatchOptions {
        kinds: &[kind::FAVORITE_ADDED],
        ..UseEventBatchOptions::default()
    };
    use_event_batch(
        Resource::Favorites.into(),
        options,
        Callback::from(|batch: EventBatch| {
            BATCHES.with_borrow_mut(|sizes| sizes.push(batch.len()))
        }),
    );
    html! {}
}

#[wasm_bindgen_test]
async fn use_event_batch_takes_its_defaults_from_the_settings() {
    BATCHES.take();
    for (debounce_ms, batch_size, at_once) in [(1000, 100, 0), (1000, 1, 1)] {
        let mut fixture = Fixture::new();
        (fixture.settings.debounce_ms, fixture.settings.batch_size) = (debounce_ms, batch_size);
        let (page, _socket) = fixture.open_live::<BatchesBySetting>().await;
        add_favorites(&fixture, 2..=2).await;
        assert_eq!(BATCHES.take().len(), at_once);
        fixture.platform.advance(600).await;
        assert!(BATCHES.take().is_empty());
        fixture.platform.advance(400).await;
        assert_eq!(BATCHES.take().len(), 1 - at_once);
        page.unmount().await;
    }
}

#[component]
fn Metrics() -> Html {
    use_collection::<Favorites>();
    let metrics = use_realtime_metrics();
    let counts = &metrics.counts;
    html! {
        <>
            <p role="status" aria-label="Received">{ counts.of(Counter::Received) }</p>
            <p role="status" aria-label="Applied">{ counts.of(Counter::Applied) }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn use_realtime_metrics_counts_received_and_applied_events() {
    let fixture = Fixture::new();
    let (page, socket) = fixture.open_live::<Metrics>().await;
    add_favorites(&fixture, 2..=3).await;
    publish(&socket, FAVORITES, 3, &favorite_added("b3", 3, 2)).await;
    fixture.platform.advance(2000).await;
    assert_eq!(
        (notified(&page, "Received"), notified(&page, "Applied")),
        ("3".into(), "2".into())
    );
    page.unmount().await;
}

#[component]
fn Dashboard() -> Html {
    let dashboard = use_dashboard();
    let count = dashboard.stats.data().map(|data| data.data.favorites);
    html! {
        <>
            <p role="status" aria-label="Favorites">{ count }</p>
            <p role="status" aria-label="Shown">{ dashboard.connection.view().shown.as_str() }</p>
            <p role="status" aria-label="Waiting">{ dashboard.updates.pending().len() }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn use_dashboard_brings_everything_together() {
    let fixture = Fixture::new();
    fixture.backend.set_favorites(&[beat("b1"), beat("b2")]);
    let (page, _socket) = fixture.open_live::<Dashboard>().await;
    assert_eq!(notified(&page, "Favorites"), "2");
    assert_eq!(
        (notified(&page, "Shown"), notified(&page, "Waiting")),
        ("live".into(), "0".into())
    );
    page.unmount().await;
}

#[component]
fn Refresh() -> Html {
    use_collection::<Favorites>();
    use_collection::<Orders>();
    let all = use_query_client();
    let one = all.clone();
    html! {
        <>
            <button onclick={move |_| one.invalidate(&CollectionSource::<Orders>::default())}>{ "Refresh orders" }</button>
            <button onclick={move |_| all.invalidate_all()}>{ "Refresh all" }</button>
        </>
    }
}

/// The resources that were fetched since the last call.
fn fetched(fixture: &Fixture) -> Vec<Resource> {
    let calls = fixture.backend.take_calls().into_iter();
    let mut fetched: Vec<_> = calls
        .filter_map(|call| match call {
            HttpRequest::Snapshot(request) => Some(request.resources),
            _ => None,
        })
        .flatten()
        .filter_map(|(resource, _)| Resource::of(resource))
        .collect();
    fetched.sort();
    fetched
}

#[wasm_bindgen_test]
async fn use_query_client_reads_one_query_again_or_all_that_are_shown() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Refresh>().await;
    fetched(&fixture);
    click(&page.by_role("button", "Refresh orders")).await;
    fixture.platform.advance(1000).await;
    assert_eq!(fetched(&fixture), [Resource::Orders]);
    click(&page.by_role("button", "Refresh all")).await;
    fixture.platform.advance(1000).await;
    assert_eq!(fetched(&fixture), [Resource::Favorites, Resource::Orders]);
    page.unmount().await;
}

#[component]
fn Ahead() -> Html {
    let is_shown = use_state(|| false);
    let held = use_mut_ref(|| None);
    let query = Catalog::search("lofi");
    let client = use_query_client();
    let read_ahead = {
        let (client, query) = (client.clone(), query.clone());
        move |_| *held.borrow_mut() = Some(client.prefetch(&PagesSource(query.clone())))
    };
    let put_in = {
        let (client, query) = (client.clone(), query.clone());
        move |_| {
            let page = ResultPage {
                items: vec![(*beat("b2")).clone()],
                next_cursor: None,
            };
            client.set(&query, page);
        }
    };
    let show = {
        let is_shown = is_shown.clone();
        move |_| is_shown.set(true)
    };
    let known = client
        .read(&PagesSource(query.clone()))
        .data
        .map_or(0, |data| data.rows.len());
    html! {
        <>
            <button onclick={read_ahead}>{ "Prefetch" }</button>
            <button onclick={put_in}>{ "Put in" }</button>
            <button onclick={show}>{ format!("Show {known}") }</button>
            if *is_shown {
                <Search {query} />
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct SearchProps {
    query: Catalog,
}

#[component]
fn Search(props: &SearchProps) -> Html {
    let found = use_pages(props.query.clone());
    let titles = found.data().map(|data| {
        let titles = data.rows.iter().map(|beat| beat.title.clone());
        titles.collect::<Vec<_>>().join(", ")
    });
    html! { <p role="status" aria-label="Found">{ titles }</p> }
}

#[component]
fn SearchField() -> Html {
    let text = use_state(String::new);
    let found = use_pages_if(!text.is_empty(), Catalog::search(&text));
    let typed = text.clone();
    html! {
        <>
            <button onclick={move |_| typed.set("lofi".to_owned())}>{ "Type" }</button>
            <button onclick={move |_| text.set(String::new())}>{ "Clear" }</button>
            <p role="status" aria-label="Count">{ found.data().map(|found| found.rows.len()) }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn use_pages_if_fetches_only_while_the_data_are_wanted() {
    let fixture = Fixture::new();
    fixture.backend.set_catalog(&[beat("b1")]);
    let (page, _socket) = fixture.open_live::<SearchField>().await;
    assert_eq!(catalog_reads(&fixture), 0);
    assert_eq!(notified(&page, "Count"), "");
    click(&page.by_role("button", "Type")).await;
    assert_eq!(catalog_reads(&fixture), 1);
    assert_eq!(notified(&page, "Count"), "1");
    click(&page.by_role("button", "Clear")).await;
    fixture.platform.advance(60_000).await;
    assert_eq!(catalog_reads(&fixture), 0);
    assert_eq!(notified(&page, "Count"), "");
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

/// How many catalog fetches there were since the last call.
fn catalog_reads(fixture: &Fixture) -> usize {
    let calls = fixture.backend.take_calls().into_iter();
    calls
        .filter(|call| matches!(call, HttpRequest::Query { .. }))
        .count()
}

#[wasm_bindgen_test]
async fn use_query_client_prefetches_and_accepts_known_data() {
    let fixture = Fixture::new();
    fixture.backend.set_catalog(&[beat("b1")]);
    let (page, _socket) = fixture.open_live::<Ahead>().await;
    assert_eq!(catalog_reads(&fixture), 0);
    click(&page.by_role("button", "Prefetch")).await;
    assert_eq!(catalog_reads(&fixture), 1);
    // Prefetched data are there on the first render, and are not fetched again.
    click(&page.by_role("button", "Show 0")).await;
    assert_eq!(notified(&page, "Found"), "Beat b1");
    assert_eq!(catalog_reads(&fixture), 0);
    page.by_role("button", "Show 1");
    click(&page.by_role("button", "Put in")).await;
    fixture.platform.draw().await;
    assert_eq!(notified(&page, "Found"), "Beat b2");
    assert_eq!(catalog_reads(&fixture), 0);
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}

#[component]
fn OtherKeys() -> Html {
    let text = use_state(|| "lofi");
    let query = Catalog::search(*text);
    html! {
        <>
            <button onclick={move |_| text.set("trap")}>{ "Search trap" }</button>
            <Search {query} />
        </>
    }
}

#[wasm_bindgen_test]
async fn k6_a_component_that_looks_at_another_key_shows_nothing_of_the_former() {
    let fixture = Fixture::new();
    fixture.backend.set_catalog(&[beat("b1")]);
    let (page, _socket) = fixture.open_live::<OtherKeys>().await;
    assert_eq!(notified(&page, "Found"), "Beat b1");
    fixture.backend.set_down(true);
    click(&page.by_role("button", "Search trap")).await;
    assert_eq!(notified(&page, "Found"), "");
    page.unmount().await;
}

#[component]
fn TabList() -> Html {
    let tabs = use_dashboard_tabs();
    html! {
        <nav aria-label="Dashboard">
            for link in tabs.tabs().to_vec() {
                <a href={link.href} aria-current={link.is_current.then_some("page")}>
                    { link.tab.as_str() }
                </a>
            }
        </nav>
    }
}

#[derive(PartialEq, Properties)]
struct RoutedProps {
    history: AnyHistory,
}

#[component]
fn Routed(props: &RoutedProps) -> Html {
    html! { <Router history={props.history.clone()}><TabList /></Router> }
}

#[wasm_bindgen_test]
async fn use_dashboard_tabs_follows_the_address() {
    let history = AnyHistory::from(MemoryHistory::with_entries(["/orders"]));
    let page = Page::<Routed>::mount_with(RoutedProps {
        history: history.clone(),
    })
    .await;
    let addresses: Vec<_> = page
        .all("nav a")
        .iter()
        .map(|link| link.get_attribute("href").unwrap_or_default())
        .collect();
    let expected: Vec<_> = Tab::ALL
        .iter()
        .map(|tab| format!("/{}", tab.as_str()))
        .collect();
    assert_eq!(addresses, expected);
    let current = || page.one("[aria-current='page']").text_content();
    assert_eq!(current().as_deref(), Some("orders"));
    history.push("/analytics");
    settle().await;
    assert_eq!(current().as_deref(), Some("analytics"));
    history.push("/elsewhere");
    settle().await;
    assert_eq!(page.all("[aria-current]").len(), 0);
    page.unmount().await;
}
