//! Rate limits in memory.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The number of keys at which a limiter drops its idle ones.
const KEYS_MAX: usize = 20_000;

/// How often the log tells of the same thing.
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
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * self.rate).min(self.burst);
        self.at = now;
        if self.tokens >= count {
            self.tokens -= count;
            return Ok(());
        }
        Err(Duration::from_secs_f64((count - self.tokens) / self.rate))
    }
}

/// A token bucket for each key.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: f64,
    burst: f64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Creates buckets that gain `rate` tokens per second, up to `burst`.
    #[must_use]
    pub fn new(rate: f64, burst: f64) -> Self {
        Self {
            rate,
            burst,
            buckets: Mutex::default(),
        }
    }

    /// Takes `count` tokens of a key, or none.
    ///
    /// # Errors
    /// The time until there are enough tokens.
    pub fn take(&self, key: K, count: f64) -> Result<(), Duration> {
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS_MAX {
            let refill = Duration::from_secs_f64(self.burst / self.rate);
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < refill);
        }
        let full = Bucket::full(self.rate, self.burst, now);
        buckets.entry(key).or_insert(full).take(count, now)
    }
}

/// Says when something that happens often is worth a line in the log: once a minute.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
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

/// Limits the attempts of a key in any window of time. A successful attempt does not count.
#[derive(Debug)]
pub struct Attempts<K> {
    max: usize,
    window: Duration,
    attempts: Mutex<HashMap<K, VecDeque<Instant>>>,
}

impl<K: Eq + Hash + Clone> Attempts<K> {
    /// Allows `max` attempts in any `window`.
    #[must_use]
    pub fn new(max: usize, window: Duration) -> Self {
        Self {
            max,
            window,
            attempts: Mutex::default(),
        }
    }

    /// Starts an attempt.
    ///
    /// # Errors
    /// The time until the next attempt is allowed.
    pub fn begin(&self, key: &K) -> Result<(), Duration> {
        let now = Instant::now();
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |at: &Instant| now.duration_since(*at) < self.window;
        if attempts.len() >= KEYS_MAX {
            attempts.retain(|_, of_key| of_key.back().is_some_and(counts));
        }
        let of_key = attempts.entry(key.clone()).or_default();
        of_key.retain(counts);
        match of_key.front() {
            Some(first) if of_key.len() >= self.max => {
                Err(self.window - now.duration_since(*first))
            }
            _ => {
                of_key.push_back(now);
                Ok(())
            }
        }
    }

    /// Removes the last attempt, because it was successful.
    pub fn forgive(&self, key: &K) {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_key) = attempts.get_mut(key) {
            of_key.pop_back();
            if of_key.is_empty() {
                attempts.remove(key);
            }
        }
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
    async fn what_happens_often_is_logged_once_a_minute() {
        let log = Seldom::default();
        assert!(log.is_due());
        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert!(!log.is_due());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(log.is_due());
        assert!(!log.is_due());
    }

    #[tokio::test(start_paused = true)]
    async fn ten_attempts_in_a_minute_are_allowed_and_not_eleven() {
        let attempts = Attempts::new(10, Duration::from_secs(60));
        for _ in 0..10 {
            assert!(attempts.begin(&"ada").is_ok());
        }
        assert!(attempts.begin(&"ada").is_err());
        assert!(attempts.begin(&"ben").is_ok());
        attempts.forgive(&"ada");
        assert!(attempts.begin(&"ada").is_ok());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(attempts.begin(&"ada").is_ok());
    }
}
