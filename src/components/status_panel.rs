//! Everything there is to know about the connection, and what can be done about it.

use std::fmt::Write;
use std::rc::Rc;

use yew::prelude::*;

use super::button::{Button, ButtonKind};
use super::connection_style::{ACTION, use_connection_style};
use super::icon::Icon;
use crate::text;

/// The facts of a [`StatusPanel`], in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusFacts {
    /// How news arrive.
    pub mode: AttrValue,
    /// How good the link is, with the last round trip.
    pub quality: Option<AttrValue>,
    /// The last round trips in milliseconds, oldest first.
    pub round_trips_ms: Rc<[u32]>,
    /// When the data were last known to be right.
    pub last_update: Option<AttrValue>,
    /// Tries of this outage.
    pub attempts: Option<AttrValue>,
    /// When the next try begins; ticks.
    pub countdown: Option<AttrValue>,
    /// Changes that wait for the server.
    pub waiting: Option<AttrValue>,
}

/// Which buttons a [`StatusPanel`] has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StatusActions {
    /// Trying again makes sense.
    pub retry: bool,
    /// A try is under way.
    pub loading: bool,
    /// Live updates are switched off, so that they can be switched on.
    pub connect: bool,
    /// Live updates are wanted, so that they can be switched off.
    pub disconnect: bool,
    /// Signing in is the way on.
    pub sign_in: bool,
}

/// A mutation about the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StatusAction {
    /// Try at once.
    Retry,
    /// Switch live updates on.
    Connect,
    /// Switch live updates off.
    Disconnect,
    /// Read everything again.
    Refresh,
    /// Go to the sign-in page.
    SignIn,
}

/// Properties of [`StatusPanel`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct StatusPanelProps {
    /// What is known.
    pub facts: StatusFacts,
    /// What can be done.
    pub actions: StatusActions,
    /// What the user wants.
    pub on_action: Callback<StatusAction>,
}

/// Draws the facts and the buttons. Buttons that do not apply are left out, but the one just pressed stays.
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
                    label={if loading { text::TRYING } else { text::RETRY_NOW }}
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
            // One button, so that who has pressed it keeps the focus.
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

/// A line of the last round trips; the numbers themselves stand beside it in words.
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
