//! The banner for critical states of the connection, over the lower edge of the page.

use yew::prelude::*;

use super::connection_style::{ACTION, use_connection_style};
use crate::components::{Button, ButtonKind, Glyph, Icon};
use crate::text;

/// The subject of a banner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BannerTone {
    /// Live updates are paused.
    Paused,
    /// The store is unreachable.
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
}

/// Draws the banner. It covers the page's lower edge, which every page keeps free, so the layout does not shift.
#[component]
pub fn ConnectionBanner(props: &ConnectionBannerProps) -> Html {
    let style = use_connection_style();
    let signed_out = props.tone == BannerTone::SignedOut;
    html! {
        <section
            class={classes!("connection-banner", style)}
            role="region"
            aria-label={text::CONNECTION}
            data-banner="true"
            data-tone={props.tone.as_str()}
        >
            <div class="connection-words">
                <Glyph icon={props.tone.icon()} size={20} />
                <p>
                    { &props.message }
                    if let Some(countdown) = &props.countdown {
                        <span aria-hidden="true" data-countdown="true">{ " " }{ countdown }</span>
                    }
                </p>
            </div>
            <div class="connection-actions">
                if signed_out {
                    <Button
                        class={ACTION}
                        kind={ButtonKind::Primary}
                        label={text::SIGN_IN}
                        on_press={props.on_sign_in.clone()}
                    />
                }
                if props.retry {
                    <Button
                        class={ACTION}
                        kind={ButtonKind::Primary}
                        label={if props.loading { text::ATTEMPTING } else { text::RETRY_NOW }}
                        other_label={text::RETRY_NOW}
                        disabled={props.loading}
                        on_press={props.on_retry.clone()}
                    />
                }
                if !signed_out && props.tone != BannerTone::Back {
                    <Button class={ACTION} label={text::HIDE} on_press={props.on_hide.clone()} />
                }
            </div>
        </section>
    }
}
