//! The parts of a page of tools.

use yew::prelude::*;

use crate::components::Tone;

/// Draws the description of a tool, its fields and buttons, and below them the result of the last action. The line for the
/// result is always there, so that it does not shift the layout.
pub fn tool_form(hint: &'static str, (answer, tone): (AttrValue, Tone), fields: Html) -> Html {
    html! {
        <div class="tool-form">
            <p class="tool-form-hint">{ hint }</p>
            <div class="tool-form-fields">{ fields }</div>
            <p class="tool-form-answer" data-tone={tone.as_str()}>{ answer }</p>
        </div>
    }
}

/// Draws several variants of the same component beside each other, each with its name; the last one spans the whole
/// width. Unlike a panel it clips nothing, so a popup may extend over its edge.
pub fn specimens(
    id: &'static str,
    title: &'static str,
    items: impl IntoIterator<Item = (&'static str, Html)>,
) -> Html {
    html! {
        <section class="specimens" aria-labelledby={id}>
            <h2 {id}>{ title }</h2>
            { for items.into_iter().map(|(name, item)| html! {
                <div key={name}><h3>{ name }</h3>{ item }</div>
            }) }
        </section>
    }
}
