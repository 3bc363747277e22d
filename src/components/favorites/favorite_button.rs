//! The favorite button.

use yew::prelude::*;

use crate::components::Icon;
use crate::text;

/// Properties of [`FavoriteButton`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct FavoriteButtonProps {
    /// The beat's title; part of the button's name.
    pub title: AttrValue,
    /// Whether the beat is shown as a favorite.
    pub favorite: bool,
    /// Whether the server has not yet confirmed what is shown.
    #[prop_or_default]
    pub pending: bool,
    /// The user requests this value; it is the target, not a toggle.
    pub on_set: Callback<bool>,
}

/// Draws a toggle with a constant name; `aria-pressed` has its state. A mutation that takes longer than 400 ms gets a
/// mark, by the delay of an animation and without a timer.
#[component]
pub fn FavoriteButton(props: &FavoriteButtonProps) -> Html {
    let on_click = {
        let (wanted, body) = (!props.favorite, props.on_set.clone());
        Callback::from(move |_: MouseEvent| body.emit(wanted))
    };
    html! {
        <button
            class="favorite-button"
            type="button"
            aria-label={text::favorite_name(&props.title)}
            aria-pressed={if props.favorite { "true" } else { "false" }}
            data-pending={props.pending.then_some("true")}
            onclick={on_click}
        >
            { Icon::Heart.draw(20) }
        </button>
    }
}
