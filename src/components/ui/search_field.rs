//! A field that filters a list.

use yew::prelude::*;

use super::icon::Icon;

/// Properties of [`SearchField`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SearchFieldProps {
    /// The label; also its placeholder.
    pub label: AttrValue,
    /// The current value.
    pub value: AttrValue,
    /// The user types. The event's target is the field.
    pub on_input: Callback<InputEvent>,
}

/// Draws a search field with a visually hidden label.
#[component]
pub fn SearchField(props: &SearchFieldProps) -> Html {
    html! {
        <label class="search-field">
            <span class="visually-hidden">{ &props.label }</span>
            { Icon::Search.draw(16) }
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
