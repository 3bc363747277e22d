//! A moment, told by its distance.

use yew::prelude::*;

/// Properties of [`TimeAgo`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct TimeAgoProps {
    /// The moment, as RFC 3339.
    pub datetime: AttrValue,
    /// Its distance in words, or the date when it is long ago.
    pub text: AttrValue,
    /// The full local time with its zone.
    pub full: AttrValue,
}

/// Draws a moment as a `time` element whose tooltip is the full local time.
#[component]
pub fn TimeAgo(props: &TimeAgoProps) -> Html {
    html! {
        <time class="tabular" datetime={props.datetime.clone()} title={props.full.clone()}>
            { &props.text }
        </time>
    }
}
