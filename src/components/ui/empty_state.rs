//! The placeholder for an empty list.

use yew::prelude::*;

use super::icon::Icon;

/// Properties of [`EmptyState`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct EmptyStateProps {
    /// An icon for the missing rows.
    pub icon: Icon,
    /// The message.
    pub title: AttrValue,
    /// The reason, and what to do.
    pub hint: AttrValue,
    /// The next step: a link or a button.
    #[prop_or_default]
    pub children: Html,
}

/// Draws an empty list with its reason and one next step.
#[component]
pub fn EmptyState(props: &EmptyStateProps) -> Html {
    html! {
        <div class="empty-state" data-empty="true">
            <span class="empty-state-mark">{ props.icon.draw(22) }</span>
            <p class="empty-state-title">{ &props.title }</p>
            <p class="empty-state-hint">{ &props.hint }</p>
            <div class="empty-state-next">{ props.children.clone() }</div>
        </div>
    }
}
