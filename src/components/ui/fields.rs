//! Fields with their labels.

use yew::prelude::*;

/// Draws a select field under its label. The target of the change event is the list.
pub fn choice(
    label: &'static str,
    options: &'static [&'static str],
    chosen: usize,
    on_change: Callback<Event>,
) -> Html {
    let option = |(index, option): (usize, &&'static str)| {
        html! { <option key={index} selected={index == chosen}>{ *option }</option> }
    };
    html! {
        <label class="choice">
            { label }
            <select aria-label={label} onchange={on_change}>
                { for options.iter().enumerate().map(option) }
            </select>
        </label>
    }
}

/// Draws a search field with a visually hidden label, which is its placeholder too. The target of the input event is the
/// field.
pub fn search_field(
    label: &'static str,
    value: &AttrValue,
    on_input: Callback<InputEvent>,
) -> Html {
    html! {
        <label class="search-field icon icon-search">
            <span class="visually-hidden">{ label }</span>
            <input
                type="search"
                autocomplete="off"
                enterkeyhint="search"
                spellcheck="false"
                maxlength="100"
                placeholder={label}
                {value}
                oninput={on_input}
            />
        </label>
    }
}

/// Properties of [`TextField`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TextFieldProps {
    /// Id in the page; connects label, field and error.
    pub id: AttrValue,
    /// The label.
    pub label: AttrValue,
    /// `type` of the field.
    #[prop_or(AttrValue::Static("text"))]
    pub kind: AttrValue,
    /// `autocomplete` of the field, so that a password manager can fill it.
    pub autocomplete: AttrValue,
    /// The error, if any.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// The user types. The event's target is the field.
    pub on_input: Callback<InputEvent>,
}

/// Draws a labelled field, which holds its value itself. The line for the error is always there, so that an error does not shift the layout.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let error_id = format!("{}-error", props.id);
    html! {
        <div class="text-field">
            <label for={props.id.clone()}>{ &props.label }</label>
            <input
                id={props.id.clone()}
                name={props.id.clone()}
                type={props.kind.clone()}
                autocomplete={props.autocomplete.clone()}
                autocapitalize="none"
                spellcheck="false"
                maxlength="320"
                required=true
                aria-invalid={props.error.is_some().then_some("true")}
                aria-describedby={error_id.clone()}
                oninput={props.on_input.clone()}
            />
            <p class="text-field-error" id={error_id}>{ props.error.clone().unwrap_or_default() }</p>
        </div>
    }
}
