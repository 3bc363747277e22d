//! The connection indicator, live.

use sync_engine::status::Banner;
use yew::prelude::*;

use super::facts::{PERIOD_MS, actions, facts};
use super::indicator_view::{IndicatorVariant, StatusIndicator};
use super::panel::{StatusAction, StatusPanel};
use super::retry::use_retry;
use super::text::ConnectionText;
use crate::{UseConnectionHandle, use_clock, use_connection};
use sync_web::page;

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
    let connection = use_connection();
    let open = use_state_eq(|| false);
    let on_toggle = {
        let open = open.clone();
        Callback::from(move |()| open.set(!*open))
    };
    let on_leave = {
        let (open, id) = (open.clone(), props.id.clone());
        Callback::from(move |()| {
            open.set(false);
            page::focus(&id);
        })
    };
    let view = connection.view();
    html! {
        <StatusIndicator
            variant={IndicatorVariant::Compact}
            status={view.status}
            shown={view.shown}
            mode={view.mode}
            back={is_back(&connection)}
            words={props.text.compact(view)}
            text={props.text}
            id={props.id.clone()}
            open={*open}
            {on_toggle}
            {on_leave}
        >
            <Full on_sign_in={props.on_sign_in.clone()} text={props.text} />
        </StatusIndicator>
    }
}

/// All details, updated every second.
#[component]
fn Full(props: &FullProps) -> Html {
    let connection = use_connection();
    let now_ms = use_clock(PERIOD_MS);
    let view = connection.view();
    let retry = use_retry(&connection, view.offers_retry(), now_ms);
    let times = connection.times(now_ms);
    let on_action = {
        let (connection, retry) = (connection.clone(), retry.clone());
        let on_sign_in = props.on_sign_in.clone();
        Callback::from(move |body| match body {
            StatusAction::Retry => retry.press(now_ms),
            StatusAction::Connect => connection.connect(),
            StatusAction::Disconnect => connection.disconnect(),
            StatusAction::Refresh => connection.refresh(),
            StatusAction::SignIn => on_sign_in.emit(()),
        })
    };
    html! {
        <StatusIndicator
            variant={IndicatorVariant::Full}
            status={view.status}
            shown={view.shown}
            mode={view.mode}
            back={is_back(&connection)}
            words={props.text.full(view, &times)}
            text={props.text}
        >
            <StatusPanel
                facts={facts(props.text, view, &times)}
                actions={actions(view, retry.loading())}
                {on_action}
                text={props.text}
            />
        </StatusIndicator>
    }
}

/// An icon whose name is the state.
#[component]
fn Minimal(props: &MinimalProps) -> Html {
    let connection = use_connection();
    let now_ms = use_clock(PERIOD_MS);
    let view = connection.view();
    html! {
        <StatusIndicator
            variant={IndicatorVariant::Minimal}
            status={view.status}
            shown={view.shown}
            mode={view.mode}
            back={is_back(&connection)}
            words={props.text.minimal(view, &connection.times(now_ms))}
            text={props.text}
        />
    }
}

fn is_back(connection: &UseConnectionHandle) -> bool {
    matches!(connection.view().banner, Some(Banner::Back { .. }))
}
