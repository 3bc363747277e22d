//! A link to a page of the application.

use yew::prelude::*;
use yew_router::hooks::use_navigator;

use super::route::{Route, follow, href};

/// Properties of [`PageLink`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub(super) struct PageLinkProps {
    /// The page.
    pub(super) to: Route,
    /// The text of the link.
    pub(super) children: Html,
}

/// Draws a link to a page; draws nothing without a router.
#[component]
pub(super) fn PageLink(props: &PageLinkProps) -> Html {
    use_navigator().map_or_else(Html::default, |navigator| {
        let href = href(&navigator, props.to);
        html! { <a {href} onclick={follow(navigator, props.to)}>{ props.children.clone() }</a> }
    })
}
