//! A timestamp, shown as its age.

use yew::prelude::*;

/// Draws a timestamp as a `time` element with the full local time as its tooltip.
pub fn time_ago(datetime: AttrValue, text: &AttrValue, full: AttrValue) -> Html {
    html! {
        <time class="tabular" datetime={datetime} title={full}>
            { text }
        </time>
    }
}
