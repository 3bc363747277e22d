//! The pending and the failed mutations, with their actions.

use dashboard_model::views::proposed_total;
use dashboard_model::{Catalog, PlaceOrder, RequestDownload, SetFavorite};
use sync_engine::schema::{MutationId, MutationRef};
use sync_engine::view::{FailureView, MutationState, PendingView};
use yew::prelude::*;

use crate::components::{Button, DataRow, DataTable, panel};
use crate::format;
use crate::hooks::{UseOptimisticUpdatesHandle, use_clock, use_optimistic_updates, use_realtime};
use crate::text::{self, demo};
use sync_yew::SyncClient;

/// The refresh period of ages, in milliseconds.
const PERIOD_MS: u32 = 1000;

/// Lists pending and failed mutations.
#[component]
pub(super) fn ChangeLists() -> Html {
    let realtime = use_realtime();
    let updates = use_optimistic_updates();
    let now_ms = use_clock(PERIOD_MS);
    let pending = updates.pending().iter();
    let pending = pending.map(|one| pending_row(one, &updates, &realtime, now_ms));
    let failures = updates.failures().iter();
    let failures = failures.map(|one| failure_row(one, &updates, now_ms));
    let on_clear = {
        let updates = updates.clone();
        Callback::from(move |()| updates.clear())
    };
    let clear = html! { <Button label={demo::CLEAR_LIST} on_press={on_clear} /> };
    let pending = html! {
        <DataTable
            label={demo::PENDING}
            columns={demo::PENDING_COLUMNS}
            rows={pending.collect::<Vec<_>>()}
            empty={demo::PENDING_EMPTY}
        />
    };
    let failures = html! {
        <DataTable
            label={demo::FAILURES}
            columns={demo::FAILURES_COLUMNS}
            rows={failures.collect::<Vec<_>>()}
            empty={demo::FAILURES_EMPTY}
        />
    };
    html! {
        <>
            <div class="workbench-wide">
                { panel("demo-pending", demo::PENDING, Html::default(), pending) }
            </div>
            <div class="workbench-wide">
                { panel("demo-failures", demo::FAILURES, clear, failures) }
            </div>
        </>
    }
}

fn pending_row(
    pending: &PendingView,
    updates: &UseOptimisticUpdatesHandle,
    realtime: &SyncClient,
    now_ms: i64,
) -> DataRow {
    let PendingView {
        id,
        mutation,
        state,
        asked_at_ms,
        attempts,
        cause,
        ..
    } = pending;
    let title = beat_of(mutation)
        .and_then(|id| realtime.read(|core| core.query_row::<Catalog>(id)))
        .map(|beat| beat.title.clone());
    let what = demo::mutation(mutation, title.as_deref());
    let why = match (proposed_total(pending), cause) {
        (Some(total), _) => demo::new_price(&format::money(total)),
        (None, Some(error)) => text::error_words(error.kind).title.to_owned(),
        (None, None) => String::new(),
    };
    // A mutation that is being cancelled cannot be cancelled again.
    let roll_back = (*state != MutationState::Cancelling).then(|| {
        action(
            demo::ROLL_BACK,
            &what,
            updates,
            id,
            UseOptimisticUpdatesHandle::cancel,
        )
    });
    DataRow {
        id: id.to_string().into(),
        cells: vec![
            html! { { &what } },
            html! { { demo::state(*state) } },
            html! { { age(*asked_at_ms, now_ms) } },
            html! { { format::integer(*attempts) } },
            html! { { why } },
            html! {
                <>
                    { action(text::TRY_AGAIN, &what, updates, id, UseOptimisticUpdatesHandle::retry) }
                    { roll_back }
                </>
            },
        ],
    }
}

fn failure_row(
    failure: &FailureView,
    updates: &UseOptimisticUpdatesHandle,
    now_ms: i64,
) -> DataRow {
    let FailureView {
        mutation,
        subject,
        error,
        at_ms,
        ..
    } = failure;
    let what = demo::mutation(&mutation.mutation, subject.as_deref());
    let id = &mutation.id;
    DataRow {
        id: id.to_string().into(),
        cells: vec![
            html! { { text::rejection(&mutation.mutation, subject.as_deref(), error) } },
            html! { { age(*at_ms, now_ms) } },
            html! {
                <>
                    { action(text::TRY_AGAIN, &what, updates, id, UseOptimisticUpdatesHandle::retry) }
                    { action(text::DISMISS, &what, updates, id, UseOptimisticUpdatesHandle::dismiss) }
                </>
            },
        ],
    }
}

/// A button that acts on one mutation.
fn action(
    label: &'static str,
    what: &str,
    updates: &UseOptimisticUpdatesHandle,
    id: &MutationId,
    action: fn(&UseOptimisticUpdatesHandle, &MutationId),
) -> Html {
    let (updates, id) = (updates.clone(), id.clone());
    let name = [label, ": ", what].concat();
    html! { <Button {label} {name} on_press={Callback::from(move |()| action(&updates, &id))} /> }
}

fn beat_of(mutation: &MutationRef) -> Option<&str> {
    let order = mutation.downcast::<PlaceOrder>();
    if let Some(line) = order.and_then(|order| order.lines.first()) {
        return Some(&line.beat_id);
    }
    let file = mutation.downcast::<RequestDownload>();
    let mark = || mutation.downcast::<SetFavorite>();
    file.map(|file| &*file.beat_id)
        .or_else(|| mark().map(|mark| &*mark.beat_id))
}

/// The age of a timestamp, to the second.
pub(super) fn age(at_ms: i64, now_ms: i64) -> String {
    text::CONNECTION_TEXT.ago((now_ms - at_ms).max(0).unsigned_abs() / 1000)
}
