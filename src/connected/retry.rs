//! "Retry now": pressed, it says for a moment that it works, and then what came of it.

use yew::prelude::*;

use crate::hooks::UseRealtimeConnectionHandle;

/// Shortest time that a pressed button shows that it works, in milliseconds: less would only flicker.
const TRYING_MS_MIN: i64 = 600;

/// A retry button's state.
#[derive(Clone, Debug)]
pub(super) struct UseRetryHandle {
    pressed_at_ms: UseStateHandle<Option<i64>>,
    connection: UseRealtimeConnectionHandle,
    trying: bool,
}

impl UseRetryHandle {
    /// Whether the try that was asked for is under way.
    pub(super) const fn trying(&self) -> bool {
        self.trying
    }

    /// Whether the try that was asked for has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.pressed_at_ms.is_some() && !self.trying
    }

    /// Tries at once.
    pub(super) fn press(&self, now_ms: i64) {
        self.pressed_at_ms.set(Some(now_ms));
        self.connection.reconnect();
    }
}

/// Follows a try that the person asked for. Its component ticks by the second, so "for a moment" needs no timer. `is_down`
/// ends with the outage, and what was pressed in it is forgotten.
#[hook]
pub(super) fn use_retry(
    connection: &UseRealtimeConnectionHandle,
    is_down: bool,
    now_ms: i64,
) -> UseRetryHandle {
    let pressed_at_ms = use_state_eq(|| None::<i64>);
    use_effect_with(is_down, {
        let pressed_at_ms = pressed_at_ms.clone();
        move |is_down| {
            if !is_down {
                pressed_at_ms.set(None);
            }
        }
    });
    let trying = pressed_at_ms
        .is_some_and(|at_ms| connection.view().trying || now_ms - at_ms < TRYING_MS_MIN);
    UseRetryHandle {
        pressed_at_ms,
        connection: connection.clone(),
        trying,
    }
}
