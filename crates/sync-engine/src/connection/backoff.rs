//! The waits between attempts: full jitter under a cap that grows with the outage.

use crate::random::Random;
use crate::settings::Settings;

/// Cap of the first wait of an outage, in milliseconds.
const FIRST_CAP_MS: u64 = 500;
/// Cap of the waits while the outage is young, in milliseconds.
const YOUNG_CAP_MS: u64 = 1000;
/// How long an outage is young, in milliseconds: as long as nothing of it shows on the screen.
const YOUNG_MS: u64 = 4000;
/// Highest cap in the first minute, in milliseconds, if the settings do not ask for less.
const EARLY_CAP_MS: u64 = 4000;
/// Highest cap after the first minute, in milliseconds.
const LATE_CAP_MS: u64 = 30_000;
/// The "first minute", in milliseconds.
pub(super) const EARLY_MS: u64 = 60_000;

/// The age of an outage, and the growth of the waits.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    random: Random,
    early_cap_ms: u64,
    retries_max: u32,
    /// When the outage began; `None` while all is well.
    outage_since: Option<u64>,
    /// Cap of the last wait; 0 after proof.
    cap_ms: u64,
    /// Attempts begun in this outage.
    attempt: u32,
    /// Those of them that the retry limit counts.
    late_attempts: u32,
}

impl Backoff {
    pub(super) fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            early_cap_ms: settings.reconnect_interval_ms.min(EARLY_CAP_MS),
            retries_max: settings.max_retries,
            outage_since: None,
            cap_ms: 0,
            attempt: 0,
            late_attempts: 0,
        }
    }

    /// An outage begins, unless one goes on.
    pub(super) fn begin_outage(&mut self, now: u64) {
        if self.outage_since.is_none() {
            self.outage_since = Some(now);
            self.attempt = 0;
            self.late_attempts = 0;
        }
    }

    /// The connection had recovered and lasted: the outage is over.
    pub(super) const fn end_outage(&mut self) {
        self.outage_since = None;
        self.attempt = 0;
        self.late_attempts = 0;
    }

    /// The connection has proved itself: the waits start small again.
    pub(super) const fn prove(&mut self) {
        self.cap_ms = 0;
    }

    /// There is a reason to go on: the retry limit counts anew. The growth stays.
    pub(super) const fn renew(&mut self) {
        self.late_attempts = 0;
    }

    /// Attempts go on after they were suspended: count and growth start anew.
    pub(super) const fn restart(&mut self) {
        self.renew();
        self.prove();
    }

    /// Forgets everything but the state of the random source.
    pub(super) const fn reset(&mut self) {
        self.end_outage();
        self.prove();
    }

    /// Whether the outage is in its first minute, or there is none.
    pub(super) fn is_early(&self, now: u64) -> bool {
        self.age(now) < EARLY_MS
    }

    /// Counts an attempt that begins. Returns its number in the outage.
    pub(super) fn count_attempt(&mut self, now: u64) -> u32 {
        self.attempt = self.attempt.saturating_add(1);
        if !self.is_early(now) {
            self.late_attempts = self.late_attempts.saturating_add(1);
        }
        self.attempt
    }

    /// Attempts begun in this outage.
    pub(super) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How long to wait for the next attempt, in milliseconds; `None` when the retry limit is reached.
    pub(super) fn next_delay(&mut self, now: u64) -> Option<u64> {
        if self.late_attempts >= self.retries_max {
            return None;
        }
        self.cap_ms = self.next_cap(now);
        Some(self.random.up_to(self.cap_ms))
    }

    /// A short wait, whatever the limit says, that leaves the growth as it is; in milliseconds.
    pub(super) const fn soon(&mut self) -> u64 {
        self.random.up_to(FIRST_CAP_MS)
    }

    /// A number from `low` to `high`, for waits that have a floor.
    pub(super) const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.random.up_to(high.saturating_sub(low))
    }

    fn next_cap(&self, now: u64) -> u64 {
        let age = self.age(now);
        match self.cap_ms {
            0 => FIRST_CAP_MS,
            cap if age < YOUNG_MS && cap <= YOUNG_CAP_MS => YOUNG_CAP_MS,
            cap => {
                let highest = if age < EARLY_MS {
                    self.early_cap_ms
                } else {
                    LATE_CAP_MS
                };
                (cap.max(YOUNG_CAP_MS) * 2).min(highest)
            }
        }
    }

    fn age(&self, now: u64) -> u64 {
        self.outage_since
            .map_or(0, |since| now.saturating_sub(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Caps seen over an outage in which each wait takes exactly its cap.
    fn caps(backoff: &mut Backoff, until: u64) -> Vec<u64> {
        let (mut now, mut caps) = (0, Vec::new());
        backoff.begin_outage(0);
        while now < until && backoff.next_delay(now).is_some() {
            caps.push(backoff.cap_ms);
            now += backoff.cap_ms;
            backoff.count_attempt(now);
        }
        caps
    }

    #[test]
    fn the_cap_grows_with_the_outage() {
        let mut backoff = Backoff::new(&Settings::default(), 1);
        let caps = caps(&mut backoff, 200_000);
        assert_eq!(caps[..8], [500, 1000, 1000, 1000, 1000, 2000, 4000, 4000]);
        let after: Vec<_> = caps.iter().copied().filter(|cap| *cap > 4000).collect();
        assert_eq!(after[..3], [8000, 16_000, 30_000]);
        assert!(after[3..].iter().all(|cap| *cap == LATE_CAP_MS));
    }

    /// All waits of a client in an outage of so long, each with its cap and its beginning.
    fn waits(seed: u64, outage_ms: u64) -> Vec<(u64, u64, u64)> {
        let settings = Settings {
            max_retries: 1000,
            ..Settings::default()
        };
        let mut backoff = Backoff::new(&settings, seed);
        let (mut now, mut waits) = (0, Vec::new());
        backoff.begin_outage(0);
        while now < outage_ms
            && let Some(wait) = backoff.next_delay(now)
        {
            waits.push((backoff.cap_ms, wait, now));
            // An attempt that is rejected takes a round trip.
            now += wait + 40;
            backoff.count_attempt(now);
        }
        waits
    }

    /// Ten thousand clients that are dropped at the same time and stay out for three minutes.
    #[test]
    fn the_waits_under_every_cap_are_spread_evenly_and_clients_drift_apart() {
        let mut bins: std::collections::BTreeMap<u64, [u32; 10]> =
            std::collections::BTreeMap::new();
        // When each client's fifth, tenth and twentieth attempt begins, by the tenth of a second.
        let mut starts = [5, 10, 20].map(|number| (number, std::collections::BTreeMap::new()));
        for seed in 0..10_000 {
            let waits = waits(seed, 180_000);
            for (cap, wait, _) in &waits {
                assert!(wait <= cap, "{wait} under {cap}");
                let bins = bins.entry(*cap).or_default();
                bins[(wait * 10 / (cap + 1)) as usize] += 1;
            }
            for (number, starts) in &mut starts {
                if let Some((_, _, at)) = waits.get(*number) {
                    *starts.entry(at / 100).or_insert(0_u32) += 1;
                }
            }
        }
        let caps: Vec<_> = bins.keys().copied().collect();
        assert_eq!(caps, [500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
        for (cap, bins) in &bins {
            let sum: u32 = bins.iter().sum();
            assert!(sum >= 10_000, "{cap}: {sum} waits");
            // A tenth in each bin; so far beside it is more than four times what chance allows.
            let mean = f64::from(sum) / 10.0;
            let is_even = |count: &u32| (f64::from(*count) / mean - 1.0).abs() <= 0.15;
            assert!(bins.iter().all(is_even), "cap {cap}: {bins:?}");
        }
        for (number, starts) in &starts {
            let peak = starts.values().max().copied().unwrap_or_default();
            assert!(peak <= 1000, "attempt {number}: {peak} clients in 0.1 s");
        }
    }

    #[test]
    fn the_settings_can_ask_for_a_smaller_cap_in_the_first_minute() {
        let settings = Settings {
            reconnect_interval_ms: 1000,
            ..Settings::default()
        };
        let mut backoff = Backoff::new(&settings, 1);
        assert!(caps(&mut backoff, 59_000).iter().all(|cap| *cap <= 1000));
    }

    #[test]
    fn the_retry_limit_counts_only_attempts_after_the_first_minute() {
        let settings = Settings {
            max_retries: 3,
            ..Settings::default()
        };
        let mut backoff = Backoff::new(&settings, 1);
        backoff.begin_outage(0);
        for _ in 0..100 {
            assert!(backoff.next_delay(59_999).is_some());
            backoff.count_attempt(59_999);
        }
        for _ in 0..3 {
            assert!(backoff.next_delay(60_000).is_some());
            backoff.count_attempt(60_000);
        }
        assert_eq!(backoff.next_delay(60_001), None);
        backoff.renew();
        assert!(backoff.next_delay(60_001).is_some());
    }

    #[test]
    fn growth_outlives_an_outage_until_there_is_proof() {
        let mut backoff = Backoff::new(&Settings::default(), 1);
        caps(&mut backoff, 20_000);
        backoff.end_outage();
        backoff.begin_outage(20_000);
        assert!(backoff.next_delay(20_000).is_some());
        assert_eq!(backoff.cap_ms, 4000);
        backoff.prove();
        assert!(backoff.next_delay(20_000).is_some());
        assert_eq!(backoff.cap_ms, FIRST_CAP_MS);
    }
}
