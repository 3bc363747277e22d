//! One of several, chosen from a list.

use stylist::yew::use_style;
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
    /// The person chooses. The event's target is the list.
    pub on_change: Callback<Event>,
}

/// Draws a list to choose from under its label.
#[component]
pub fn Choice(props: &ChoiceProps) -> Html {
    let style = use_style!(
        r#"
        display: grid;
        gap: var(--s1);
        min-inline-size: 0;
        color: var(--ink-2);
        font-size: var(--t-sm);
        font-weight: 560;

        select {
            inline-size: 100%;
            block-size: var(--control);
            padding-inline: var(--s2);
            border: 1px solid var(--line-strong);
            border-radius: var(--r-1);
            background: var(--surface);
            color: var(--ink);
            font-weight: 400;
        }
        "#
    );
    let option = |(index, option): (usize, &&'static str)| {
        html! { <option key={index} selected={index == props.chosen}>{ *option }</option> }
    };
    html! {
        <label class={style}>
            { &props.label }
            <select aria-label={props.label.clone()} onchange={props.on_change.clone()}>
                { for props.options.iter().enumerate().map(option) }
            </select>
        </label>
    }
}
