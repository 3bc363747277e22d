//! A timestamp whose age stays current.

use sync_protocol::Timestamp;
use yew::prelude::*;

use super::time_ago::time_ago;
use crate::format;
use crate::hooks::use_clock;

/// The refresh period of ages in lists, in milliseconds: one ticker for all of them.
const PERIOD_MS: u32 = 60_000;

/// Properties of [`Ago`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AgoProps {
    /// The timestamp.
    pub at: Timestamp,
}

/// Shows the age of a timestamp, to the minute.
#[component]
pub fn Ago(props: &AgoProps) -> Html {
    let now_ms = use_clock(PERIOD_MS);
    let (text, full) = format::timestamp(&props.at, now_ms);
    time_ago(props.at.as_str().to_owned().into(), &text, full)
}
