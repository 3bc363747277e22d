//! What is critical about the connection, over the lower edge of the page.

use yew::prelude::*;

use super::button::{Button, ButtonKind};
use super::connection_style::{ACTION, use_connection_style};
use super::icon::{Glyph, Icon};
use crate::text;

/// What kind of thing a banner tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BannerTone {
    /// Live updates are paused.
    Paused,
    /// The store cannot be reached.
    Unreachable,
    /// There is no network.
    Offline,
    /// The session has ended.
    SignedOut,
    /// Everything is well again.
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
    /// What kind of thing it tells.
    pub tone: BannerTone,
    /// What is, what still works, what becomes of changes.
    pub message: AttrValue,
    /// When the next try begins; ticks, and is hidden from assistive technology.
    #[prop_or_default]
    pub countdown: Option<AttrValue>,
    /// Whether trying again makes sense.
    #[prop_or_default]
    pub retry: bool,
    /// Whether a try is under way.
    #[prop_or_default]
    pub loading: bool,
    /// The user wants a try at once.
    #[prop_or_default]
    pub on_retry: Callback<()>,
    /// The user has seen it. Not offered for a session that has ended.
    #[prop_or_default]
    pub on_hide: Callback<()>,
    /// The user wants to sign in.
    #[prop_or_default]
    pub on_sign_in: Callback<()>,
}

/// Draws the banner. It lies over the page's lower edge, which every page keeps free, and so moves nothing.
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
                        label={if props.loading { text::TRYING } else { text::RETRY_NOW }}
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
