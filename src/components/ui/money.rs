//! An amount of money.

use yew::prelude::*;

/// Properties of [`Money`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct MoneyProps {
    /// The amount as the user's locale writes it.
    pub text: AttrValue,
}

/// Draws an amount with digits of equal width, so that amounts below each other line up and a change does not shift the
/// layout.
#[component]
pub fn Money(props: &MoneyProps) -> Html {
    html! { <span class="tabular" data-money="true">{ &props.text }</span> }
}
