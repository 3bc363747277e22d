//! The outcome of a rejected mutation, in its row.

use std::rc::Rc;

use sync_engine::view::FailureView;
use yew::prelude::*;

use super::inline_message::InlineMessage;
use crate::text;

/// Properties of [`Rejection`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct RejectionProps {
    /// The rejection.
    pub failure: Rc<FailureView>,
    /// The user retries.
    pub on_retry: Callback<()>,
    /// The user dismisses it.
    pub on_dismiss: Callback<()>,
}

/// Shows a rejection with its reason and the recovery action.
#[component]
pub fn Rejection(props: &RejectionProps) -> Html {
    let FailureView {
        mutation,
        subject,
        error,
        ..
    } = &*props.failure;
    html! {
        <InlineMessage
            message={text::rejection(&mutation.mutation, subject.as_deref(), error)}
            action={text::rejection_action(error).map(AttrValue::Static)}
            on_action={props.on_retry.clone()}
            on_dismiss={props.on_dismiss.clone()}
        />
    }
}
