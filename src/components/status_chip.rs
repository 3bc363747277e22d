//! Where a thing stands: word, shape and colour.

use stylist::yew::use_style;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::sheet::sheet;

/// What a state means for the person.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tone {
    /// Nothing to know.
    #[default]
    Neutral,
    /// Under way.
    Info,
    /// Done.
    Good,
    /// Slower or other than wished.
    Warning,
    /// Failed.
    Bad,
}

impl Tone {
    pub(super) const fn as_str(self) -> &'static str {
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

/// Properties of [`StatusChip`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct StatusChipProps {
    /// The word.
    pub label: AttrValue,
    /// What it means.
    pub tone: Tone,
}

/// Draws a state as a small label.
#[component]
pub fn StatusChip(props: &StatusChipProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: inline-flex;
        align-items: center;
        gap: 0.375rem;
        padding: 0.0625rem 0.5rem 0.0625rem 0.3125rem;
        border-radius: var(--r-full);
        background: var(--off-soft);
        color: var(--off);
        font-size: var(--t-sm);
        font-weight: 550;
        white-space: nowrap;

        &[data-tone="info"] { background: var(--info-soft); color: var(--info); }
        &[data-tone="good"] { background: var(--ok-soft); color: var(--ok); }
        &[data-tone="warning"] { background: var(--warn-soft); color: var(--warn); }
        &[data-tone="bad"] { background: var(--bad-soft); color: var(--bad); }
        @media (forced-colors: active) { border: 1px solid ButtonBorder; }
        "#
    ));
    html! {
        <span class={style} data-tone={props.tone.as_str()}>
            <Glyph icon={props.tone.icon()} size={14} />
            { &props.label }
        </span>
    }
}
