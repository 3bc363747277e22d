//! The panel with all details and actions of the connection.

use std::fmt::Write;
use std::rc::Rc;

use yew::prelude::*;

use super::button::ActionButton;
use super::icon::Icon;
use super::style::use_connection_style;
use super::text::{ConnectionText, Label};

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
    /// The words.
    #[prop_or_default]
    pub text: ConnectionText,
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
    let fact = |term: Label, value: Option<&AttrValue>| match value {
        Some(value) => html! { <><dt>{ props.text.label(term) }</dt><dd>{ value }</dd></> },
        None => Html::default(),
    };
    html! {
        <div class={classes!("connection-panel", style)}>
            <dl class="connection-facts">
                { fact(Label::Mode, Some(mode)) }
                { fact(Label::Quality, quality.as_ref()) }
                { fact(Label::LastUpdate, last_update.as_ref()) }
                { fact(Label::Waiting, waiting.as_ref()) }
                { fact(Label::Attempts, attempts.as_ref()) }
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
    let text = props.text;
    let does = |action: StatusAction| props.on_action.reform(move |()| action);
    // A stable button, so that the user who pressed it keeps the focus.
    let switch = if connect {
        ActionButton::new(text.label(Label::Connect), does(StatusAction::Connect)).primary()
    } else {
        ActionButton::new(
            text.label(Label::Disconnect),
            does(StatusAction::Disconnect),
        )
    };
    html! {
        <div class="connection-actions">
            if sign_in {
                { ActionButton::new(text.label(Label::SignIn), does(StatusAction::SignIn)).primary().draw() }
            }
            if retry || loading {
                { ActionButton::retry(text, loading, does(StatusAction::Retry)).draw() }
            }
            if !sign_in {
                { ActionButton::new(text.label(Label::Refresh), does(StatusAction::Refresh)).icon(Icon::Refresh).draw() }
            }
            if connect || disconnect {
                { switch.draw() }
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
