//! A select field.

use yew::prelude::*;

/// Properties of [`Choice`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ChoiceProps {
    /// The label.
    pub label: AttrValue,
    /// The options.
    pub options: &'static [&'static str],
    /// Index of the selected option.
    pub chosen: usize,
    /// The user selects an option. The event's target is the list.
    pub on_change: Callback<Event>,
}

/// Draws a select field under its label.
#[component]
pub fn Choice(props: &ChoiceProps) -> Html {
    let option = |(index, option): (usize, &&'static str)| {
        html! { <option key={index} selected={index == props.chosen}>{ *option }</option> }
    };
    html! {
        <label class="choice">
            { &props.label }
            <select aria-label={props.label.clone()} onchange={props.on_change.clone()}>
                { for props.options.iter().enumerate().map(option) }
            </select>
        </label>
    }
}
