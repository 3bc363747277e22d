//! Announcements for screen readers.

use yew::prelude::*;

/// Properties of [`LiveRegion`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct LiveRegionProps {
    /// Announced when the user pauses; an empty text announces nothing.
    #[prop_or_default]
    pub polite: AttrValue,
    /// Announced at once; only for lost changes.
    #[prop_or_default]
    pub urgent: AttrValue,
}

/// Draws the page's one polite and one assertive region. They are in the page from its first paint, because screen
/// readers do not announce a region that appears together with its text.
#[component]
pub fn LiveRegion(props: &LiveRegionProps) -> Html {
    html! {
        <>
            <p class="visually-hidden" role="status">{ &props.polite }</p>
            <p class="visually-hidden" role="alert">{ &props.urgent }</p>
        </>
    }
}
