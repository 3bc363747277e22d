//! The banner for critical states of the connection, over the lower edge of the page.

use sync_engine::status::Banner;
use yew::prelude::*;

use super::button::ActionButton;
use super::icon::Icon;
use super::retry::use_retry;
use super::style::use_connection_style;
use super::text::{ConnectionText, Label};
use super::times::PERIOD_MS;
use crate::hooks::use_ticks;
use crate::use_connection;
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
    let style = use_connection_style();
    let connection = use_connection();
    let now = use_ticks(PERIOD_MS);
    let view = connection.view();
    let (banner, text) = (props.banner, props.text);
    let can_retry = matches!(banner, Banner::Paused | Banner::Unreachable);
    let retry = use_retry(&connection, can_retry, now.mono_ms);
    // The banner must not cover the focused element.
    use_effect_with((), |()| page::reveal_focus());
    let times = connection.times();
    let countdown = times
        .next_attempt_s
        .filter(|_| can_retry && !retry.loading())
        .map(|seconds| text.next_attempt(seconds));
    let on_hide = {
        let connection = connection.clone();
        Callback::from(move |()| connection.hide_banner())
    };
    let retrying = can_retry.then(|| (retry.loading(), retry.on_press(now.mono_ms)));
    let message = text.banner(banner, &times, view.pending_changes, retry.has_failed());
    let buttons = buttons(text, banner, retrying, on_hide, props.on_sign_in.clone());
    drawn(style, text, banner, &message, countdown, buttons)
}

/// Draws the banner. It covers the page's lower edge, which every page keeps free, so the layout does not shift. The
/// countdown ticks, and is hidden from assistive technology.
pub(super) fn drawn(
    style: Classes,
    text: ConnectionText,
    banner: Banner,
    message: &AttrValue,
    countdown: Option<String>,
    buttons: Html,
) -> Html {
    let (tone, icon) = look(banner);
    html! {
        <section
            class={classes!("connection-banner", style)}
            role="region"
            aria-label={text.label(Label::Connection)}
            data-banner="true"
            data-tone={tone}
        >
            <div class="connection-words">
                { icon.draw(20) }
                <p>
                    { message }
                    if let Some(countdown) = countdown {
                        <span aria-hidden="true" data-countdown="true">{ " " }{ countdown }</span>
                    }
                </p>
            </div>
            <div class="connection-actions">{ buttons }</div>
        </section>
    }
}

/// Draws the buttons: `retry` has whether an attempt is in flight, and the action, if a retry makes sense. A session that
/// has ended cannot be hidden.
pub(super) fn buttons(
    text: ConnectionText,
    banner: Banner,
    retry: Option<(bool, Callback<()>)>,
    on_hide: Callback<()>,
    on_sign_in: Callback<()>,
) -> Html {
    let signed_out = banner == Banner::SignedOut;
    html! {
        <>
            if signed_out {
                { ActionButton::new(text.label(Label::SignIn), on_sign_in).primary().draw() }
            }
            if banner == Banner::Intercepted {
                { ActionButton::new(text.label(Label::Reload), Callback::from(|()| page::reload())).primary().draw() }
            }
            if let Some((is_loading, on_retry)) = retry {
                { ActionButton::retry(text, is_loading, on_retry).draw() }
            }
            if !signed_out && !matches!(banner, Banner::Back { .. }) {
                { ActionButton::new(text.label(Label::Hide), on_hide).draw() }
            }
        </>
    }
}

/// The value of `data-tone`, and the icon.
const fn look(banner: Banner) -> (&'static str, Icon) {
    match banner {
        Banner::Paused => ("paused", Icon::Bars),
        Banner::Intercepted | Banner::Unreachable => ("unreachable", Icon::Triangle),
        Banner::Offline => ("offline", Icon::SlashedDisc),
        Banner::SignedOut => ("signed-out", Icon::Key),
        Banner::Back { .. } => ("back", Icon::TickedDisc),
    }
}
