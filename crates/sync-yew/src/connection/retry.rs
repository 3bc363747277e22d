//! "Retry now": once pressed, it shows for a short time that it works, and then the result.

use yew::prelude::*;

use crate::UseConnectionHandle;

/// Shortest time that a pressed button shows that it works, in milliseconds: a shorter one would only flicker.
const RETRYING_MS_MIN: u64 = 600;

/// The result of the last press.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Press {
    /// It was not pressed in this outage.
    #[default]
    None,
    /// The requested attempt is in flight.
    Retrying {
        /// When it was pressed, by the engine's clock.
        since_ms: u64,
    },
    /// The requested attempt failed. Later automatic attempts of the connection are not shown.
    Failed,
}

impl Press {
    /// The state of the press now.
    const fn at(self, is_down: bool, is_attempting: bool, now_ms: u64) -> Self {
        match self {
            _ if !is_down => Self::None,
            Self::Retrying { since_ms }
                if !is_attempting && now_ms.saturating_sub(since_ms) >= RETRYING_MS_MIN =>
            {
                Self::Failed
            }
            same => same,
        }
    }
}

/// A retry button's state.
#[derive(Clone, Debug)]
pub(super) struct UseRetryHandle {
    press: Press,
    kept: UseStateHandle<Press>,
    connection: UseConnectionHandle,
}

impl UseRetryHandle {
    /// Whether the requested attempt is in flight.
    pub(super) const fn loading(&self) -> bool {
        matches!(self.press, Press::Retrying { .. })
    }

    /// Whether the requested attempt failed.
    pub(super) fn has_failed(&self) -> bool {
        self.press == Press::Failed
    }

    /// The action of the button: attempts to connect at once.
    pub(super) fn on_press(&self, now_ms: u64) -> Callback<()> {
        let (kept, connection) = (self.kept.clone(), self.connection.clone());
        Callback::from(move |()| {
            kept.set(Press::Retrying { since_ms: now_ms });
            connection.reconnect();
        })
    }
}

/// Follows an attempt that the user requested. Its component ticks every second, so the shortest time needs no timer.
/// The end of the outage (`is_down`) resets the press.
#[hook]
pub(super) fn use_retry(
    connection: &UseConnectionHandle,
    is_down: bool,
    now_ms: u64,
) -> UseRetryHandle {
    let kept = use_state_eq(Press::default);
    let press = kept.at(is_down, connection.view().attempts.in_flight, now_ms);
    use_effect_with(press, {
        let kept = kept.clone();
        move |press| kept.set(*press)
    });
    UseRetryHandle {
        press,
        kept,
        connection: connection.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_shows_briefly_and_its_failure_until_the_outage_ends() {
        let pressed = Press::Retrying { since_ms: 1000 };
        assert_eq!(pressed.at(true, false, 1599), pressed);
        assert_eq!(pressed.at(true, true, 9000), pressed);
        assert_eq!(pressed.at(true, false, 1600), Press::Failed);
        assert_eq!(Press::Failed.at(true, true, 9000), Press::Failed);
        assert_eq!(Press::Failed.at(false, false, 9000), Press::None);
    }
}
