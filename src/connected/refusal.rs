//! What became of a refused change, in its row.

use std::rc::Rc;

use dashboard_engine::view::FailureView;
use yew::prelude::*;

use crate::components::InlineMessage;
use crate::text;

/// Properties of [`Refusal`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct RefusalProps {
    /// The refusal.
    pub failure: Rc<FailureView>,
    /// The person tries again.
    pub on_retry: Callback<()>,
    /// The person has read it.
    pub on_dismiss: Callback<()>,
}

/// Shows a refusal with its reason and the way on.
#[component]
pub fn Refusal(props: &RefusalProps) -> Html {
    let FailureView {
        mutation,
        subject,
        error,
        ..
    } = &*props.failure;
    html! {
        <InlineMessage
            message={text::refusal(&mutation.wish, subject.as_deref(), error)}
            action={text::refusal_action(error).map(AttrValue::Static)}
            on_action={props.on_retry.clone()}
            on_dismiss={props.on_dismiss.clone()}
        />
    }
}
