//! An amount of money.

use yew::prelude::*;

/// Draws an amount with digits of equal width, so that amounts below each other line up and a change does not shift the
/// layout.
pub fn money(text: &AttrValue) -> Html {
    html! { <span class="tabular" data-money="true">{ text }</span> }
}
