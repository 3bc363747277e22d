//! An amount of money.

use yew::prelude::*;

/// Properties of [`Money`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct MoneyProps {
    /// The amount as the user's locale writes it.
    pub text: AttrValue,
}

/// Draws an amount with figures of one width, so that amounts under each other line up and a change moves nothing.
#[component]
pub fn Money(props: &MoneyProps) -> Html {
    html! { <span class="tabular" data-money="true">{ &props.text }</span> }
}
