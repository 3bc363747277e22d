//! Latencies in a fixed amount of memory.

/// Parts of each power of two: the width of a bucket is at most an eighth of its values.
const PARTS: u64 = 8;
/// Bits of a part.
const PART_BITS: u32 = 3;
/// Values from here on share the last bucket: 2^21 ms are 35 minutes.
const VALUES_END: u64 = 1 << 21;
/// Buckets for all values below [`VALUES_END`], and one for the others.
const BUCKETS: usize = bucket(VALUES_END - 1) + 2;

/// Counts of latencies in milliseconds, in buckets that grow with the value, so that any percentile is known to
/// within an eighth of itself. Exact below 16 ms.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: [u32; BUCKETS],
    count: u64,
    max_ms: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: [0; BUCKETS],
            count: 0,
            max_ms: 0,
        }
    }
}

/// The percentiles of a histogram, in milliseconds; all 0 if nothing was measured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Half are at most this.
    pub p50_ms: u64,
    /// 95 of 100 are at most this.
    pub p95_ms: u64,
    /// 99 of 100 are at most this.
    pub p99_ms: u64,
    /// The longest.
    pub max_ms: u64,
}

impl Histogram {
    /// Counts a latency.
    pub fn record(&mut self, ms: u64) {
        let index = if ms < VALUES_END {
            bucket(ms)
        } else {
            BUCKETS - 1
        };
        self.buckets[index] = self.buckets[index].saturating_add(1);
        self.count = self.count.saturating_add(1);
        self.max_ms = self.max_ms.max(ms);
    }

    /// The percentiles.
    #[must_use]
    pub fn latency(&self) -> Latency {
        Latency {
            count: self.count,
            p50_ms: self.percentile(50),
            p95_ms: self.percentile(95),
            p99_ms: self.percentile(99),
            max_ms: self.max_ms,
        }
    }

    /// The smallest value known to be at least as large as this share of all, in percent.
    fn percentile(&self, percent: u64) -> u64 {
        let rank = self.count.saturating_mul(percent).div_ceil(100);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank && index < BUCKETS - 1 {
                return largest_in(index).min(self.max_ms);
            }
        }
        self.max_ms
    }
}

/// The bucket of a value. Below twice [`PARTS`] each value has its own.
const fn bucket(ms: u64) -> usize {
    if ms < PARTS {
        return ms as usize;
    }
    let exponent = ms.ilog2();
    let part = (ms >> (exponent - PART_BITS)) & (PARTS - 1);
    ((exponent - PART_BITS + 1) as u64 * PARTS + part) as usize
}

/// The largest value of a bucket.
const fn largest_in(index: usize) -> u64 {
    let index = index as u64;
    if index < PARTS {
        return index;
    }
    let shift = index / PARTS - 1;
    let first = (PARTS + index % PARTS) << shift;
    first + (1 << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_gap_or_overlap() {
        for ms in 0..VALUES_END {
            let index = bucket(ms);
            assert!(index < BUCKETS - 1, "{ms}");
            assert!(largest_in(index) >= ms, "{ms}");
            assert!(index == 0 || largest_in(index - 1) < ms, "{ms}");
        }
    }

    #[test]
    fn percentiles_are_right_to_within_an_eighth() {
        let mut histogram = Histogram::default();
        for ms in 1..=1000 {
            histogram.record(ms);
        }
        let latency = histogram.latency();
        for (notified, exact) in [
            (latency.p50_ms, 500),
            (latency.p95_ms, 950),
            (latency.p99_ms, 990),
        ] {
            assert!(
                notified >= exact && notified <= exact + exact / 8,
                "{notified} {exact}"
            );
        }
        assert_eq!((latency.count, latency.max_ms), (1000, 1000));
    }

    #[test]
    fn one_value_is_every_percentile_and_none_is_zero() {
        assert_eq!(Histogram::default().latency(), Latency::default());
        let mut histogram = Histogram::default();
        histogram.record(9);
        let latency = histogram.latency();
        assert_eq!((latency.p50_ms, latency.p99_ms, latency.max_ms), (9, 9, 9));
    }

    #[test]
    fn a_value_beyond_all_buckets_is_counted_and_shown_as_it_is() {
        let mut histogram = Histogram::default();
        histogram.record(u64::MAX);
        let latency = histogram.latency();
        assert_eq!((latency.p50_ms, latency.max_ms), (u64::MAX, u64::MAX));
    }
}
