//! The panel with all details and actions of the connection.

use std::fmt::Write;

use sync_engine::status::{ConnectionView, ShownState};
use yew::prelude::*;

use super::button::ActionButton;
use super::icon::Icon;
use super::retry::UseRetryHandle;
use super::text::{ConnectionText, Label, StatusTimes};
use crate::UseConnectionHandle;
use sync_web::intl;

/// Draws the facts: how updates arrive, how good the connection is, how old the data are, and what waits.
pub(super) fn facts(text: ConnectionText, view: &ConnectionView, times: &StatusTimes) -> Html {
    let fact = |term: Label, value: Option<AttrValue>| match value {
        Some(value) => html! { <><dt>{ text.label(term) }</dt><dd>{ value }</dd></> },
        None => Html::default(),
    };
    let quality = view
        .round_trips
        .quality
        .map(|of| text.quality(of, view.round_trips.last_ms));
    let last_update = times.age_s.map(|age_s| {
        let at = times.at.as_deref().unwrap_or_default();
        format!("{} · {at}", text.ago(age_s)).into()
    });
    let waiting = text.waiting(view.pending_changes).map(AttrValue::from);
    let attempts =
        (view.attempts.count > 0).then(|| intl::integer(u64::from(view.attempts.count)).into());
    html! {
        <>
            <dl class="connection-facts">
                { fact(Label::Mode, Some(text.mode(view.mode, view))) }
                { fact(Label::Quality, quality) }
                { fact(Label::LastUpdate, last_update) }
                { fact(Label::Waiting, waiting) }
                { fact(Label::Attempts, attempts) }
            </dl>
            if let Some(seconds) = times.next_attempt_s {
                <p class="connection-countdown" aria-hidden="true" data-countdown="true">
                    { text.next_attempt(seconds) }
                </p>
            }
            if view.round_trips.history_ms.len() > 1 {
                { plot(&view.round_trips.history_ms) }
            }
        </>
    }
}

/// The actions that a user can take now.
struct Actions {
    /// A retry makes sense.
    retry: bool,
    /// Live updates are off, so that they can be turned on.
    connect: bool,
    /// Live updates are on, so that they can be turned off.
    disconnect: bool,
    /// The user has to sign in.
    sign_in: bool,
}

impl Actions {
    fn of(view: &ConnectionView) -> Self {
        let signed_out = view.shown == ShownState::SignedOut;
        Self {
            retry: view.offers_retry(),
            connect: view.switched_off,
            disconnect: !signed_out && !view.switched_off,
            sign_in: signed_out,
        }
    }
}

/// Draws the buttons. Those that do not apply are omitted, except the one just pressed.
pub(super) fn buttons(
    text: ConnectionText,
    connection: &UseConnectionHandle,
    retry: &UseRetryHandle,
    on_retry: Callback<()>,
    on_sign_in: Callback<()>,
) -> Html {
    let actions = Actions::of(connection.view());
    let button = |label: Label, action: fn(&UseConnectionHandle)| {
        let connection = connection.clone();
        ActionButton::new(
            text.label(label),
            Callback::from(move |()| action(&connection)),
        )
    };
    // A stable button, so that the user who pressed it keeps the focus.
    let switch = if actions.connect {
        button(Label::Connect, UseConnectionHandle::connect).primary()
    } else {
        button(Label::Disconnect, UseConnectionHandle::disconnect)
    };
    html! {
        <div class="connection-actions">
            if actions.sign_in {
                { ActionButton::new(text.label(Label::SignIn), on_sign_in).primary().draw() }
            }
            if actions.retry || retry.loading() {
                { ActionButton::retry(text, retry.loading(), on_retry).draw() }
            }
            if !actions.sign_in {
                { button(Label::Refresh, UseConnectionHandle::refresh).icon(Icon::Refresh).draw() }
            }
            if actions.connect || actions.disconnect {
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

#[cfg(test)]
mod tests {
    use sync_engine::status::ConnectionStatus;

    use super::*;

    #[test]
    fn the_available_actions_follow_the_state() {
        let view = |shown, status, switched_off| ConnectionView {
            shown,
            status,
            switched_off,
            ..ConnectionView::default()
        };
        let live = Actions::of(&view(ShownState::Live, ConnectionStatus::Connected, false));
        assert!(live.disconnect && !live.retry && !live.connect && !live.sign_in);
        let off = Actions::of(&view(
            ShownState::Paused,
            ConnectionStatus::Disconnected,
            true,
        ));
        assert!(off.connect && !off.disconnect && !off.retry);
        let down = Actions::of(&view(
            ShownState::Paused,
            ConnectionStatus::Reconnecting,
            false,
        ));
        assert!(down.retry && down.disconnect && !down.connect);
        // The settings disable live updates: the only possible retry is a poll.
        for (shown, retry) in [
            (ShownState::Delayed, false),
            (ShownState::Unreachable, true),
        ] {
            let polling = Actions::of(&view(shown, ConnectionStatus::Disconnected, false));
            assert_eq!(polling.retry, retry, "{shown:?}");
        }
        let out = Actions::of(&view(ShownState::SignedOut, ConnectionStatus::Error, false));
        assert!(out.sign_in && !out.retry && !out.disconnect && !out.connect);
    }
}
