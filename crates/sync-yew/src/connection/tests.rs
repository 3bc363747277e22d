//! The roles, names and attributes of the indicator and the banner, as markup.

use sync_engine::status::{ConnectionStatus, Mode, ShownState};
use yew::prelude::*;

use super::*;
use crate::test_util::{check, markup};

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
            let props = yew::props!(StatusIndicatorProps {
                variant,
                status: ConnectionStatus::Reconnecting,
                shown,
                mode: Mode::Offline,
                words: "In words",
            });
            let markup = markup::<StatusIndicator>(props).await;
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
        let props = yew::props!(StatusIndicatorProps {
            status: ConnectionStatus::Connected,
            shown: ShownState::Live,
            mode: Mode::Live,
            words: "Live",
            open,
            children: html! { <p>{ "Panel" }</p> },
        });
        let markup = markup::<StatusIndicator>(props).await;
        let expanded = format!(r#"aria-expanded="{open}""#);
        check(&markup, &["<button", &expanded], &[]);
        assert_eq!(markup.contains(r#"aria-label="Connection details""#), open);
        assert_eq!(markup.contains("<p>Panel</p>"), open);
    }
}

#[tokio::test]
async fn a_minimal_indicator_is_an_image_with_a_name() {
    let props = yew::props!(StatusIndicatorProps {
        variant: IndicatorVariant::Minimal,
        status: ConnectionStatus::Reconnecting,
        shown: ShownState::Reconnecting,
        mode: Mode::Polling,
        words: "Reconnecting, updated 12 s ago",
    });
    let markup = markup::<StatusIndicator>(props).await;
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
    let props = yew::props!(ConnectionBannerProps {
        tone: BannerTone::Paused,
        message: "Live updates are paused.",
        countdown: Some(AttrValue::Static("Next try in 12 s.")),
        retry: true,
    });
    let banner = markup::<ConnectionBanner>(props).await;
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
    let props = yew::props!(ConnectionBannerProps {
        tone: BannerTone::SignedOut,
        message: "Your session has ended.",
    });
    check(
        &markup::<ConnectionBanner>(props).await,
        &["Sign in"],
        &["Hide", "Retry now"],
    );
}

#[tokio::test]
async fn a_pressed_retry_stays_focusable_and_shows_that_it_works() {
    let props = yew::props!(ConnectionBannerProps {
        tone: BannerTone::Paused,
        message: "Live updates are paused.",
        retry: true,
        loading: true,
    });
    let markup = markup::<ConnectionBanner>(props).await;
    check(
        &markup,
        &[r#"aria-disabled="true""#, "Trying…"],
        &[" disabled"],
    );
}
