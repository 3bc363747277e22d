//! The occasions to apply waiting events: animation frames in a visible page, once a second in a hidden one.

use super::{FRAME_WAIT_MAX_MS, HIDDEN_INTERVAL_MS, QUIET_MS};

/// The frame that was asked for, and the next time in a hidden page.
#[derive(Debug)]
pub(super) struct Pace {
    debounce_ms: u64,
    batch_size: usize,
    pub(super) visible: bool,
    /// Whether a frame was asked for and has not come.
    pub(super) frame_requested: bool,
    /// Since when something waits for a frame.
    pub(super) frame_wanted_ms: Option<u64>,
    /// In a hidden page: when to apply waiting events.
    hidden_ms: Option<u64>,
    hidden_last_ms: Option<u64>,
    /// When events were last applied.
    applied_ms: Option<u64>,
}

impl Pace {
    pub(super) const fn new(debounce_ms: u64, batch_size: usize) -> Self {
        Self {
            debounce_ms,
            batch_size,
            visible: true,
            frame_requested: false,
            frame_wanted_ms: None,
            hidden_ms: None,
            hidden_last_ms: None,
            applied_ms: None,
        }
    }

    /// The page was shown or hidden. Returns whether that is new.
    pub(super) const fn set_visible(&mut self, visible: bool) -> bool {
        if self.visible == visible {
            return false;
        }
        self.visible = visible;
        self.frame_requested = false;
        self.hidden_ms = None;
        true
    }

    /// Nothing waits any more.
    pub(super) const fn clear(&mut self) {
        self.frame_wanted_ms = None;
        self.hidden_ms = None;
    }

    /// Events were applied.
    pub(super) const fn note_applied(&mut self, now_ms: u64) {
        self.applied_ms = Some(now_ms);
    }

    // In a visible page.

    /// Whether nothing was applied for a while, so that the next event need not wait for a frame.
    pub(super) fn is_quiet(&self, now_ms: u64) -> bool {
        let is_long_ago = |at_ms: u64| now_ms >= at_ms.saturating_add(QUIET_MS);
        self.visible && self.applied_ms.is_none_or(is_long_ago)
    }

    /// Something waits for a frame. Returns whether it has waited for too long, so that it is applied without.
    pub(super) fn is_frame_overdue(&mut self, now_ms: u64) -> bool {
        let since_ms = *self.frame_wanted_ms.get_or_insert(now_ms);
        now_ms >= since_ms.saturating_add(FRAME_WAIT_MAX_MS)
    }

    // In a hidden page.

    /// Whether to apply `depth` waiting events now: the time has come, or they are a whole batch.
    pub(super) fn is_hidden_due(&mut self, now_ms: u64, depth: usize) -> bool {
        self.frame_wanted_ms = None;
        if depth == 0 {
            self.hidden_ms = None;
            return false;
        }
        let next_ms = self
            .hidden_last_ms
            .map_or(0, |last_ms| last_ms.saturating_add(HIDDEN_INTERVAL_MS));
        let debounce_ms = self.debounce_ms;
        let at_ms = *self
            .hidden_ms
            .get_or_insert_with(|| now_ms.saturating_add(debounce_ms).max(next_ms));
        now_ms >= at_ms || depth >= self.batch_size
    }

    /// Events were applied; `rest` of them wait for late parts of their commits.
    pub(super) fn note_hidden(&mut self, now_ms: u64, rest: usize) {
        self.hidden_last_ms = Some(now_ms);
        self.hidden_ms = (rest > 0).then_some(now_ms + HIDDEN_INTERVAL_MS);
    }

    /// The next occasion, if windows end at `windows_ms`.
    pub(super) fn next_deadline(&self, windows_ms: Option<u64>) -> Option<u64> {
        if !self.visible {
            return self.hidden_ms;
        }
        let frame_ms = self.frame_wanted_ms;
        frame_ms
            .map(|since_ms| since_ms.saturating_add(FRAME_WAIT_MAX_MS))
            .or(windows_ms)
    }
}
