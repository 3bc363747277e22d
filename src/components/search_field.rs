//! A field that narrows a list down.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;

/// Properties of [`SearchField`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SearchFieldProps {
    /// What it is called; also its placeholder.
    pub label: AttrValue,
    /// What stands in it.
    pub value: AttrValue,
    /// The person types. The event's target is the field.
    pub on_input: Callback<InputEvent>,
}

/// Draws a search field with its label read but not shown.
#[component]
pub fn SearchField(props: &SearchFieldProps) -> Html {
    let style = use_style(sheet!(
        r#"
        position: relative;
        display: block;
        inline-size: 100%;
        max-inline-size: 20rem;

        svg {
            position: absolute;
            inset-block: 0;
            inset-inline-start: var(--s3);
            margin-block: auto;
            color: var(--ink-2);
            pointer-events: none;
        }
        input {
            inline-size: 100%;
            block-size: var(--control);
            padding-inline: calc(var(--s3) * 2 + 1rem) var(--s3);
            border: 1px solid var(--line-strong);
            border-radius: var(--r-1);
            background: var(--surface);
            font-size: 1rem;
        }
        input::placeholder { color: var(--ink-2); opacity: 1; }
        "#
    ));
    html! {
        <label class={style}>
            <span class="visually-hidden">{ &props.label }</span>
            <Glyph icon={Icon::Search} size={16} />
            <input
                type="search"
                autocomplete="off"
                enterkeyhint="search"
                spellcheck="false"
                maxlength="100"
                placeholder={props.label.clone()}
                value={props.value.clone()}
                oninput={props.on_input.clone()}
            />
        </label>
    }
}
