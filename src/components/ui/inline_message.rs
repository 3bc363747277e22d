//! The outcome of an action, beside the action.

use yew::prelude::*;

use super::icon::Icon;
use crate::text;

/// Properties of [`InlineMessage`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct InlineMessageProps {
    /// What happened and what it means.
    pub message: AttrValue,
    /// The label of the recovery action, if there is one besides dismissing.
    #[prop_or_default]
    pub action: Option<AttrValue>,
    /// The user takes the recovery action.
    #[prop_or_default]
    pub on_action: Callback<()>,
    /// Name of the button that dismisses the message.
    #[prop_or(AttrValue::Static(text::DISMISS))]
    pub close: AttrValue,
    /// The user dismisses the message.
    pub on_dismiss: Callback<()>,
}

/// Draws a rejection over the second line of its row, so that the layout does not shift: that line is positioned. The
/// live region announces it, not this component.
#[component]
pub fn InlineMessage(props: &InlineMessageProps) -> Html {
    let on_action = props.on_action.reform(|_: MouseEvent| ());
    let on_dismiss = props.on_dismiss.reform(|_: MouseEvent| ());
    html! {
        <div class="inline-message" data-message="refusal">
            <span class="inline-message-words">
                { Icon::Notice.draw(16) }
                <span>{ &props.message }</span>
            </span>
            <span class="inline-message-actions">
                if let Some(action) = &props.action {
                    <button class="inline-message-action" type="button" onclick={on_action}>{ action }</button>
                }
                <button
                    class="inline-message-action inline-message-close"
                    type="button"
                    aria-label={props.close.clone()}
                    onclick={on_dismiss}
                >
                    { Icon::Close.draw(14) }
                </button>
            </span>
        </div>
    }
}
