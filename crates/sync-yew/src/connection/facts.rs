//! The connection's state, formatted for its components.

use sync_engine::status::ConnectionView;
use sync_engine::status::ShownState;
use yew::AttrValue;

use super::panel::{StatusActions, StatusFacts};
use super::text::{ConnectionText, StatusTimes};
use crate::UseConnectionHandle;
use sync_web::intl;

/// The refresh period of ages and countdowns of the connection, in milliseconds.
pub(super) const PERIOD_MS: u32 = 1000;

/// A shorter countdown is not shown: it would be over before the user has read it.
const COUNTDOWN_S_MIN: u64 = 5;

impl UseConnectionHandle {
    /// The connection's ages and countdowns at `now_ms` (see [`use_clock`](crate::use_clock)).
    #[must_use]
    pub fn times(&self, now_ms: i64) -> StatusTimes {
        let heartbeat_at_ms = self.view().last_heartbeat_at_ms;
        StatusTimes {
            age_s: heartbeat_at_ms.map(|at_ms| (now_ms - at_ms).max(0).unsigned_abs() / 1000),
            at: heartbeat_at_ms.map(intl::time),
            next_attempt_s: self.retry_in_ms().and_then(countdown_s),
        }
    }
}

/// Whole seconds to a deadline, rounded, so that the attempt begins within half a second of the shown zero.
const fn countdown_s(remaining_ms: u64) -> Option<u64> {
    let seconds = (remaining_ms + 500) / 1000;
    if seconds >= COUNTDOWN_S_MIN {
        Some(seconds)
    } else {
        None
    }
}

/// The facts of the full panel.
pub(super) fn facts(
    text: ConnectionText,
    view: &ConnectionView,
    times: &StatusTimes,
) -> StatusFacts {
    StatusFacts {
        mode: text.mode(view.mode, view),
        quality: view
            .quality
            .map(|quality| text.quality(quality, view.rtt_ms)),
        round_trips_ms: view.rtt_history_ms.clone(),
        last_update: times.age_s.map(|age_s| {
            let at = times.at.as_deref().unwrap_or_default();
            AttrValue::from(format!("{} · {at}", text.ago(age_s)))
        }),
        attempts: (view.attempts > 0).then(|| intl::integer(u64::from(view.attempts)).into()),
        countdown: times
            .next_attempt_s
            .map(|seconds| text.next_attempt(seconds).into()),
        waiting: text.waiting(view.pending_changes).map(AttrValue::from),
    }
}

/// The actions on the connection that a user can take.
pub(super) fn actions(view: &ConnectionView, loading: bool) -> StatusActions {
    let signed_out = view.shown == ShownState::SignedOut;
    StatusActions {
        retry: view.offers_retry(),
        loading,
        connect: view.switched_off,
        disconnect: !signed_out && !view.switched_off,
        sign_in: signed_out,
    }
}

#[cfg(test)]
mod tests {
    use sync_engine::status::ConnectionStatus;

    use super::*;

    #[test]
    fn a_countdown_is_rounded_and_ends_at_five() {
        for (remaining_ms, shown) in [
            (12_400, Some(12)),
            (12_500, Some(13)),
            (4500, Some(5)),
            (4499, None),
            (0, None),
        ] {
            assert_eq!(countdown_s(remaining_ms), shown, "{remaining_ms}");
        }
    }

    #[test]
    fn the_available_actions_follow_the_state() {
        let view = |shown, status, switched_off| ConnectionView {
            shown,
            status,
            switched_off,
            ..ConnectionView::default()
        };
        let live = actions(
            &view(ShownState::Live, ConnectionStatus::Connected, false),
            false,
        );
        assert!(live.disconnect && !live.retry && !live.connect && !live.sign_in);
        let off = actions(
            &view(ShownState::Paused, ConnectionStatus::Disconnected, true),
            false,
        );
        assert!(off.connect && !off.disconnect && !off.retry);
        let down = actions(
            &view(ShownState::Paused, ConnectionStatus::Reconnecting, false),
            false,
        );
        assert!(down.retry && down.disconnect && !down.connect);
        // The settings disable live updates: the only possible retry is a poll.
        for (shown, retry) in [
            (ShownState::Delayed, false),
            (ShownState::Unreachable, true),
        ] {
            let polling = actions(&view(shown, ConnectionStatus::Disconnected, false), false);
            assert_eq!(polling.retry, retry, "{shown:?}");
        }
        let out = actions(
            &view(ShownState::SignedOut, ConnectionStatus::Error, false),
            false,
        );
        assert!(out.sign_in && !out.retry && !out.disconnect && !out.connect);
    }
}
