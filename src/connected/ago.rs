//! A moment whose distance stays right.

use sync_protocol::Timestamp;
use yew::prelude::*;

use crate::components::TimeAgo;
use crate::format;
use crate::hooks::use_clock;

/// How often ages in lists are brought up to date, in milliseconds: one ticker for all of them.
const PERIOD_MS: u32 = 60_000;

/// Properties of [`Ago`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AgoProps {
    /// The moment.
    pub at: Timestamp,
}

/// Shows how long ago something was, to the minute.
#[component]
pub fn Ago(props: &AgoProps) -> Html {
    let now_ms = use_clock(PERIOD_MS);
    let (text, full) = format::timestamp(&props.at, now_ms);
    html! { <TimeAgo datetime={props.at.as_str().to_owned()} {text} {full} /> }
}
