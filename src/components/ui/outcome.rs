//! The outcome of a mutation, in the row that it is about.

use std::rc::Rc;

use dashboard_model::views::proposed_total;
use sync_engine::schema::MutationId;
use sync_engine::view::{FailureView, MutationState, PendingView};
use yew::prelude::*;

use crate::format;
use crate::hooks::UseOptimisticUpdatesHandle;
use crate::text;

/// Whether a mutation needs the user's decision: its price has changed, or it was paused because the store has not
/// accepted it for so long.
#[must_use]
pub const fn is_undecided(change: &PendingView) -> bool {
    matches!(
        change.state,
        MutationState::NeedsResolution | MutationState::Paused
    )
}

/// Draws a rejection with its reason and, where a retry makes sense, a button for that.
pub fn rejection(failure: &FailureView, on_retry: Callback<()>, on_dismiss: &Callback<()>) -> Html {
    let FailureView {
        mutation,
        subject,
        error,
        ..
    } = failure;
    let message = text::rejection(&mutation.mutation, subject.as_deref(), error);
    let action = text::rejection_action(error).map(|label| (label.into(), on_retry));
    inline_message(message, action, text::DISMISS, on_dismiss)
}

/// Draws why a mutation is paused, and asks for a decision.
pub fn undecided(change: &PendingView, on_retry: Callback<()>, on_discard: &Callback<()>) -> Html {
    let (message, action) = match proposed_total(change) {
        Some(total) => {
            let price = format::money(total);
            (text::price_changed(&price), text::buy_for(&price).into())
        }
        None => (text::NOT_SENT.to_owned(), text::TRY_AGAIN.into()),
    };
    inline_message(message, Some((action, on_retry)), text::DISCARD, on_discard)
}

/// The note about the last action on something, if any: a rejection, or a mutation that needs the user's decision.
pub fn action_message(
    updates: &UseOptimisticUpdatesHandle,
    failure: Option<&Rc<FailureView>>,
    change: Option<&PendingView>,
) -> Html {
    let of = |id: &MutationId, action: fn(&UseOptimisticUpdatesHandle, &MutationId)| {
        let (updates, id) = (updates.clone(), id.clone());
        Callback::from(move |()| action(&updates, &id))
    };
    if let Some(failure) = failure {
        let id = &failure.mutation.id;
        let on_retry = of(id, UseOptimisticUpdatesHandle::retry);
        return rejection(
            failure,
            on_retry,
            &of(id, UseOptimisticUpdatesHandle::dismiss),
        );
    }
    let Some(change) = change.filter(|change| is_undecided(change)) else {
        return Html::default();
    };
    let on_retry = of(&change.id, UseOptimisticUpdatesHandle::retry);
    undecided(
        change,
        on_retry,
        &of(&change.id, UseOptimisticUpdatesHandle::cancel),
    )
}

/// Draws a message over the second line of its row, so that the layout does not shift: that line is positioned. The live
/// region announces it, not this one. `close` is the name of the button that dismisses it.
fn inline_message(
    message: String,
    action: Option<(AttrValue, Callback<()>)>,
    close: &'static str,
    on_dismiss: &Callback<()>,
) -> Html {
    html! {
        <div class="inline-message" data-message="refusal">
            <span class="inline-message-words icon icon-notice">{ message }</span>
            <span class="inline-message-actions">
                if let Some((label, on_action)) = action {
                    <button
                        class="inline-message-action"
                        type="button"
                        onclick={on_action.reform(|_: MouseEvent| ())}
                    >
                        { label }
                    </button>
                }
                <button
                    class="inline-message-action inline-message-close icon icon-close"
                    type="button"
                    aria-label={close}
                    onclick={on_dismiss.reform(|_: MouseEvent| ())}
                />
            </span>
        </div>
    }
}
