//! A form field with its label and its error.

use yew::prelude::*;

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
    /// The current value.
    pub value: AttrValue,
    /// The error, if any.
    #[prop_or_default]
    pub error: Option<AttrValue>,
    /// The user types. The event's target is the field.
    pub on_input: Callback<InputEvent>,
}

/// Draws a labelled field. The line for the error is always there, so that an error does not shift the layout.
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
                value={props.value.clone()}
                aria-invalid={props.error.is_some().then_some("true")}
                aria-describedby={error_id.clone()}
                oninput={props.on_input.clone()}
            />
            <p class="text-field-error" id={error_id}>{ props.error.clone().unwrap_or_default() }</p>
        </div>
    }
}
