//! A status as a label with icon and colour.

use yew::prelude::*;

use super::icon::Icon;

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
    /// Degraded.
    Warning,
    /// Failed.
    Bad,
}

impl Tone {
    pub(in crate::components) const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Neutral => Icon::Ring,
            Self::Info => Icon::HalfDisc,
            Self::Good => Icon::TickedDisc,
            Self::Warning => Icon::Triangle,
            Self::Bad => Icon::Notice,
        }
    }
}

/// Draws a status as a small label.
pub fn status_chip(label: &AttrValue, tone: Tone) -> Html {
    html! {
        <span class="status-chip" data-tone={tone.as_str()}>
            { tone.icon().draw(14) }
            { label }
        </span>
    }
}
