//! The banner for critical states of the connection, live.

use sync_engine::status::Banner;
use yew::prelude::*;

use super::banner_view::{BannerTone, ConnectionBanner};
use super::facts::PERIOD_MS;
use super::retry::use_retry;
use super::text::ConnectionText;
use crate::{use_clock, use_connection};
use sync_web::page;

/// Properties of [`ConnectionStatusBanner`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ConnectionStatusBannerProps {
    /// The user signs in again.
    #[prop_or_default]
    pub on_sign_in: Callback<()>,
    /// The words.
    #[prop_or_default]
    pub text: ConnectionText,
}

/// Shows critical states of the connection, and nothing else: most interruptions end before the banner appears.
///
/// # Panics
/// There is no `SyncProvider` above it.
#[component]
pub fn ConnectionStatusBanner(props: &ConnectionStatusBannerProps) -> Html {
    let connection = use_connection();
    match connection.view().banner {
        Some(banner) => {
            html! { <Shown {banner} on_sign_in={props.on_sign_in.clone()} text={props.text} /> }
        }
        None => Html::default(),
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct ShownProps {
    banner: Banner,
    on_sign_in: Callback<()>,
    text: ConnectionText,
}

/// A visible banner: ticks every second, for its countdown.
#[component]
fn Shown(props: &ShownProps) -> Html {
    let connection = use_connection();
    let now_ms = use_clock(PERIOD_MS);
    let view = connection.view();
    let banner = props.banner;
    let can_retry = matches!(banner, Banner::Paused | Banner::Unreachable);
    let retry = use_retry(&connection, can_retry, now_ms);
    // The banner must not cover the focused element.
    use_effect_with((), |()| page::reveal_focus());
    let times = connection.times(now_ms);
    let countdown = times
        .next_attempt_s
        .filter(|_| can_retry && !retry.loading())
        .map(|seconds| AttrValue::from(props.text.next_attempt(seconds)));
    let on_hide = {
        let connection = connection.clone();
        Callback::from(move |()| connection.hide_banner())
    };
    let on_retry = {
        let retry = retry.clone();
        Callback::from(move |()| retry.press(now_ms))
    };
    html! {
        <ConnectionBanner
            tone={tone(banner)}
            message={props.text.banner(banner, &times, view.pending_changes, retry.has_failed())}
            {countdown}
            retry={can_retry}
            loading={retry.loading()}
            {on_retry}
            {on_hide}
            on_sign_in={props.on_sign_in.clone()}
            text={props.text}
        />
    }
}

const fn tone(banner: Banner) -> BannerTone {
    match banner {
        Banner::Paused => BannerTone::Paused,
        Banner::Unreachable => BannerTone::Unreachable,
        Banner::Offline => BannerTone::Offline,
        Banner::SignedOut => BannerTone::SignedOut,
        Banner::Back { .. } => BannerTone::Back,
    }
}
