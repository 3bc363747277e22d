//! The roles, names and attributes of the indicator and the banner, as markup.

use sync_engine::status::{Banner, ConnectionStatus, ConnectionView, Mode, ShownState};
use yew::prelude::*;

use super::*;
use crate::test_util::{check, markup_of};

/// An indicator; a compact one with its open panel, if any.
fn drawn(
    variant: IndicatorVariant,
    view: &ConnectionView,
    words: &'static str,
    panel: Option<Html>,
) -> Html {
    let (words, id, text) = (words.into(), "status".into(), ConnectionText::default());
    let body = match variant {
        IndicatorVariant::Compact => {
            indicator::compact(view, &id, text, &words, panel, &Callback::noop())
        }
        IndicatorVariant::Full => indicator::full(view, &words, panel.unwrap_or_default()),
        IndicatorVariant::Minimal => indicator::minimal(view, &words),
    };
    indicator::indicator(Classes::new(), variant, view, NodeRef::default(), body)
}

/// The markup of a banner; `retrying` is `None` where a retry makes no sense.
async fn banner_of(
    banner: Banner,
    message: &'static str,
    countdown: Option<&str>,
    retrying: Option<bool>,
) -> String {
    let text = ConnectionText::default();
    let retry = retrying.map(|is_loading| (is_loading, Callback::noop()));
    let buttons = banner::buttons(text, banner, retry, Callback::noop(), Callback::noop());
    let countdown = countdown.map(str::to_owned);
    markup_of(banner::drawn(
        Classes::new(),
        text,
        banner,
        &message.into(),
        countdown,
        buttons,
    ))
    .await
}

#[tokio::test]
async fn an_indicator_has_actual_and_shown_state_in_every_variant() {
    let states = [
        ShownState::Starting,
        ShownState::Live,
        ShownState::Reconnecting,
        ShownState::Paused,
        ShownState::Delayed,
        ShownState::Offline,
        ShownState::Unreachable,
        ShownState::SignedOut,
    ];
    let variants = [
        IndicatorVariant::Compact,
        IndicatorVariant::Full,
        IndicatorVariant::Minimal,
    ];
    for variant in variants {
        let mut shapes = Vec::new();
        for shown in states {
            let view = ConnectionView {
                status: ConnectionStatus::Reconnecting,
                shown,
                mode: Mode::Offline,
                ..ConnectionView::default()
            };
            let markup = markup_of(drawn(variant, &view, "In words", None)).await;
            let state = format!(r#"data-state="{}""#, shown.as_str());
            let variant = format!(r#"data-variant="{}""#, variant.as_str());
            check(
                &markup,
                &[
                    &state,
                    &variant,
                    r#"data-status="reconnecting""#,
                    "In words",
                ],
                &[],
            );
            let svg = &markup[markup.find("<svg").unwrap()..markup.find("</svg>").unwrap()];
            shapes.push(svg.to_owned());
        }
        shapes.sort();
        shapes.dedup();
        assert_eq!(shapes.len(), states.len(), "two states share a shape");
    }
}

#[tokio::test]
async fn a_compact_indicator_is_a_button_that_opens_its_panel() {
    for open in [false, true] {
        let view = ConnectionView {
            status: ConnectionStatus::Connected,
            shown: ShownState::Live,
            mode: Mode::Live,
            ..ConnectionView::default()
        };
        let panel = open.then(|| html! { <p>{ "Panel" }</p> });
        let markup = markup_of(drawn(IndicatorVariant::Compact, &view, "Live", panel)).await;
        let expanded = format!(r#"aria-expanded="{open}""#);
        check(&markup, &["<button", &expanded], &[]);
        assert_eq!(markup.contains(r#"aria-label="Connection details""#), open);
        assert_eq!(markup.contains("<p>Panel</p>"), open);
    }
}

#[tokio::test]
async fn a_minimal_indicator_is_an_image_with_a_name() {
    let view = ConnectionView {
        status: ConnectionStatus::Reconnecting,
        shown: ShownState::Reconnecting,
        mode: Mode::Polling,
        ..ConnectionView::default()
    };
    let words = "Reconnecting, updated 12 s ago";
    let markup = markup_of(drawn(IndicatorVariant::Minimal, &view, words, None)).await;
    check(
        &markup,
        &[
            r#"role="img""#,
            r#"aria-label="Reconnecting, updated 12 s ago""#,
        ],
        &["<button"],
    );
}

#[tokio::test]
async fn a_banner_is_a_region_whose_countdown_is_for_the_eye_only() {
    let countdown = Some("Next try in 12 s.");
    let message = "Live updates are paused.";
    let banner = banner_of(Banner::Paused, message, countdown, Some(false)).await;
    check(
        &banner,
        &[
            r#"role="region""#,
            r#"aria-label="Connection""#,
            "Retry now",
            "Hide",
            r#"<span aria-hidden="true""#,
        ],
        &["Sign in"],
    );
    let message = "Your session has ended.";
    check(
        &banner_of(Banner::SignedOut, message, None, None).await,
        &["Sign in"],
        &["Hide", "Retry now"],
    );
}

#[tokio::test]
async fn a_pressed_retry_stays_focusable_and_shows_that_it_works() {
    let message = "Live updates are paused.";
    let markup = banner_of(Banner::Paused, message, None, Some(true)).await;
    check(
        &markup,
        &[r#"aria-disabled="true""#, "Trying…"],
        &[" disabled"],
    );
}
