//! What stands in the place of rows while they are first read.

use stylist::yew::use_style;
use yew::prelude::*;

use super::sheet::sheet;

/// Properties of [`Skeleton`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SkeletonProps {
    /// What is being read, for those who do not see the blocks.
    pub label: AttrValue,
    /// How many rows; as many as will likely come, so that nothing jumps.
    #[prop_or(8)]
    pub rows: u8,
}

/// Draws rows of the height of real ones. They breathe only after a second: most reads are done before.
#[component]
pub fn Skeleton(props: &SkeletonProps) -> Html {
    let style = use_style(sheet!(
        r#"
        .row {
            display: grid;
            align-content: center;
            gap: var(--s2);
            min-block-size: var(--row);
            padding-inline: var(--s4);
            border-block-start: 1px solid var(--line);
        }
        .row:first-child { border-block-start: 0; }
        .bone { block-size: 0.75rem; animation: skeleton-breathe 1.6s ease-in-out 1s infinite; }
        .bone:first-child { inline-size: 38%; }
        .bone:last-child { inline-size: 62%; }
        "#
    ));
    html! {
        <div class={style} aria-busy="true" data-skeleton="true">
            <span class="visually-hidden">{ &props.label }</span>
            <div aria-hidden="true">
                { for (0..props.rows).map(|row| html! {
                    <div class="row" key={row}><div class="bone" /><div class="bone" /></div>
                }) }
            </div>
        </div>
    }
}
