//! The whole dashboard with a fake server.

use std::cell::RefCell;
use std::rc::Rc;

use dashboard_model::{Change, DownloadFormat, Event, License, Resource, SeenBeats, SetFavorite};
use realtime_dashboard::app::dashboard;
use realtime_dashboard::hooks::{
    use_optimistic_download, use_optimistic_order, use_optimistic_updates,
};
use realtime_dashboard::pages::Route;
use sync_engine::http::{HttpReply, HttpRequest, MutationOutcome, MutationReply, MutationResult};
use sync_engine::schema::MutationRef;
use sync_protocol::{Problem, ProblemCode, RawMutation, Timestamp};
use sync_yew::test_util::{FakeSocket, START_MS, publish, settle};
use yew::prelude::*;
use yew_router::history::{AnyHistory, MemoryHistory};
use yew_router::{Router, Switch};

use super::backend::beat;
use super::fixture::{Fixture, Shell};
use super::page::Page;

thread_local! {
    static HISTORY: RefCell<Option<AnyHistory>> = const { RefCell::new(None) };
}

/// The dashboard, with buttons beside it for further user actions.
#[component]
pub(crate) fn Whole() -> Html {
    let order = use_optimistic_order();
    let download = use_optimistic_download();
    let updates = use_optimistic_updates();
    let buy = move |_| drop(order.place(vec![(beat("b1"), License::Basic)]));
    let ask = move |_| drop(download.request(&beat("b1"), DownloadFormat::Mp3));
    let mark = |id: &str| {
        let favorite = SetFavorite {
            beat_id: id.to_owned(),
            favorite: true,
        };
        MutationRef::with_context(favorite, &SeenBeats::one(&beat(id)))
    };
    let mark_both = move |_| drop(updates.batch(vec![mark("b1"), mark("b2")], true));
    let history = HISTORY.with_borrow(Clone::clone).expect("an address");
    html! {
        <>
            <button onclick={buy}>{ "Order" }</button>
            <button onclick={ask}>{ "Ask" }</button>
            <button onclick={mark_both}>{ "Mark both" }</button>
            <Router {history}><Switch<Route> render={dashboard} /></Router>
        </>
    }
}

/// The dashboard with its providers.
pub(crate) type Dashboard = Page<Shell<Whole>>;

/// The dashboard at an address, live.
pub(crate) async fn open(fixture: &Fixture, path: &str) -> (Dashboard, Rc<FakeSocket>, AnyHistory) {
    fixture.backend.set_catalog(&[beat("b1"), beat("b2")]);
    let history = AnyHistory::from(MemoryHistory::with_entries([path]));
    HISTORY.set(Some(history.clone()));
    let (page, socket) = fixture.open_live::<Whole>().await;
    (page, socket, history)
}

/// Answers the oldest mutation request; returns its mutations.
pub(crate) async fn answer(
    fixture: &Fixture,
    outcome: impl Fn(&RawMutation) -> MutationOutcome,
) -> Vec<RawMutation> {
    // Longer than a second: a favorite waits for a second after the last one was sent.
    fixture.platform.advance(1100).await;
    let asked = reply(fixture, outcome);
    settle().await;
    fixture.platform.draw().await;
    asked
}

/// Sends the reply to the oldest mutation request, and does not wait for its effects.
pub(crate) fn reply(
    fixture: &Fixture,
    outcome: impl Fn(&RawMutation) -> MutationOutcome,
) -> Vec<RawMutation> {
    let (request, reply) = fixture.backend.take_waiting().expect("a change was sent");
    let HttpRequest::Mutations(request) = request else {
        panic!("only changes wait");
    };
    let results = request.mutations.iter().map(|mutation| MutationResult {
        id: mutation.id.as_str().into(),
        outcome: outcome(mutation),
    });
    reply.send(Ok(HttpReply::Mutations(MutationReply {
        epoch: "E1".into(),
        results: results.collect(),
    })));
    request.mutations
}

/// The server rejects it.
pub(crate) fn rejected(_: &RawMutation) -> MutationOutcome {
    MutationOutcome::Rejected {
        problem: Problem::new(ProblemCode::QuotaExceeded, 422, "enough"),
    }
}

/// The server accepts it, and publishes the events on the channel.
pub(crate) const fn accepted(version: u64) -> MutationOutcome {
    MutationOutcome::Accepted {
        version,
        events: Vec::new(),
    }
}

/// An event of one change.
pub(crate) fn event(resource: Resource, version: u64, prev: u64, change: Change) -> Event {
    Event {
        epoch: "E1".to_owned(),
        resource,
        version,
        prev,
        resources: vec![resource],
        mutations: Vec::new(),
        at: Timestamp::from_unix_ms(START_MS),
        changes: vec![change],
    }
}

/// Publishes an event on its channel, and lets it render.
pub(crate) async fn notify(fixture: &Fixture, socket: &FakeSocket, offset: u64, event: Event) {
    let channel = format!("dashboard:{}#ada", event.resource.as_str());
    publish(socket, &channel, offset, &event).await;
    fixture.platform.draw().await;
    fixture.platform.advance(300).await;
    fixture.platform.draw().await;
}
