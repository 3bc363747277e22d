//! The statistics at the top.

use yew::prelude::*;

use crate::text;

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Stat {
    /// The label.
    pub term: AttrValue,
    /// The value, as the user's locale writes it; `None` while it is loading.
    pub value: Option<AttrValue>,
    /// A second line.
    pub note: Option<AttrValue>,
    /// Whether the number includes a change of the user that the server has not confirmed.
    pub pending: bool,
}

/// Draws numbers as a description list. A tile has its final size before its number is loaded.
pub fn stat_list(stats: &[Stat]) -> Html {
    html! {
        <dl class="stat-list" aria-label={text::STATISTICS}>
            { for stats.iter().map(tile) }
        </dl>
    }
}

fn tile(stat: &Stat) -> Html {
    html! {
        <div class="stat-list-tile" key={stat.term.to_string()} data-pending={stat.pending.then_some("true")}>
            <dt>{ &stat.term }</dt>
            <dd class="stat-list-value">
                if let Some(value) = &stat.value {
                    { value }
                } else {
                    <span class="bone" aria-hidden="true" />
                    <span class="visually-hidden">{ text::LOADING }</span>
                }
            </dd>
            <dd class="stat-list-note">{ stat.note.clone().unwrap_or_default() }</dd>
        </div>
    }
}
