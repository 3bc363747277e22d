//! The life of a plain query: who looks at it, how old its data are, when it is forgotten.
//!
//! A plain query has no versions: what it shows is right as of its last read, and grows stale with time. One
//! [`QueryLife`] and one [`super::fetcher::Fetcher`] for each kind of request make a query; what is read is the
//! owner's business.

use crate::time::Now;

/// The rules that a kind of query follows.
#[derive(Clone, Copy, Debug)]
pub struct QueryPolicy {
    /// For how long data count as fresh, in milliseconds. Stale data are shown, and read again when somebody comes to
    /// look, when the page gets the focus, and when a connection is back.
    pub stale_ms: u64,
    /// For how long data that nobody looks at are kept, in milliseconds.
    pub retention_ms: u64,
    /// For how long a request goes on that nobody waits for any more, in milliseconds: somebody often comes back in
    /// the same moment.
    pub cancel_grace_ms: u64,
    /// How often a failed request is tried again.
    pub retries: u32,
    /// Longest wait before the first of these tries, in milliseconds; the next ones wait up to twice as long each.
    pub retry_first_ms: u64,
    /// Longest wait before any of these tries, in milliseconds, unless the server asks for more.
    pub retry_max_ms: u64,
    /// After how long a request counts as lost, in milliseconds.
    pub timeout_ms: u64,
}

impl QueryPolicy {
    /// What suits lists that change slowly.
    pub const DEFAULT: Self = Self {
        stale_ms: 30_000,
        retention_ms: 300_000,
        cancel_grace_ms: 1000,
        retries: 3,
        retry_first_ms: 500,
        retry_max_ms: 30_000,
        timeout_ms: 15_000,
    };
}

/// Who looks at a query, and how old its data are.
#[derive(Clone, Debug, Default)]
pub struct QueryLife {
    observers: u32,
    /// Since when nobody looks.
    unused_since_ms: Option<u64>,
    read_at: Option<Now>,
    invalid: bool,
}

impl QueryLife {
    /// Somebody looks.
    pub const fn observe(&mut self) {
        self.observers = self.observers.saturating_add(1);
        self.unused_since_ms = None;
    }

    /// Somebody looks no more.
    pub const fn release(&mut self, now: Now) {
        self.observers = self.observers.saturating_sub(1);
        if self.observers == 0 && self.unused_since_ms.is_none() {
            self.unused_since_ms = Some(now.mono_ms);
        }
    }

    /// Whether anybody looks.
    #[must_use]
    pub const fn is_observed(&self) -> bool {
        self.observers > 0
    }

    /// Data were read.
    pub const fn read(&mut self, now: Now) {
        self.read_at = Some(now);
        self.invalid = false;
    }

    /// The data are known to be wrong, whatever their age.
    pub const fn invalidate(&mut self) {
        self.invalid = true;
    }

    /// The data are gone; who looks stays.
    pub const fn forget(&mut self) {
        self.read_at = None;
        self.invalid = false;
    }

    /// When data were last read, by the wall clock.
    #[must_use]
    pub fn read_at_ms(&self) -> Option<i64> {
        self.read_at.map(|at| at.wall_ms)
    }

    /// Whether the data want to be read again. Both clocks are asked, since one of them may have slept.
    #[must_use]
    pub fn is_stale(&self, now: Now, policy: &QueryPolicy) -> bool {
        self.invalid
            || self.read_at.is_none_or(|at| {
                let mono_ms = now.mono_ms.saturating_sub(at.mono_ms);
                let wall_ms = u64::try_from(now.wall_ms.saturating_sub(at.wall_ms)).unwrap_or(0);
                mono_ms.max(wall_ms) >= policy.stale_ms
            })
    }

    /// When requests are to be given up, since nobody looks.
    #[must_use]
    pub fn cancel_at_ms(&self, policy: &QueryPolicy) -> Option<u64> {
        self.unused_since_ms
            .map(|since_ms| since_ms.saturating_add(policy.cancel_grace_ms))
    }

    /// When the query is to be forgotten, since nobody looks.
    #[must_use]
    pub fn forget_at_ms(&self, policy: &QueryPolicy) -> Option<u64> {
        self.unused_since_ms
            .map(|since_ms| since_ms.saturating_add(policy.retention_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: QueryPolicy = QueryPolicy::DEFAULT;

    #[test]
    fn data_grow_stale_by_either_clock_or_by_word() {
        let mut life = QueryLife::default();
        let now = Now::default();
        assert!(life.is_stale(now, &POLICY));
        life.read(now);
        assert!(!life.is_stale(now.after(29_999), &POLICY));
        assert!(life.is_stale(now.after(30_000), &POLICY));
        let after_sleep = Now {
            wall_ms: 60_000,
            ..now
        };
        assert!(life.is_stale(after_sleep, &POLICY));
        life.invalidate();
        assert!(life.is_stale(now, &POLICY));
    }

    #[test]
    fn the_last_of_many_who_looked_starts_the_clock_and_the_next_one_stops_it() {
        let mut life = QueryLife::default();
        let now = Now::default();
        life.observe();
        life.observe();
        life.release(now);
        assert_eq!(life.forget_at_ms(&POLICY), None);
        life.release(now.after(5));
        life.release(now.after(9));
        assert_eq!(life.forget_at_ms(&POLICY), Some(5 + POLICY.retention_ms));
        life.observe();
        assert_eq!(life.forget_at_ms(&POLICY), None);
        assert!(life.is_observed());
    }
}
