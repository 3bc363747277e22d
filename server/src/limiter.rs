//! Rate limits in memory.

use std::{
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lru::LruCache;
use tokio::time::Instant;

/// The maximum number of keys. With more, the one that was used the longest ago goes.
const KEYS_MAX: usize = 20_000;

/// The interval of [`LogThrottle`].
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// A token bucket. It gains `rate` tokens per second, up to `burst`.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// Creates a full bucket.
    #[must_use]
    pub const fn full(rate: f64, burst: f64, now: Instant) -> Self {
        Self {
            rate,
            burst,
            tokens: burst,
            at: now,
        }
    }

    /// Takes `count` tokens, or none.
    ///
    /// # Errors
    /// The time until there are enough tokens.
    pub fn take(&mut self, count: f64, now: Instant) -> Result<(), Duration> {
        self.reserve(count, Duration::ZERO, now).map(|_zero| ())
    }

    /// Takes `count` tokens that are available now or within `wait_max`. Returns the time until they are.
    ///
    /// # Errors
    /// The time until `wait_max` is enough.
    pub fn reserve(
        &mut self,
        count: f64,
        wait_max: Duration,
        now: Instant,
    ) -> Result<Duration, Duration> {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * self.rate).min(self.burst);
        self.at = now;
        let missing = (count - self.tokens).max(0.0);
        let wait = Duration::from_secs_f64(missing / self.rate);
        if wait > wait_max {
            return Err(wait - wait_max);
        }
        self.tokens -= count;
        Ok(wait)
    }
}

/// A token bucket for each key.
#[derive(Debug)]
pub struct Buckets<K: Eq + Hash> {
    rate: f64,
    burst: f64,
    buckets: Mutex<LruCache<K, Bucket>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Creates buckets that gain `rate` tokens per second, up to `burst`.
    #[must_use]
    pub fn new(rate: f64, burst: f64) -> Self {
        Self {
            rate,
            burst,
            // Grows with its keys. A cache with a capacity would take the memory for all of them at once.
            buckets: Mutex::new(LruCache::unbounded()),
        }
    }

    /// Takes `count` tokens of a key, or none.
    ///
    /// # Errors
    /// The time until there are enough tokens.
    pub fn take(&self, key: K, count: f64) -> Result<(), Duration> {
        self.reserve(key, count, Duration::ZERO).map(|_zero| ())
    }

    /// Takes `count` tokens of a key that are available now or within `wait_max`. Returns the time until they are.
    ///
    /// # Errors
    /// The time until `wait_max` is enough.
    pub fn reserve(&self, key: K, count: f64, wait_max: Duration) -> Result<Duration, Duration> {
        let now = Instant::now();
        let mut buckets = self.buckets();
        let full = || Bucket::full(self.rate, self.burst, now);
        let bucket = buckets.get_or_insert_mut(key, full);
        let reserved = bucket.reserve(count, wait_max, now);
        if buckets.len() > KEYS_MAX {
            buckets.pop_lru();
        }
        reserved
    }

    /// Returns `count` tokens of a key.
    pub fn refund(&self, key: &K, count: f64) {
        if let Some(bucket) = self.buckets().peek_mut(key) {
            bucket.tokens = (bucket.tokens + count).min(bucket.burst);
        }
    }

    fn buckets(&self) -> MutexGuard<'_, LruCache<K, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Limits a line of the log to once a minute.
#[derive(Debug, Default)]
pub struct LogThrottle(Mutex<Option<Instant>>);

impl LogThrottle {
    /// Whether a minute has passed since the last time that this was true.
    pub fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.duration_since(last) >= LOG_INTERVAL);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_allows_its_burst_and_then_its_rate() {
        let buckets = Buckets::new(200.0, 500.0);
        assert!(buckets.take("ada", 500.0).is_ok());
        let wait = buckets.take("ada", 1.0).expect_err("empty");
        assert!(wait <= Duration::from_millis(5));
        assert!(buckets.take("ben", 1.0).is_ok());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(buckets.take("ada", 200.0).is_ok());
        assert!(buckets.take("ada", 1.0).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_log_line_is_due_once_a_minute() {
        let log = LogThrottle::default();
        assert!(log.is_due());
        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert!(!log.is_due());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(log.is_due());
        assert!(!log.is_due());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refunded_token_can_be_taken_again() {
        let buckets = Buckets::new(1.0, 10.0);
        assert!(buckets.take("ada", 10.0).is_ok());
        assert!(buckets.take("ada", 1.0).is_err());
        buckets.refund(&"ada", 1.0);
        assert!(buckets.take("ada", 1.0).is_ok());
        assert!(buckets.take("ada", 1.0).is_err());
        buckets.refund(&"ada", 99.0);
        assert!(buckets.take("ada", 11.0).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_key_goes_when_there_are_too_many() {
        let buckets = Buckets::new(1.0, 1000.0);
        for key in 0..KEYS_MAX {
            assert!(buckets.take(key, 1000.0).is_ok());
            tokio::time::advance(Duration::from_nanos(1)).await;
        }
        assert!(buckets.take(0, 1000.0).is_err(), "the first key is known");
        assert!(buckets.take(KEYS_MAX, 1000.0).is_ok());
        assert_eq!(buckets.buckets().len(), KEYS_MAX);
        assert!(buckets.take(2, 1000.0).is_err(), "the third key is known");
        assert!(!buckets.buckets().contains(&1));
    }
}
