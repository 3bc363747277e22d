//! The heart.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;
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
    /// The wanted value, never a flip.
    pub on_set: Callback<bool>,
}

/// Draws a toggle that keeps its name; `aria-pressed` says its state. What takes longer than 400 ms gets a mark,
/// by the delay of an animation and without a timer.
#[component]
pub fn FavoriteButton(props: &FavoriteButtonProps) -> Html {
    let style = use_style(sheet!(
        r#"
        position: relative;
        display: inline-grid;
        place-items: center;
        flex: none;
        inline-size: 2.75rem;
        block-size: 2.75rem;
        padding: 0;
        border: 0;
        border-radius: var(--r-full);
        background: transparent;
        color: var(--ink-2);
        cursor: pointer;
        transition: background-color var(--fast) var(--ease), color var(--fast) var(--ease);

        &:hover { background: var(--surface-2); color: var(--heart); }
        &:focus-visible { outline-offset: -2px; }
        &[aria-pressed="true"] { color: var(--heart); }
        &[aria-pressed="true"] svg path { fill: currentColor; }
        svg { transition: transform var(--fast) var(--ease); }
        &:active svg { transform: scale(0.86); }
        &[data-pending="true"]::after {
            content: "";
            position: absolute;
            inset: 0.25rem;
            border: 2px solid transparent;
            border-block-start-color: currentColor;
            border-radius: var(--r-full);
            opacity: 0;
            animation: favorite-wait-in 1ms linear 400ms forwards, favorite-wait-turn 900ms linear 400ms infinite;
        }
        "#
    ));
    let on_click = {
        let (wanted, wish) = (!props.favorite, props.on_set.clone());
        Callback::from(move |_: MouseEvent| wish.emit(wanted))
    };
    html! {
        <button
            class={style}
            type="button"
            aria-label={text::favorite_name(&props.title)}
            aria-pressed={if props.favorite { "true" } else { "false" }}
            data-pending={props.pending.then_some("true")}
            onclick={on_click}
        >
            <Glyph icon={Icon::Heart} size={20} />
        </button>
    }
}
