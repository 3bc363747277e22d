//! Fields with their labels.

use sync_web::page;
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

/// Properties of [`SearchField`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SearchFieldProps {
    /// The label, which is visually hidden, and the placeholder.
    pub label: AttrValue,
    /// The text is another one.
    pub on_input: Callback<AttrValue>,
}

/// Draws a search field, which holds its text itself. Letters that an input method still composes are not reported.
#[component]
pub fn SearchField(props: &SearchFieldProps) -> Html {
    let field = use_node_ref();
    use_effect_with(props.on_input.clone(), {
        let field = field.clone();
        move |on_input| {
            let on_input = on_input.clone();
            let listening = field
                .get()
                .map(|field| page::on_composed(&field, move |text| on_input.emit(text.into())));
            move || drop(listening)
        }
    });
    let on_input = props.on_input.clone();
    let on_input = Callback::from(move |event: InputEvent| {
        if !event.is_composing() {
            on_input.emit(page::field_text(&event).into());
        }
    });
    html! {
        <label class="search-field icon icon-search">
            <span class="visually-hidden">{ &props.label }</span>
            <input
                ref={field}
                type="search"
                autocomplete="off"
                enterkeyhint="search"
                spellcheck="false"
                maxlength="100"
                placeholder={props.label.clone()}
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
