//! One of several, chosen from a list.

use yew::prelude::*;

/// Properties of [`Choice`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ChoiceProps {
    /// What is chosen.
    pub label: AttrValue,
    /// What it can be.
    pub options: &'static [&'static str],
    /// Which of these it is.
    pub chosen: usize,
    /// The user chooses. The event's target is the list.
    pub on_change: Callback<Event>,
}

/// Draws a list to choose from under its label.
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
