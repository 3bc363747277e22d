//! The banner for critical states of the connection, over the lower edge of the page.

use yew::prelude::*;

use super::button::ActionButton;
use super::icon::Icon;
use super::style::use_connection_style;
use super::text::{ConnectionText, Label};

/// The subject of a banner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BannerTone {
    /// Live updates are paused.
    Paused,
    /// The server is unreachable.
    Unreachable,
    /// There is no network.
    Offline,
    /// The session has ended.
    SignedOut,
    /// The connection has recovered.
    Back,
}

impl BannerTone {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Unreachable => "unreachable",
            Self::Offline => "offline",
            Self::SignedOut => "signed-out",
            Self::Back => "back",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Paused => Icon::Bars,
            Self::Unreachable => Icon::Triangle,
            Self::Offline => Icon::SlashedDisc,
            Self::SignedOut => Icon::Key,
            Self::Back => Icon::TickedDisc,
        }
    }
}

/// Properties of [`ConnectionBanner`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ConnectionBannerProps {
    /// Its subject.
    pub tone: BannerTone,
    /// The state, what still works, and what happens to pending mutations.
    pub message: AttrValue,
    /// When the next attempt begins; ticks, and is hidden from assistive technology.
    #[prop_or_default]
    pub countdown: Option<AttrValue>,
    /// Whether a retry makes sense.
    #[prop_or_default]
    pub retry: bool,
    /// Whether an attempt is in flight.
    #[prop_or_default]
    pub loading: bool,
    /// The user retries at once.
    #[prop_or_default]
    pub on_retry: Callback<()>,
    /// The user dismisses the banner. Not offered for a session that has ended.
    #[prop_or_default]
    pub on_hide: Callback<()>,
    /// The user signs in.
    #[prop_or_default]
    pub on_sign_in: Callback<()>,
    /// The words.
    #[prop_or_default]
    pub text: ConnectionText,
}

/// Draws the banner. It covers the page's lower edge, which every page keeps free, so the layout does not shift.
#[component]
pub fn ConnectionBanner(props: &ConnectionBannerProps) -> Html {
    let style = use_connection_style();
    let text = props.text;
    let signed_out = props.tone == BannerTone::SignedOut;
    html! {
        <section
            class={classes!("connection-banner", style)}
            role="region"
            aria-label={text.label(Label::Connection)}
            data-banner="true"
            data-tone={props.tone.as_str()}
        >
            <div class="connection-words">
                { props.tone.icon().draw(20) }
                <p>
                    { &props.message }
                    if let Some(countdown) = &props.countdown {
                        <span aria-hidden="true" data-countdown="true">{ " " }{ countdown }</span>
                    }
                </p>
            </div>
            <div class="connection-actions">
                if signed_out {
                    { ActionButton::new(text.label(Label::SignIn), props.on_sign_in.clone()).primary().draw() }
                }
                if props.retry {
                    { ActionButton::retry(text, props.loading, props.on_retry.clone()).draw() }
                }
                if !signed_out && props.tone != BannerTone::Back {
                    { ActionButton::new(text.label(Label::Hide), props.on_hide.clone()).draw() }
                }
            </div>
        </section>
    }
}
