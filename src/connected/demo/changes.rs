//! The user's changes that are not settled, and those that failed, with what can be done about each.

use dashboard_engine::view::{FailureView, MutationState, PendingView};
use dashboard_protocol::MutationBody;
use yew::prelude::*;

use crate::components::{Button, DataRow, DataTable, Panel};
use crate::format;
use crate::hooks::{UseOptimisticUpdatesHandle, use_clock, use_optimistic_updates, use_realtime};
use crate::realtime::RealtimeHandle;
use crate::text::{self, demo};

/// How often ages are brought up to date, in milliseconds.
const PERIOD_MS: u32 = 1000;

/// Lists both.
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
    html! {
        <>
            <div class="workbench-wide">
                <Panel id="demo-pending" title={demo::PENDING}>
                    <DataTable
                        label={demo::PENDING}
                        columns={demo::PENDING_COLUMNS}
                        rows={pending.collect::<Vec<_>>()}
                        empty={demo::PENDING_EMPTY}
                    />
                </Panel>
            </div>
            <div class="workbench-wide">
                <Panel id="demo-failures" title={demo::FAILURES} tools={clear}>
                    <DataTable
                        label={demo::FAILURES}
                        columns={demo::FAILURES_COLUMNS}
                        rows={failures.collect::<Vec<_>>()}
                        empty={demo::FAILURES_EMPTY}
                    />
                </Panel>
            </div>
        </>
    }
}

fn pending_row(
    pending: &PendingView,
    updates: &UseOptimisticUpdatesHandle,
    realtime: &RealtimeHandle,
    now_ms: i64,
) -> DataRow {
    let PendingView {
        mutation,
        state,
        asked_at_ms,
        attempts,
        cause,
        proposed_total,
    } = pending;
    let title = beat_of(&mutation.body)
        .and_then(|id| realtime.read(|core| core.beat(id)))
        .map(|beat| beat.title.clone());
    let what = demo::body(&mutation.body, title.as_deref());
    let why = match (proposed_total, cause) {
        (Some(total), _) => demo::new_price(&format::money(total)),
        (None, Some(error)) => text::error_words(error.kind).title.to_owned(),
        (None, None) => String::new(),
    };
    let id = &mutation.id;
    // What is being taken back cannot be taken back once more.
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
        id: id.clone().into(),
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
    let what = demo::body(&mutation.body, subject.as_deref());
    let id = &mutation.id;
    DataRow {
        id: id.clone().into(),
        cells: vec![
            html! { { text::rejection(&mutation.body, subject.as_deref(), error) } },
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

/// A button that does something to one change.
fn action(
    label: &'static str,
    what: &str,
    updates: &UseOptimisticUpdatesHandle,
    id: &str,
    action: fn(&UseOptimisticUpdatesHandle, &str),
) -> Html {
    let (updates, id) = (updates.clone(), id.to_owned());
    let name = [label, ": ", what].concat();
    html! { <Button {label} {name} on_press={Callback::from(move |()| action(&updates, &id))} /> }
}

fn beat_of(body: &MutationBody) -> Option<&str> {
    match body {
        MutationBody::RequestDownload { beat_id, .. } | MutationBody::SetFavorite { beat_id, .. } => Some(beat_id),
        MutationBody::PlaceOrder { lines, .. } => lines.first().map(|line| line.beat_id.as_str()),
        MutationBody::CancelDownload { .. } | MutationBody::CancelOrder { .. } => None,
    }
}

/// How long ago a moment was, to the second.
pub(super) fn age(at_ms: i64, now_ms: i64) -> String {
    text::ago((now_ms - at_ms).max(0).unsigned_abs() / 1000)
}
