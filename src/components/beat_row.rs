//! One beat of the catalog or of the favorites.

use stylist::yew::use_style;
use yew::prelude::*;

use super::cover::Cover;
use super::money::Money;
use super::sheet::sheet;

/// Properties of [`BeatRow`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct BeatRowProps {
    /// The beat's id.
    pub id: AttrValue,
    /// Its title.
    pub title: AttrValue,
    /// Who made it, and how it sounds: the second line.
    pub about: AttrValue,
    /// How often it was played, as the person's locale writes it.
    pub plays: AttrValue,
    /// Price of the basic licence, as the person's locale writes it.
    pub price: AttrValue,
    /// Whether what is shown is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// What became of the last act on this row; lies over the second line.
    #[prop_or_default]
    pub message: Option<Html>,
    /// What can be done with the beat besides marking it.
    #[prop_or_default]
    pub actions: Html,
    /// The heart.
    pub heart: Html,
}

/// Draws a row: cover, title, second line, plays, price, what can be done.
#[component]
pub fn BeatRow(props: &BeatRowProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto auto auto;
        align-items: center;
        gap: 0 var(--s3);
        padding: var(--s2) var(--s2) var(--s2) var(--s4);

        &:hover { background: light-dark(#fafbfc, #191c23); }
        > * { grid-row: 1; }
        > span:first-child { grid-column: 1; }
        > button { grid-column: -2 / -1; }
        .what { grid-column: 2; min-inline-size: 0; }
        .title { font-weight: 580; overflow-wrap: anywhere; line-height: 1.35; }
        .about { color: var(--ink-2); font-size: var(--t-sm); line-height: 1.35; }
        .plays {
            grid-column: 3;
            min-inline-size: 5.5rem;
            color: var(--ink-2);
            font-size: var(--t-sm);
            text-align: end;
        }
        .side { grid-column: -3 / -2; display: flex; align-items: center; justify-content: end; gap: var(--s3); }
        .price { min-inline-size: 4.25rem; text-align: end; font-weight: 560; }
        .result { position: relative; grid-area: 1 / 2 / auto / 4; align-self: end; block-size: 50%; }
        .result { @container panel (max-width: 54rem) { grid-column: 2 / 3; } }
        .result { @container panel (max-width: 27rem) { grid-area: 2 / 1 / auto / -1; block-size: auto; align-self: start; } }
        .plays { @container panel (max-width: 54rem) { display: none; } }
        @container panel (max-width: 54rem) {
            grid-template-columns: auto minmax(0, 1fr) auto auto;
        }
        @container panel (max-width: 38rem) { padding-inline-start: var(--s3); }
        @container panel (max-width: 27rem) {
            grid-template-columns: auto minmax(0, 1fr) auto;
        }
        .side {
            @container panel (max-width: 27rem) {
                grid-area: 2 / 2 / auto / -1;
                justify-content: space-between;
                min-block-size: 1.75rem;
                padding-inline-end: var(--s3);
            }
        }
        .price { @container panel (max-width: 27rem) { text-align: start; } }
        "#
    ));
    html! {
        <li class={style} data-id={props.id.clone()} data-pending={props.pending.then_some("true")}>
            <Cover seed={props.id.clone()} />
            <div class="what">
                <p class="title">{ &props.title }</p>
                <p class="about">{ &props.about }</p>
            </div>
            <span class="plays tabular">{ &props.plays }</span>
            <div class="side">
                <span class="price"><Money text={props.price.clone()} /></span>
                { props.actions.clone() }
            </div>
            { props.heart.clone() }
            if let Some(message) = &props.message {
                <div class="result">{ message.clone() }</div>
            }
        </li>
    }
}
