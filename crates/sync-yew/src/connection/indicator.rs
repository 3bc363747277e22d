//! The connection indicator, in three variants.

use sync_engine::status::{Banner, ConnectionView, ShownState};
use yew::prelude::*;

use super::icon::Icon;
use super::panel::{buttons, facts};
use super::retry::use_retry;
use super::style::use_connection_style;
use super::text::{ConnectionText, Label};
use super::times::PERIOD_MS;
use crate::hooks::use_ticks;
use crate::use_connection;
use sync_web::leave::{Leave, on_leave};
use sync_web::page;

/// The amount of detail of an indicator.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IndicatorVariant {
    /// Icon and label; pressing it opens the full panel.
    #[default]
    Compact,
    /// All details, and the actions.
    Full,
    /// An icon with a name.
    Minimal,
}

impl IndicatorVariant {
    /// The value of `data-variant`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Full => "full",
            Self::Minimal => "minimal",
        }
    }
}

/// Properties of [`ConnectionStatusIndicator`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ConnectionStatusIndicatorProps {
    /// The variant.
    #[prop_or_default]
    pub variant: IndicatorVariant,
    /// Id of a compact indicator's button in the page; each of several needs its own.
    #[prop_or(AttrValue::Static("connection-status"))]
    pub id: AttrValue,
    /// The user signs in again; without this callback, signing in is not offered.
    #[prop_or_default]
    pub on_sign_in: Callback<()>,
    /// The words.
    #[prop_or_default]
    pub text: ConnectionText,
}

/// Shows the state of the connection; the full variant has the actions too.
///
/// # Panics
/// There is no `SyncProvider` above it.
#[component]
pub fn ConnectionStatusIndicator(props: &ConnectionStatusIndicatorProps) -> Html {
    let (on_sign_in, text) = (props.on_sign_in.clone(), props.text);
    match props.variant {
        IndicatorVariant::Compact => {
            html! { <Compact id={props.id.clone()} {on_sign_in} {text} /> }
        }
        IndicatorVariant::Full => html! { <Full {on_sign_in} {text} /> },
        IndicatorVariant::Minimal => html! { <Minimal {text} /> },
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct CompactProps {
    id: AttrValue,
    on_sign_in: Callback<()>,
    text: ConnectionText,
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct FullProps {
    on_sign_in: Callback<()>,
    text: ConnectionText,
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct MinimalProps {
    text: ConnectionText,
}

/// Icon and label; never ticks. Its panel exists, and ticks, only while it is open.
#[component]
fn Compact(props: &CompactProps) -> Html {
    let style = use_connection_style();
    let connection = use_connection();
    let open = use_state_eq(|| false);
    let on_toggle = {
        let open = open.clone();
        Callback::from(move |()| open.set(!*open))
    };
    let whole = use_node_ref();
    use_effect_with(*open, {
        let (whole, open, id) = (whole.clone(), open.clone(), props.id.clone());
        move |is_open| {
            let whole = is_open.then(|| whole.get()).flatten();
            let listening = whole.map(|whole| {
                on_leave(&whole, move |leave| {
                    open.set(false);
                    if leave == Leave::Escape {
                        page::focus(&id);
                    }
                })
            });
            move || drop(listening)
        }
    });
    let (text, view) = (props.text, connection.view());
    let details = open.then(|| html! { <Full on_sign_in={props.on_sign_in.clone()} {text} /> });
    let body = compact(
        view,
        &props.id,
        text,
        &text.compact(view),
        details,
        &on_toggle,
    );
    indicator(style, IndicatorVariant::Compact, view, whole, body)
}

/// All details, updated every second.
#[component]
fn Full(props: &FullProps) -> Html {
    let style = use_connection_style();
    let connection = use_connection();
    let now = use_ticks(PERIOD_MS);
    let (text, view) = (props.text, connection.view());
    let retry = use_retry(&connection, view.offers_retry(), now.mono_ms);
    let times = connection.times();
    let on_retry = retry.on_press(now.mono_ms);
    let details = html! {
        <div class={classes!("connection-panel", style.clone())}>
            { facts(text, view, &times) }
            { buttons(text, &connection, &retry, on_retry, props.on_sign_in.clone()) }
        </div>
    };
    let body = full(view, &text.full(view, &times), details);
    indicator(
        style,
        IndicatorVariant::Full,
        view,
        NodeRef::default(),
        body,
    )
}

/// An icon whose name is the state.
#[component]
fn Minimal(props: &MinimalProps) -> Html {
    let style = use_connection_style();
    let connection = use_connection();
    use_ticks(PERIOD_MS);
    let view = connection.view();
    let words = props.text.minimal(view, &connection.times());
    indicator(
        style,
        IndicatorVariant::Minimal,
        view,
        NodeRef::default(),
        minimal(view, &words),
    )
}

/// Draws the state of the connection as icon, label and colour, so that no user depends on only one of them.
pub(super) fn indicator(
    style: Classes,
    variant: IndicatorVariant,
    view: &ConnectionView,
    whole: NodeRef,
    body: Html,
) -> Html {
    html! {
        <div
            class={classes!("connection-indicator", style)}
            data-variant={variant.as_str()}
            data-status={view.status.as_str()}
            data-state={view.shown.as_str()}
            data-mode={view.mode.as_str()}
            ref={whole}
        >
            { body }
        </div>
    }
}

pub(super) fn minimal(view: &ConnectionView, words: &AttrValue) -> Html {
    html! {
        <span role="img" aria-label={words} title={words}>{ state_icon(view).draw(18) }</span>
    }
}

pub(super) fn full(view: &ConnectionView, words: &AttrValue, details: Html) -> Html {
    html! {
        <>
            <p class="connection-summary">{ state_icon(view).draw(18) }<span>{ words }</span></p>
            { details }
        </>
    }
}

/// `details` are those of an open panel, whose id is derived from that of the button.
pub(super) fn compact(
    view: &ConnectionView,
    id: &AttrValue,
    text: ConnectionText,
    words: &AttrValue,
    details: Option<Html>,
    on_toggle: &Callback<()>,
) -> Html {
    let panel_id = format!("{id}-panel");
    html! {
        <>
            <button
                class="connection-pill"
                type="button"
                {id}
                aria-expanded={if details.is_some() { "true" } else { "false" }}
                aria-controls={details.as_ref().map(|_| panel_id.clone())}
                onclick={on_toggle.reform(|_: MouseEvent| ())}
            >
                { state_icon(view).draw(16) }
                <span class="connection-prefix">{ text.label(Label::Prefix) }</span>
                <span>{ words }</span>
            </button>
            if let Some(details) = details {
                <div class="connection-popover" id={panel_id} role="group" aria-label={text.label(Label::Details)}>
                    { details }
                </div>
            }
        </>
    }
}

/// The icon of a state: no two states share one.
const fn state_icon(view: &ConnectionView) -> Icon {
    match view.shown {
        ShownState::Starting => Icon::Ring,
        ShownState::Live if matches!(view.banner, Some(Banner::Back { .. })) => Icon::TickedDisc,
        ShownState::Live => Icon::Disc,
        ShownState::Reconnecting => Icon::HalfDisc,
        ShownState::Paused => Icon::Bars,
        ShownState::Delayed => Icon::Clock,
        ShownState::Offline => Icon::SlashedDisc,
        ShownState::Unreachable => Icon::Triangle,
        ShownState::SignedOut => Icon::Key,
    }
}
