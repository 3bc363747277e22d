//! What is spoken.

use yew::prelude::*;

/// Properties of [`LiveRegion`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct LiveRegionProps {
    /// Said when the user pauses; nothing is said for an empty text.
    #[prop_or_default]
    pub polite: AttrValue,
    /// Said at once; only for what was lost.
    #[prop_or_default]
    pub urgent: AttrValue,
}

/// Draws the page's one polite and one urgent region. They stand in the page from its first paint, because a region
/// that comes together with its text is not read.
#[component]
pub fn LiveRegion(props: &LiveRegionProps) -> Html {
    html! {
        <>
            <p class="visually-hidden" role="status">{ &props.polite }</p>
            <p class="visually-hidden" role="alert">{ &props.urgent }</p>
        </>
    }
}
