//! The time of the last heartbeat, shown at most once a second.

use crate::time::Now;

/// The time of the last heartbeat is shown anew at most this often, in milliseconds.
const HEARTBEAT_EVERY_MS: u64 = 1000;

/// When all data on screen were last known to match the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Heartbeat {
    pub(super) last: Option<Now>,
    /// The one that is shown.
    shown: Option<Now>,
    /// When the view last changed, by the engine's clock.
    notified_at: u64,
}

impl Heartbeat {
    /// The time to show. Small differences wait while updates are live.
    pub(super) fn shown(&self, now: u64, is_live: bool) -> Option<Now> {
        let may_show =
            now.saturating_sub(self.notified_at) >= HEARTBEAT_EVERY_MS || !is_live || self.is_far();
        if may_show { self.last } else { self.shown }
    }

    /// The view changed, and shows this time.
    pub(super) const fn notified(&mut self, now: u64, shown: Option<Now>) {
        self.notified_at = now;
        self.shown = shown;
    }

    /// When a time that is not shown yet may be.
    pub(super) fn next_deadline(&self) -> Option<u64> {
        (self.last != self.shown).then_some(self.notified_at + HEARTBEAT_EVERY_MS)
    }

    /// Whether the last heartbeat is far from the shown one: other data are on screen.
    fn is_far(&self) -> bool {
        match (self.last, self.shown) {
            (Some(last), Some(shown)) => last.mono_ms.abs_diff(shown.mono_ms) >= HEARTBEAT_EVERY_MS,
            _ => true,
        }
    }
}
