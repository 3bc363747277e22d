//! The life of a plain query: its observers, the age of its data, and when it is forgotten.
//!
//! A plain query has no versions: its data are right as of their last read, and grow stale with time. One [`QueryLife`]
//! and one [`Fetcher`](crate::fetch::Fetcher) for each kind of request make a query.

use crate::time::Now;

/// For how long data count as fresh, in milliseconds. Stale data are shown, and read again with the next observer, when the
/// page gets the focus, and when a connection is back.
const STALE_MS: u64 = 30_000;
/// For how long data that nobody observes are kept, in milliseconds.
pub const RETENTION_MS: u64 = 300_000;
/// For how long a request goes on without observers, in milliseconds: one often comes back at once.
const CANCEL_GRACE_MS: u64 = 1000;

/// The observers of a query, and the age of its data.
#[derive(Clone, Debug, Default)]
pub struct QueryLife {
    observers: u32,
    /// Since when nobody observes it.
    unused_since_ms: Option<u64>,
    /// When data were last read.
    pub(super) read_at: Option<Now>,
    /// The data are known to be wrong, whatever their age.
    pub(super) invalid: bool,
}

impl QueryLife {
    /// A component observes it.
    pub const fn observe(&mut self) {
        self.observers = self.observers.saturating_add(1);
        self.unused_since_ms = None;
    }

    /// A component no longer observes it.
    pub const fn release(&mut self, now: Now) {
        self.observers = self.observers.saturating_sub(1);
        if self.observers == 0 && self.unused_since_ms.is_none() {
            self.unused_since_ms = Some(now.mono_ms);
        }
    }

    /// Whether anybody observes it.
    #[must_use]
    pub const fn is_observed(&self) -> bool {
        self.observers > 0
    }

    /// Data were read.
    pub const fn read(&mut self, now: Now) {
        self.read_at = Some(now);
        self.invalid = false;
    }

    /// The data are gone; the observers stay.
    pub const fn forget(&mut self) {
        self.read_at = None;
        self.invalid = false;
    }

    /// Whether the data have to be read again, by either clock, since one of them may have slept.
    #[must_use]
    pub fn is_stale(&self, now: Now) -> bool {
        self.invalid || self.read_at.is_none_or(|at| now.since(at) >= STALE_MS)
    }

    /// When requests are to be aborted, since nobody observes it.
    #[must_use]
    pub fn cancel_at_ms(&self) -> Option<u64> {
        self.unused_since_ms
            .map(|since_ms| since_ms.saturating_add(CANCEL_GRACE_MS))
    }

    /// When the query is to be forgotten, since nobody observes it.
    #[must_use]
    pub fn forget_at_ms(&self) -> Option<u64> {
        self.unused_since_ms
            .map(|since_ms| since_ms.saturating_add(RETENTION_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_grow_stale_by_either_clock_or_by_invalidation() {
        let mut life = QueryLife::default();
        let now = Now::default();
        assert!(life.is_stale(now));
        life.read(now);
        assert!(!life.is_stale(now.after(29_999)));
        assert!(life.is_stale(now.after(30_000)));
        let after_sleep = Now {
            wall_ms: 60_000,
            ..now
        };
        assert!(life.is_stale(after_sleep));
        life.invalid = true;
        assert!(life.is_stale(now));
    }

    #[test]
    fn the_last_observer_starts_the_clock_and_the_next_one_stops_it() {
        let mut life = QueryLife::default();
        let now = Now::default();
        life.observe();
        life.observe();
        life.release(now);
        assert_eq!(life.forget_at_ms(), None);
        life.release(now.after(5));
        life.release(now.after(9));
        assert_eq!(life.forget_at_ms(), Some(5 + RETENTION_MS));
        life.observe();
        assert_eq!(life.forget_at_ms(), None);
        assert!(life.is_observed());
    }
}
