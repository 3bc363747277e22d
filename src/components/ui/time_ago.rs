//! A timestamp, shown as its age.

use yew::prelude::*;

/// Properties of [`TimeAgo`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TimeAgoProps {
    /// The timestamp, as RFC 3339.
    pub datetime: AttrValue,
    /// Its age in words, or the date when it is long ago.
    pub text: AttrValue,
    /// The full local time with its zone.
    pub full: AttrValue,
}

/// Draws a timestamp as a `time` element with the full local time as its tooltip.
#[component]
pub fn TimeAgo(props: &TimeAgoProps) -> Html {
    html! {
        <time class="tabular" datetime={props.datetime.clone()} title={props.full.clone()}>
            { &props.text }
        </time>
    }
}
