//! One beat of the catalog or of the favorites.

use yew::prelude::*;

use super::cover::cover;
use crate::components::money;

/// Properties of [`BeatRow`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct BeatRowProps {
    /// The beat's id.
    pub id: AttrValue,
    /// Its title.
    pub title: AttrValue,
    /// The producer and the style: the second line.
    pub about: AttrValue,
    /// Play count, as the user's locale writes it.
    pub plays: AttrValue,
    /// Price of the basic licence, as the user's locale writes it.
    pub price: AttrValue,
    /// Whether the row is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// The outcome of the last action on this row; covers the second line.
    #[prop_or_default]
    pub message: Option<Html>,
    /// The other actions on the beat.
    #[prop_or_default]
    pub actions: Html,
    /// The favorite button.
    pub favorite: Html,
}

/// Draws a row: cover, title, second line, plays, price, actions.
#[component]
pub fn BeatRow(props: &BeatRowProps) -> Html {
    html! {
        <li class="beat-row" data-id={props.id.clone()} data-pending={props.pending.then_some("true")}>
            { cover(&props.id) }
            <div class="beat-row-words">
                <p class="beat-row-title">{ &props.title }</p>
                <p class="beat-row-about">{ &props.about }</p>
            </div>
            <span class="beat-row-plays tabular">{ &props.plays }</span>
            <div class="beat-row-side">
                <span class="beat-row-price">{ money(&props.price) }</span>
                { props.actions.clone() }
            </div>
            { props.favorite.clone() }
            if let Some(message) = &props.message {
                <div class="beat-row-message">{ message.clone() }</div>
            }
        </li>
    }
}
