//! The attempts of an outage: when the last one began and why, and the waits between them: full jitter under a cap that grows
//! with the outage.

use super::state::Cause;
use super::transport::Transport;
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
const EARLY_MS: u64 = 60_000;
/// Longest wait for a socket to open in the first minute of an outage, and of an attempt that a sign of a network caused, in
/// milliseconds: such a sign may come before the network works.
const OPENING_EARLY_MS: u64 = 4000;
/// From this age on, in milliseconds, an attempt without a result counts as hanging when there are signs of a network.
const HANGS_MS: u64 = 1000;
/// A connection of this age has proved itself even without a ping or a reply, in milliseconds.
const PROVEN_BY_AGE_MS: u64 = 20_000;
/// A connection lost so soon after its first heartbeat has proved nothing, in milliseconds: a server that answers and
/// then drops must not be hammered. Short, so that a connection that flaps by itself does not count as such a server.
const HEARTBEAT_HOLDS_MS: u64 = 250;

/// The attempts to connect, the age of their outage, and the growth of the waits.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    random: Random,
    early_cap_ms: u64,
    retries_max: u32,
    /// Longest wait for a socket to open, in milliseconds.
    opening_max_ms: u64,
    /// When the outage began; `None` while all is well.
    outage_since: Option<u64>,
    /// Cap of the last wait; 0 after proof.
    cap_ms: u64,
    /// Attempts begun in this outage.
    pub(super) count: u32,
    /// Those of them that the retry limit counts.
    late_count: u32,
    /// When the last attempt began.
    pub(super) began_at: u64,
    /// Whether a sign of a network was the reason of the last attempt.
    pub(super) has_evidence: bool,
    /// There was a sign of a network, or a request of the user, since the last attempt began: if that fails, another follows
    /// soon, and the sign is its reason.
    pub(super) has_sign: bool,
    /// Why the last connection or attempt ended.
    pub(super) cause: Cause,
    /// The number of the last socket: every socket has another one.
    pub(super) generation: u64,
}

impl Attempts {
    pub(super) fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            early_cap_ms: settings.reconnect_interval_ms.min(EARLY_CAP_MS),
            retries_max: settings.max_retries,
            opening_max_ms: settings.connection_timeout_ms,
            outage_since: None,
            cap_ms: 0,
            count: 0,
            late_count: 0,
            began_at: 0,
            has_evidence: false,
            has_sign: false,
            cause: Cause::default(),
            generation: 0,
        }
    }

    /// An outage begins, unless one goes on.
    pub(super) fn begin_outage(&mut self, now: u64) {
        if self.outage_since.is_none() {
            self.outage_since = Some(now);
            self.count = 0;
            self.late_count = 0;
        }
    }

    /// The connection had recovered and lasted: the outage is over.
    const fn end_outage(&mut self) {
        self.outage_since = None;
        self.count = 0;
        self.late_count = 0;
    }

    /// The connection has proved itself: the waits start small again.
    const fn prove(&mut self) {
        self.cap_ms = 0;
    }

    /// There is a reason to go on: the retry limit counts anew. The growth of the waits stays.
    pub(super) const fn renew(&mut self) {
        self.late_count = 0;
    }

    /// The attempts go on after they were suspended, or the network is another one: count and growth start anew.
    pub(super) const fn restart(&mut self) {
        self.renew();
        self.prove();
    }

    /// No connection is wanted any more: forgets the outage, but not the state of the random source.
    pub(super) const fn reset(&mut self) {
        self.end_outage();
        self.prove();
    }

    /// An attempt begins. Returns its number in the outage, from 1.
    pub(super) fn begin(&mut self, now: u64) -> u32 {
        self.began_at = now;
        self.has_evidence = std::mem::take(&mut self.has_sign);
        self.count = self.count.saturating_add(1);
        if !self.is_early(now) {
            self.late_count = self.late_count.saturating_add(1);
        }
        self.count
    }

    /// Longest wait for the socket of an attempt to open, in milliseconds.
    pub(super) fn opening_ms(&self, now: u64) -> u64 {
        if self.is_early(now) || self.has_evidence {
            self.opening_max_ms.min(OPENING_EARLY_MS)
        } else {
            self.opening_max_ms
        }
    }

    /// There is a sign of a network, or a request of the user, and an attempt is in flight. Returns whether it hangs, so
    /// that another has to replace it. If not, it may have begun too early to profit, and another follows soon if it
    /// fails.
    pub(super) const fn should_replace(&mut self, now: u64) -> bool {
        self.renew();
        let hangs = now >= self.hangs_at();
        self.has_sign |= !hangs;
        hangs
    }

    /// When the attempt in flight counts as hanging.
    pub(super) const fn hangs_at(&self) -> u64 {
        self.began_at.saturating_add(HANGS_MS)
    }

    /// A connection or attempt ended, and an outage begins or goes on. Returns the wait before the next attempt, in
    /// milliseconds; `None` when the retry limit is reached.
    pub(super) fn next_delay(&mut self, now: u64, was_attempting: bool) -> Option<u64> {
        // In the first minute an attempt that hung has waited already: its time counts as part of the delay, so that a
        // network that swallows everything is tried again as soon as one that rejects.
        let spent = if was_attempting && self.is_early(now) {
            now.saturating_sub(self.began_at)
        } else {
            0
        };
        self.begin_outage(now);
        // A sign from before a connection says nothing of the time after it.
        self.has_sign &= was_attempting;
        let cap_ms = if self.has_sign {
            // Whatever the limit says, and the growth stays as it is.
            FIRST_CAP_MS
        } else if self.late_count < self.retries_max {
            self.cap_ms = self.next_cap(now);
            self.cap_ms
        } else {
            return None;
        };
        Some(self.random.up_to(cap_ms).saturating_sub(spent))
    }

    /// A connection that the server had accepted ends. If it has proved itself, the next waits are short.
    pub(super) fn note_end(&mut self, now: u64, transport: &Transport) {
        let by_age = now.saturating_sub(transport.ready_at) >= PROVEN_BY_AGE_MS;
        let by_heartbeat = transport
            .proven_at
            .is_some_and(|at| now.saturating_sub(at) >= HEARTBEAT_HOLDS_MS);
        if by_age || by_heartbeat {
            self.prove();
            if transport.settled {
                self.end_outage();
            }
        }
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

    /// Whether the outage is in its first minute, or there is none.
    fn is_early(&self, now: u64) -> bool {
        self.age(now) < EARLY_MS
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
    fn caps(attempts: &mut Attempts, until: u64) -> Vec<u64> {
        let (mut now, mut caps) = (0, Vec::new());
        attempts.begin_outage(0);
        while now < until && attempts.next_delay(now, false).is_some() {
            caps.push(attempts.cap_ms);
            now += attempts.cap_ms;
            attempts.begin(now);
        }
        caps
    }

    #[test]
    fn the_cap_grows_with_the_outage() {
        let mut attempts = Attempts::new(&Settings::default(), 1);
        let caps = caps(&mut attempts, 200_000);
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
        let mut attempts = Attempts::new(&settings, seed);
        let (mut now, mut waits) = (0, Vec::new());
        attempts.begin_outage(0);
        while now < outage_ms
            && let Some(wait) = attempts.next_delay(now, false)
        {
            waits.push((attempts.cap_ms, wait, now));
            // An attempt that is rejected takes a round trip.
            now += wait + 40;
            attempts.begin(now);
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
        let mut attempts = Attempts::new(&settings, 1);
        assert!(caps(&mut attempts, 59_000).iter().all(|cap| *cap <= 1000));
    }

    #[test]
    fn the_retry_limit_counts_only_attempts_after_the_first_minute() {
        let settings = Settings {
            max_retries: 3,
            ..Settings::default()
        };
        let mut attempts = Attempts::new(&settings, 1);
        attempts.begin_outage(0);
        for _ in 0..100 {
            assert!(attempts.next_delay(59_999, false).is_some());
            attempts.begin(59_999);
        }
        for _ in 0..3 {
            assert!(attempts.next_delay(60_000, false).is_some());
            attempts.begin(60_000);
        }
        assert_eq!(attempts.next_delay(60_001, false), None);
        attempts.renew();
        assert!(attempts.next_delay(60_001, false).is_some());
    }

    #[test]
    fn growth_outlives_an_outage_until_there_is_proof() {
        let mut attempts = Attempts::new(&Settings::default(), 1);
        caps(&mut attempts, 20_000);
        attempts.end_outage();
        attempts.begin_outage(20_000);
        assert!(attempts.next_delay(20_000, false).is_some());
        assert_eq!(attempts.cap_ms, 4000);
        attempts.prove();
        assert!(attempts.next_delay(20_000, false).is_some());
        assert_eq!(attempts.cap_ms, FIRST_CAP_MS);
    }
}
