//! What became of an act, at the place where it was done.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;
use crate::text;

/// Properties of [`InlineMessage`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct InlineMessageProps {
    /// What happened and what it means.
    pub message: AttrValue,
    /// The way on, if there is one besides closing.
    #[prop_or_default]
    pub action: Option<AttrValue>,
    /// The person takes the way on.
    #[prop_or_default]
    pub on_action: Callback<()>,
    /// Name of the button that takes the message away.
    #[prop_or(AttrValue::Static(text::DISMISS))]
    pub close: AttrValue,
    /// The person has read it.
    pub on_dismiss: Callback<()>,
}

/// Draws a refusal over the second line of the row that it stands in, so that nothing moves: that place is
/// positioned. It is spoken by the live region, not from here.
#[component]
pub fn InlineMessage(props: &InlineMessageProps) -> Html {
    let style = use_style(sheet!(
        r#"
        position: absolute;
        z-index: 2;
        inset-block-start: -0.125rem;
        inset-inline: -0.375rem 0;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0 var(--s3);
        padding: 0.125rem 0.375rem;
        border-radius: var(--r-1);
        background: var(--bad-soft);
        color: var(--bad);
        font-size: var(--t-sm);
        line-height: 1.35;
        animation: message-in var(--slow) var(--ease);

        .mark { display: inline-flex; align-items: center; gap: var(--s2); flex: 1 1 14rem; }
        .acts { display: inline-flex; align-items: center; margin-inline-start: auto; }
        button {
            min-block-size: 1.5rem;
            min-inline-size: 1.5rem;
            padding: 0 0.25rem;
            border: 0;
            border-radius: 0.25rem;
            background: transparent;
            color: inherit;
            font-weight: 650;
            text-decoration: underline;
            text-underline-offset: 0.2em;
            cursor: pointer;
        }
        button.close { display: inline-grid; place-items: center; }
        @media (forced-colors: active) { border: 1px solid Mark; }
        "#
    ));
    let on_action = props.on_action.reform(|_: MouseEvent| ());
    let on_dismiss = props.on_dismiss.reform(|_: MouseEvent| ());
    html! {
        <div class={style} data-message="refusal">
            <span class="mark"><Glyph icon={Icon::Notice} size={16} /><span>{ &props.message }</span></span>
            <span class="acts">
                if let Some(action) = &props.action {
                    <button type="button" onclick={on_action}>{ action }</button>
                }
                <button class="close" type="button" aria-label={props.close.clone()} onclick={on_dismiss}>
                    <Glyph icon={Icon::Close} size={14} />
                </button>
            </span>
        </div>
    }
}
