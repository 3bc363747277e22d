//! One row of the activity.

use yew::prelude::*;

use crate::components::Icon;

/// Properties of [`ActivityRow`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ActivityRowProps {
    /// The row's id.
    pub id: AttrValue,
    /// An icon for its kind.
    pub icon: Icon,
    /// What happened.
    pub sentence: AttrValue,
    /// When: see [`time_ago`](crate::components::time_ago).
    pub at: Html,
    /// Whether the row is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
}

/// Draws a row: icon, sentence, timestamp.
#[component]
pub fn ActivityRow(props: &ActivityRowProps) -> Html {
    html! {
        <li class="activity-row" data-id={props.id.clone()} data-pending={props.pending.then_some("true")}>
            <span class="activity-row-mark">{ props.icon.draw(16) }</span>
            <div>
                <p class="activity-row-sentence">{ &props.sentence }</p>
                <p class="activity-row-at">{ props.at.clone() }</p>
            </div>
        </li>
    }
}
