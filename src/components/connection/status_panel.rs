//! The panel with all details and actions of the connection.

use std::fmt::Write;
use std::rc::Rc;

use yew::prelude::*;

use super::connection_style::{ACTION, use_connection_style};
use crate::components::{Button, ButtonKind, Icon};
use crate::text;

/// The facts of a [`StatusPanel`], in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusFacts {
    /// How updates arrive.
    pub mode: AttrValue,
    /// The quality of the connection, with the last round trip.
    pub quality: Option<AttrValue>,
    /// The last round trips in milliseconds, oldest first.
    pub round_trips_ms: Rc<[u32]>,
    /// When the data last matched the server.
    pub last_update: Option<AttrValue>,
    /// Attempts of this outage.
    pub attempts: Option<AttrValue>,
    /// When the next attempt begins; ticks.
    pub countdown: Option<AttrValue>,
    /// Changes that wait for the server.
    pub waiting: Option<AttrValue>,
}

/// Which buttons a [`StatusPanel`] has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StatusActions {
    /// A retry makes sense.
    pub retry: bool,
    /// An attempt is in flight.
    pub loading: bool,
    /// Live updates are off, so that they can be turned on.
    pub connect: bool,
    /// Live updates are on, so that they can be turned off.
    pub disconnect: bool,
    /// The user has to sign in.
    pub sign_in: bool,
}

/// An action on the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatusAction {
    /// Attempt to connect at once.
    Retry,
    /// Turn live updates on.
    Connect,
    /// Turn live updates off.
    Disconnect,
    /// Refetch everything.
    Refresh,
    /// Go to the sign-in page.
    SignIn,
}

/// Properties of [`StatusPanel`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct StatusPanelProps {
    /// The facts.
    pub facts: StatusFacts,
    /// The available buttons.
    pub actions: StatusActions,
    /// The user takes an action.
    pub on_action: Callback<StatusAction>,
}

/// Draws the facts and the buttons. Buttons that do not apply are omitted, except the one just pressed.
#[component]
pub fn StatusPanel(props: &StatusPanelProps) -> Html {
    let style = use_connection_style();
    let StatusFacts {
        mode,
        quality,
        round_trips_ms,
        last_update,
        attempts,
        countdown,
        waiting,
    } = &props.facts;
    let fact = |term: &'static str, value: Option<&AttrValue>| match value {
        Some(value) => html! { <><dt>{ term }</dt><dd>{ value }</dd></> },
        None => Html::default(),
    };
    html! {
        <div class={classes!("connection-panel", style)}>
            <dl class="connection-facts">
                { fact(text::FACT_MODE, Some(mode)) }
                { fact(text::FACT_QUALITY, quality.as_ref()) }
                { fact(text::FACT_LAST_UPDATE, last_update.as_ref()) }
                { fact(text::FACT_WAITING, waiting.as_ref()) }
                { fact(text::FACT_ATTEMPTS, attempts.as_ref()) }
            </dl>
            if let Some(countdown) = countdown {
                <p class="connection-countdown" aria-hidden="true" data-countdown="true">{ countdown }</p>
            }
            if round_trips_ms.len() > 1 {
                { plot(round_trips_ms) }
            }
            { actions(props) }
        </div>
    }
}

fn actions(props: &StatusPanelProps) -> Html {
    let StatusActions {
        retry,
        loading,
        connect,
        disconnect,
        sign_in,
    } = props.actions;
    let body = |body: StatusAction| props.on_action.reform(move |()| body);
    html! {
        <div class="connection-actions">
            if sign_in {
                <Button
                    class={ACTION}
                    kind={ButtonKind::Primary}
                    label={text::SIGN_IN}
                    on_press={body(StatusAction::SignIn)}
                />
            }
            if retry || loading {
                <Button
                    class={ACTION}
                    kind={ButtonKind::Primary}
                    label={if loading { text::ATTEMPTING } else { text::RETRY_NOW }}
                    other_label={text::RETRY_NOW}
                    disabled={loading}
                    on_press={body(StatusAction::Retry)}
                />
            }
            if !sign_in {
                <Button
                    class={ACTION}
                    icon={Icon::Refresh}
                    label={text::REFRESH_DATA}
                    on_press={body(StatusAction::Refresh)}
                />
            }
            // A stable button, so that the user who pressed it keeps the focus.
            if connect || disconnect {
                <Button
                    class={ACTION}
                    kind={if connect { ButtonKind::Primary } else { ButtonKind::Secondary }}
                    label={if connect { text::CONNECT } else { text::DISCONNECT }}
                    on_press={body(if connect { StatusAction::Connect } else { StatusAction::Disconnect })}
                />
            }
        </div>
    }
}

/// A line of the last round trips; the text beside it has the numbers.
fn plot(round_trips_ms: &[u32]) -> Html {
    let top = u64::from(round_trips_ms.iter().copied().max().unwrap_or(0).max(1));
    let steps = round_trips_ms.len().max(2) - 1;
    let mut path = String::new();
    for (index, ms) in round_trips_ms.iter().enumerate() {
        let verb = if index == 0 { 'M' } else { 'L' };
        let (x, y) = (index * 1000 / steps, 220 - u64::from(*ms) * 200 / top);
        // Writing to a `String` cannot fail.
        let _ = write!(path, "{verb}{x} {y}");
    }
    html! {
        <svg class="connection-plot" viewBox="0 0 1000 240" preserveAspectRatio="none" fill="none" aria-hidden="true">
            <path d={path} stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke" />
        </svg>
    }
}
