//! The numbers at the top.

use stylist::yew::use_style;
use yew::prelude::*;

use super::sheet::sheet;
use crate::text;

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Stat {
    /// What is counted.
    pub term: AttrValue,
    /// How many, as the person's locale writes it; `None` while it is read.
    pub value: Option<AttrValue>,
    /// A second fact about it.
    pub note: Option<AttrValue>,
    /// Whether a change of the person is in the number that the server has not confirmed.
    pub pending: bool,
}

/// Properties of [`StatList`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct StatListProps {
    /// The numbers, in their order.
    pub stats: Vec<Stat>,
}

/// Draws numbers as a description list. A tile has its size before its number is there.
#[component]
pub fn StatList(props: &StatListProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: var(--s4);
        margin-block-end: var(--s4);

        .tile {
            display: grid;
            container-type: inline-size;
            grid-template-rows: auto 2.5rem auto;
            min-inline-size: 0;
            padding: var(--s4);
            border: 1px solid var(--line);
            border-radius: var(--r-3);
            background: var(--surface);
            box-shadow: var(--shadow-1);
        }
        dt { color: var(--ink-2); font-size: var(--t-sm); font-weight: 560; }
        .value {
            display: flex;
            align-items: center;
            font-size: clamp(1.125rem, 15cqi, var(--t-2xl));
            font-weight: 660;
            letter-spacing: -0.02em;
            line-height: 1.1;
            font-variant-numeric: tabular-nums;
        }
        .note { min-block-size: 1.25rem; color: var(--ink-2); font-size: var(--t-sm); line-height: 1.25rem; }
        .note { @container (max-width: 10.5rem) { min-block-size: 2.5rem; } }
        .value .bone { display: block; inline-size: 4rem; block-size: 1.5rem; }
        @media (max-width: 47.99rem) {
            grid-template-columns: repeat(2, minmax(0, 1fr));
            gap: var(--s3);
        }
        .tile { @media (max-width: 29.99rem) { padding: var(--s3); } }
        "#
    ));
    html! {
        <dl class={style} aria-label={text::STATISTICS}>
            { for props.stats.iter().map(tile) }
        </dl>
    }
}

fn tile(stat: &Stat) -> Html {
    html! {
        <div class="tile" key={stat.term.to_string()} data-pending={stat.pending.then_some("true")}>
            <dt>{ &stat.term }</dt>
            <dd class="value">
                if let Some(value) = &stat.value {
                    { value }
                } else {
                    <span class="bone" aria-hidden="true" />
                    <span class="visually-hidden">{ text::LOADING }</span>
                }
            </dd>
            <dd class="note">{ stat.note.clone().unwrap_or_default() }</dd>
        </div>
    }
}
