//! A mutation that waits for the user's decision, in its row.

use std::rc::Rc;

use dashboard_model::views::proposed_total;
use sync_engine::schema::MutationId;
use sync_engine::view::FailureView;
use sync_engine::view::MutationState;
use sync_engine::view::PendingView;
use yew::prelude::*;

use super::inline_message::InlineMessage;
use super::rejection::Rejection;
use crate::format;
use crate::hooks::UseOptimisticUpdatesHandle;
use crate::text;

/// Properties of [`Undecided`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct UndecidedProps {
    /// The mutation.
    pub change: PendingView,
    /// The user wants it anyway.
    pub on_retry: Callback<()>,
    /// The user discards it.
    pub on_discard: Callback<()>,
}

/// Whether a mutation needs the user's decision: its price has changed, or it was paused because the store has not
/// accepted it for so long.
#[must_use]
pub const fn is_undecided(change: &PendingView) -> bool {
    matches!(
        change.state,
        MutationState::NeedsResolution | MutationState::Paused
    )
}

/// Shows why a mutation is paused, and asks for a decision.
#[component]
pub fn Undecided(props: &UndecidedProps) -> Html {
    let (message, action) = match proposed_total(&props.change) {
        Some(total) => {
            let price = format::money(total);
            (
                text::price_changed(&price).into(),
                text::buy_for(&price).into(),
            )
        }
        None => (
            AttrValue::Static(text::NOT_SENT),
            AttrValue::Static(text::TRY_AGAIN),
        ),
    };
    html! {
        <InlineMessage
            {message}
            {action}
            close={text::DISCARD}
            on_action={props.on_retry.clone()}
            on_dismiss={props.on_discard.clone()}
        />
    }
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
        return html! {
            <Rejection
                failure={Rc::clone(failure)}
                on_retry={of(id, UseOptimisticUpdatesHandle::retry)}
                on_dismiss={of(id, UseOptimisticUpdatesHandle::dismiss)}
            />
        };
    }
    let Some(change) = change.filter(|change| is_undecided(change)) else {
        return Html::default();
    };
    let id = &change.id;
    html! {
        <Undecided
            change={change.clone()}
            on_retry={of(id, UseOptimisticUpdatesHandle::retry)}
            on_discard={of(id, UseOptimisticUpdatesHandle::cancel)}
        />
    }
}
