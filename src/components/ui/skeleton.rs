//! The placeholder for rows during their first fetch.

use yew::prelude::*;

/// Draws rows of the height of real ones: as many as are likely to arrive, so that the layout does not shift. `label` says
/// what is loading, for users who cannot see the blocks. The rows are animated only after a second: most fetches are done before.
pub fn skeleton(label: &str, rows: u8) -> Html {
    html! {
        <div class="skeleton" aria-busy="true" data-skeleton="true">
            <span class="visually-hidden">{ label }</span>
            <div aria-hidden="true">
                { for (0..rows).map(|row| html! {
                    <div class="skeleton-row" key={row}><div class="bone" /><div class="bone" /></div>
                }) }
            </div>
        </div>
    }
}
