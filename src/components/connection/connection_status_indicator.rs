//! The connection indicator, live.

use sync_engine::status::Banner;
use yew::prelude::*;

use super::retry::use_retry;
use super::status_facts::{PERIOD_MS, actions, facts, times};
use super::status_indicator::{IndicatorVariant, StatusIndicator};
use super::status_panel::{StatusAction, StatusPanel};
use crate::hooks::{UseRealtimeConnectionHandle, use_clock, use_realtime_connection};
use crate::text;
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
}

/// Shows the state of the connection; the full variant has the actions too.
///
/// # Panics
/// There is no `RealtimeProvider` above it.
#[component]
pub fn ConnectionStatusIndicator(props: &ConnectionStatusIndicatorProps) -> Html {
    let on_sign_in = props.on_sign_in.clone();
    match props.variant {
        IndicatorVariant::Compact => html! { <Compact id={props.id.clone()} {on_sign_in} /> },
        IndicatorVariant::Full => html! { <Full {on_sign_in} /> },
        IndicatorVariant::Minimal => html! { <Minimal /> },
    }
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct CompactProps {
    id: AttrValue,
    on_sign_in: Callback<()>,
}

#[derive(Clone, Debug, PartialEq, Properties)]
struct ActionProps {
    on_sign_in: Callback<()>,
}

/// Icon and label; never ticks. Its panel exists, and ticks, only while it is open.
#[component]
fn Compact(props: &CompactProps) -> Html {
    let connection = use_realtime_connection();
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
            words={text::status_compact(view)}
            id={props.id.clone()}
            open={*open}
            {on_toggle}
            {on_leave}
        >
            <Full on_sign_in={props.on_sign_in.clone()} />
        </StatusIndicator>
    }
}

/// All details, updated every second.
#[component]
fn Full(props: &ActionProps) -> Html {
    let connection = use_realtime_connection();
    let now_ms = use_clock(PERIOD_MS);
    let view = connection.view();
    let retry = use_retry(&connection, view.offers_retry(), now_ms);
    let times = times(&connection, now_ms);
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
            words={text::status_full(view, &times)}
        >
            <StatusPanel
                facts={facts(view, &times)}
                actions={actions(view, retry.loading())}
                {on_action}
            />
        </StatusIndicator>
    }
}

/// An icon whose name is the state.
#[component]
fn Minimal() -> Html {
    let connection = use_realtime_connection();
    let now_ms = use_clock(PERIOD_MS);
    let view = connection.view();
    html! {
        <StatusIndicator
            variant={IndicatorVariant::Minimal}
            status={view.status}
            shown={view.shown}
            mode={view.mode}
            back={is_back(&connection)}
            words={text::status_minimal(view, &times(&connection, now_ms))}
        />
    }
}

fn is_back(connection: &UseRealtimeConnectionHandle) -> bool {
    matches!(connection.view().banner, Some(Banner::Back { .. }))
}
