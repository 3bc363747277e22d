//! A change that waits for the user's word, in its row.

use std::rc::Rc;

use dashboard_model::views::proposed_total;
use sync_engine::schema::MutationId;
use sync_engine::view::FailureView;
use sync_engine::view::MutationState;
use sync_engine::view::PendingView;
use yew::prelude::*;

use super::rejection::Rejection;
use crate::components::InlineMessage;
use crate::format;
use crate::hooks::UseOptimisticUpdatesHandle;
use crate::text;

/// Properties of [`Undecided`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct UndecidedProps {
    /// The change.
    pub change: PendingView,
    /// The user wants it all the same.
    pub on_retry: Callback<()>,
    /// The user lets it go.
    pub on_give_up: Callback<()>,
}

/// Whether a change goes on only when the user says so: its price has changed, or the store has not taken it for
/// so long that it is not tried any more.
#[must_use]
pub const fn is_undecided(change: &PendingView) -> bool {
    matches!(
        change.state,
        MutationState::NeedsResolution | MutationState::Paused
    )
}

/// Says what a change waits for, and asks what is to become of it.
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
            close={text::GIVE_UP}
            on_action={props.on_retry.clone()}
            on_dismiss={props.on_give_up.clone()}
        />
    }
}

/// What a user has to know of the last act on something, if there is anything: that it was rejected, or that it waits
/// for their word.
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
            on_give_up={of(id, UseOptimisticUpdatesHandle::cancel)}
        />
    }
}
