//! Hooks for mutations: orders, downloads, and the list of all mutations.

use std::cell::Cell;
use std::rc::Rc;

use dashboard_model::{
    Beat, DownloadFormat, Downloads, Favorites, License, Money, MutationBody, Orders, PlaceOrder,
    SetFavorite,
};
use realtime_dashboard::hooks::{
    use_collection, use_optimistic_download, use_optimistic_favorite, use_optimistic_order,
    use_optimistic_updates,
};
use sync_engine::http::{HttpReply, HttpRequest, MutationOutcome, MutationReply, MutationResult};
use sync_engine::schema::MutationRef;
use sync_protocol::{Problem, ProblemCode, RawMutation};
use sync_yew::test_util::settle;
use sync_yew::use_mutation;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::hooks::notified;
use crate::support::backend::body_of;
use crate::support::fixture::Fixture;
use crate::support::page::click;

fn beat() -> Rc<Beat> {
    let price = Money {
        amount: 1999,
        currency: "USD".to_owned(),
    };
    let mut beat = Beat {
        id: "b1".to_owned(),
        title: "Blue".to_owned(),
        price: price.clone(),
        ..Beat::default()
    };
    beat.prices.basic = price;
    Rc::new(beat)
}

/// Lets the waiting mutations be sent; returns them after answering their request with `outcome`.
async fn answer(
    fixture: &Fixture,
    outcome: impl Fn() -> Option<MutationOutcome>,
) -> Vec<RawMutation> {
    fixture.platform.advance(500).await;
    let (request, reply) = fixture.backend.take_waiting().expect("a change was sent");
    let HttpRequest::Mutations(request) = request else {
        panic!("only changes wait");
    };
    let results = request.mutations.iter().filter_map(|mutation| {
        Some(MutationResult {
            id: mutation.id.as_str().into(),
            outcome: outcome()?,
        })
    });
    reply.send(Ok(HttpReply::Mutations(MutationReply {
        epoch: "E1".into(),
        results: results.collect(),
    })));
    settle().await;
    fixture.platform.draw().await;
    request.mutations
}

fn rejected(code: ProblemCode) -> MutationOutcome {
    MutationOutcome::Rejected {
        problem: Problem::new(code, 422, "refused"),
    }
}

#[component]
fn Buy() -> Html {
    let orders = use_collection::<Orders>();
    let order = use_optimistic_order();
    let id = use_state(|| Rc::<str>::from(""));
    let failure = order
        .failure_of(&id)
        .and_then(|failure| failure.error.code.clone());
    let pending = order.pending_of(&id).is_some();
    let onclick = {
        let (order, id) = (order, id);
        move |_| id.set(order.place(vec![(beat(), License::Basic)]).expect("an id"))
    };
    let rows = orders.data().map_or(0, |data| data.rows.len());
    html! {
        <>
            <button {onclick}>{ "Buy Blue" }</button>
            <p role="status" aria-label="Rows">{ rows }</p>
            <p role="status" aria-label="Pending">{ pending.to_string() }</p>
            <p role="status" aria-label="Refused">{ failure.map(|code| code.as_str().to_owned()) }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn use_optimistic_order_shows_the_order_at_once_and_rolls_back_a_rejection() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Buy>().await;
    assert_eq!(notified(&page, "Rows"), "0");
    click(&page.by_role("button", "Buy Blue")).await;
    assert_eq!(
        (notified(&page, "Rows"), notified(&page, "Pending")),
        ("1".into(), "true".into())
    );

    let sent = answer(&fixture, || Some(rejected(ProblemCode::AlreadyOwned))).await;
    let MutationBody::PlaceOrder(PlaceOrder {
        expected_total,
        lines,
        ..
    }) = body_of(&sent[0])
    else {
        panic!("an order was placed");
    };
    assert_eq!(
        (expected_total.amount, lines[0].beat_id.as_str()),
        (1999, "b1")
    );
    assert_eq!(
        (notified(&page, "Rows"), notified(&page, "Pending")),
        ("0".into(), "false".into())
    );
    assert_eq!(notified(&page, "Refused"), "already_owned");
    page.unmount().await;
}

#[component]
fn Fetch() -> Html {
    let downloads = use_collection::<Downloads>();
    let download = use_optimistic_download();
    let id = use_state(|| Rc::<str>::from(""));
    let failure = download
        .failure_of(&id)
        .and_then(|failure| failure.error.code.clone());
    let known = downloads
        .data()
        .is_some_and(|data| data.rows.iter().any(|row| *row.item.id == **id));
    let onclick = {
        let (download, id) = (download, id);
        move |_| {
            id.set(
                download
                    .request(&beat(), DownloadFormat::Mp3)
                    .expect("an id"),
            )
        }
    };
    let rows = downloads.data().map_or(0, |data| data.rows.len());
    html! {
        <>
            <button {onclick}>{ "Download Blue" }</button>
            <p role="status" aria-label="Known">{ known.to_string() }</p>
            <p role="status" aria-label="Rows">{ rows }</p>
            <p role="status" aria-label="Refused">{ failure.map(|code| code.as_str().to_owned()) }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn use_optimistic_download_shows_the_row_at_once_and_rolls_back_a_rejection() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Fetch>().await;
    click(&page.by_role("button", "Download Blue")).await;
    assert_eq!(notified(&page, "Rows"), "1");
    // The second press leads to the download of the first one.
    click(&page.by_role("button", "Download Blue")).await;
    assert_eq!(
        (notified(&page, "Rows"), notified(&page, "Known")),
        ("1".into(), "true".into())
    );
    let sent = answer(&fixture, || Some(rejected(ProblemCode::NotLicensed))).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (notified(&page, "Rows"), notified(&page, "Refused")),
        ("0".into(), "not_licensed".into())
    );
    page.unmount().await;
}

thread_local! {
    static RENDERS: Cell<u32> = const { Cell::new(0) };
}

#[component]
fn OrdersOnly() -> Html {
    RENDERS.set(RENDERS.get() + 1);
    let order = use_optimistic_order();
    let waiting = order.updates().pending().len();
    let onclick = move |_| drop(order.place(vec![(beat(), License::Basic)]));
    html! {
        <>
            <button {onclick}>{ "Buy Blue" }</button>
            <p role="status" aria-label="Waiting">{ waiting }</p>
        </>
    }
}

#[component]
fn HeartOnly() -> Html {
    let of = use_memo((), |()| beat());
    let favorite = use_optimistic_favorite(&of);
    html! { <button onclick={move |_| favorite.set(true)}>{ "Favorite Blue" }</button> }
}

#[component]
fn Both() -> Html {
    html! { <><OrdersOnly /><HeartOnly /></> }
}

#[wasm_bindgen_test]
async fn use_optimistic_order_renders_for_orders_and_not_for_other_changes() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Both>().await;
    let before = RENDERS.get();
    click(&page.by_role("button", "Favorite Blue")).await;
    fixture.platform.advance(500).await;
    assert_eq!(RENDERS.get(), before);
    click(&page.by_role("button", "Buy Blue")).await;
    assert_eq!(notified(&page, "Waiting"), "1");
    assert_eq!(RENDERS.get(), before + 1);
    page.unmount().await;
}

#[component]
fn Updates() -> Html {
    use_collection::<Favorites>();
    let updates = use_optimistic_updates();
    let batch = updates.clone();
    let cancel = updates.clone();
    let clear = updates.clone();
    let retry = updates.clone();
    let mark = |id: &str| {
        MutationRef::new(SetFavorite {
            beat_id: id.to_owned(),
            favorite: true,
        })
    };
    let each = updates.clone();
    let oneach = move |_| {
        for id in ["b1", "b2"] {
            each.add(mark(id));
        }
    };
    let onbatch = move |_| {
        batch.batch(vec![mark("b1"), mark("b2")], true);
    };
    let oncancel = move |_| {
        let id = cancel.pending().first().map(|pending| pending.id.clone());
        cancel.cancel(&id.expect("something is pending"));
    };
    let onretry = move |_| {
        let id = retry
            .failures()
            .first()
            .map(|failure| failure.mutation.id.clone());
        retry.retry(&id.expect("something failed"));
    };
    html! {
        <>
            <button onclick={oneach}>{ "Mark each" }</button>
            <button onclick={onbatch}>{ "Mark both" }</button>
            <button onclick={oncancel}>{ "Cancel first" }</button>
            <button onclick={onretry}>{ "Retry last" }</button>
            <button onclick={move |_| clear.clear()}>{ "Clear" }</button>
            <p role="status" aria-label="Pending">{ updates.pending().len() }</p>
            <p role="status" aria-label="Failed">{ updates.failures().len() }</p>
        </>
    }
}

#[wasm_bindgen_test]
async fn use_optimistic_updates_sends_a_batch_as_one_and_lists_what_failed() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Updates>().await;
    click(&page.by_role("button", "Mark both")).await;
    assert_eq!(notified(&page, "Pending"), "2");
    let sent = answer(&fixture, || Some(rejected(ProblemCode::BatchRejected))).await;
    assert_eq!(sent.len(), 2);
    // One action of the user, one failure.
    assert_eq!(
        (notified(&page, "Pending"), notified(&page, "Failed")),
        ("0".into(), "1".into())
    );

    // The retry of a rejected mutation is a new mutation.
    click(&page.by_role("button", "Retry last")).await;
    assert_eq!(notified(&page, "Failed"), "0");
    let again = answer(&fixture, || Some(rejected(ProblemCode::QuotaExceeded))).await;
    assert!(
        again
            .iter()
            .all(|new| sent.iter().all(|old| old.id != new.id))
    );
    assert_eq!(notified(&page, "Failed"), "1");
    click(&page.by_role("button", "Clear")).await;
    assert_eq!(notified(&page, "Failed"), "0");
    page.unmount().await;
}

#[wasm_bindgen_test]
async fn use_optimistic_updates_cancels_one_change_and_keeps_the_others() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Updates>().await;
    click(&page.by_role("button", "Mark each")).await;
    click(&page.by_role("button", "Cancel first")).await;
    assert_eq!(notified(&page, "Pending"), "1");
    page.unmount().await;
}

/// Failures of two kinds, of which one kind is dismissed.
#[component]
fn Dismisses() -> Html {
    let favorites = use_mutation::<SetFavorite>();
    let orders = use_mutation::<PlaceOrder>();
    let count = favorites.failures().len() + orders.failures().len();
    let (mark, buy) = (favorites.clone(), orders);
    let mark = move |_| {
        for beat_id in ["b1", "b2"].map(str::to_owned) {
            let favorite = true;
            mark.mutate(SetFavorite { beat_id, favorite });
        }
    };
    let buy = move |_| {
        if let Some(order_id) = buy.new_id() {
            buy.mutate(PlaceOrder {
                order_id,
                lines: Vec::new(),
                expected_total: Money::default(),
            });
        }
    };
    html! {
        <>
            <p role="status" aria-label="Failures">{ count }</p>
            <button onclick={mark}>{ "Mark" }</button>
            <button onclick={buy}>{ "Buy" }</button>
            <button onclick={move |_| favorites.clear()}>{ "Clear" }</button>
        </>
    }
}

#[wasm_bindgen_test]
async fn a_mutation_handle_dismisses_the_failures_of_its_own_kind() {
    let fixture = Fixture::new();
    let (page, _socket) = fixture.open_live::<Dismisses>().await;
    let rejected = || {
        let problem = Problem::new(ProblemCode::NotFound, 404, "gone");
        Some(MutationOutcome::Rejected { problem })
    };
    for button in ["Mark", "Buy"] {
        click(&page.by_role("button", button)).await;
        fixture.platform.advance(500).await;
        while fixture.backend.has_waiting() {
            answer(&fixture, rejected).await;
        }
    }
    fixture.platform.draw().await;
    assert_eq!(notified(&page, "Failures"), "3");
    click(&page.by_role("button", "Clear")).await;
    fixture.platform.draw().await;
    assert_eq!(notified(&page, "Failures"), "1");
    page.unmount().await;
    assert_eq!(fixture.platform.held(), 0);
}
