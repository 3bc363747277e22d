//! Values in rows: an age, a status.

use sync_protocol::Timestamp;
use yew::prelude::*;

use super::icon::Icon;
use crate::format;
use crate::hooks::use_server_clock;

/// The refresh period of ages in lists, in milliseconds: one ticker for all of them.
const PERIOD_MS: u32 = 60_000;

/// Properties of [`Ago`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AgoProps {
    /// The timestamp.
    pub at: Timestamp,
    /// The class, with `tabular`: digits of equal width, so that a change does not shift the layout.
    #[prop_or("tabular")]
    pub class: &'static str,
}

/// Shows the age of a timestamp, to the minute, with the full local time as its tooltip.
#[component]
pub fn Ago(props: &AgoProps) -> Html {
    let now_ms = use_server_clock(PERIOD_MS);
    let (text, full) = format::timestamp(&props.at, now_ms);
    let datetime = props.at.as_str().to_owned();
    html! { <time class={props.class} {datetime} title={full}>{ text }</time> }
}

/// The meaning of a status for the user.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tone {
    /// Neutral.
    #[default]
    Neutral,
    /// In progress.
    Info,
    /// Done.
    Good,
    /// Failed.
    Bad,
}

impl Tone {
    pub(in crate::components) const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Neutral => Icon::Ring,
            Self::Info => Icon::HalfDisc,
            Self::Good => Icon::TickedDisc,
            Self::Bad => Icon::Notice,
        }
    }
}

/// Draws a status as a small label.
pub fn status_chip(label: &'static str, tone: Tone) -> Html {
    html! {
        <span class={["status-chip ", tone.icon().class()].concat()} data-tone={tone.as_str()}>
            { label }
        </span>
    }
}
