//! The course of outages: when one began, how long updates were live before, and how long the server has been silent.

/// The present outage, or the time of being live.
#[derive(Clone, Debug, Default)]
pub(super) struct Outage {
    /// Whether it was live since the user signed in or switched updates on.
    pub(super) was_live: bool,
    /// When the outage began; `None` while live, off or signed out.
    pub(super) began_at: Option<u64>,
    live_since: Option<u64>,
    /// When the server last answered anything, be it with an error.
    pub(super) answered_at: Option<u64>,
    /// Whether the last answer cannot be the server's.
    pub(super) is_intercepted: bool,
    /// Changes applied when the outage began.
    applied_before: u64,
}

impl Outage {
    /// Updates are off, by the user or without a sign-in.
    pub(super) const fn stop(&mut self) {
        self.began_at = None;
        self.live_since = None;
        self.was_live = false;
    }

    /// Updates are live.
    pub(super) fn end(&mut self, now: u64) {
        self.began_at = None;
        self.live_since.get_or_insert(now);
        self.was_live = true;
    }

    /// An outage begins; `applied` changes were applied so far.
    pub(super) const fn begin(&mut self, now: u64, applied: u64) {
        self.began_at = Some(now);
        self.is_intercepted = false;
        self.applied_before = applied;
    }

    /// How old the outage is, in milliseconds; 0 without one.
    pub(super) fn age(&self, now: u64) -> u64 {
        self.began_at.map_or(0, |at| now.saturating_sub(at))
    }

    /// Since when the server has not answered anything in this outage.
    pub(super) fn silent_since(&self) -> Option<u64> {
        self.began_at
            .map(|at| at.max(self.answered_at.unwrap_or(0)))
    }

    /// How long the server has not answered anything in this outage, in milliseconds.
    pub(super) fn silence(&self, now: u64) -> u64 {
        self.silent_since()
            .map_or(0, |since| now.saturating_sub(since))
    }

    /// The outage shows, which ends the time of being live. Returns how long that time was, in milliseconds, when this is
    /// first called in an outage.
    pub(super) fn end_live_time(&mut self) -> Option<u64> {
        let began_at = self.began_at?;
        let since = self.live_since.take()?;
        Some(began_at.saturating_sub(since))
    }

    /// How many of `applied` changes came since the outage began.
    pub(super) fn updates(&self, applied: u64) -> u32 {
        u32::try_from(applied - self.applied_before).unwrap_or(u32::MAX)
    }
}
