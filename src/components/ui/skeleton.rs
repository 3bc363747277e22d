//! The placeholder for rows during their first fetch.

use yew::prelude::*;

/// Properties of [`Skeleton`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SkeletonProps {
    /// What is loading, for users who cannot see the blocks.
    pub label: AttrValue,
    /// How many rows; as many as are likely to arrive, so that the layout does not shift.
    #[prop_or(8)]
    pub rows: u8,
}

/// Draws rows of the height of real ones. They are animated only after a second: most fetches are done before.
#[component]
pub fn Skeleton(props: &SkeletonProps) -> Html {
    html! {
        <div class="skeleton" aria-busy="true" data-skeleton="true">
            <span class="visually-hidden">{ &props.label }</span>
            <div aria-hidden="true">
                { for (0..props.rows).map(|row| html! {
                    <div class="skeleton-row" key={row}><div class="bone" /><div class="bone" /></div>
                }) }
            </div>
        </div>
    }
}
