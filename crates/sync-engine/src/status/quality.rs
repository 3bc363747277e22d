//! The last round trips, and the quality of the connection by them.

use std::rc::Rc;

use super::view::Quality;

/// Round trips that are kept: the last half hour at the usual interval.
const KEPT: usize = 60;
/// Longest round trip of a good connection, in milliseconds.
const GOOD_MS: u32 = 150;
/// Longest round trip of a fair connection, in milliseconds.
const FAIR_MS: u32 = 400;

/// The last round trips.
#[derive(Clone, Debug, Default)]
pub(super) struct RoundTrips {
    /// Oldest first; the same pointer as long as nothing was added.
    pub(super) history: Rc<[u32]>,
}

impl RoundTrips {
    pub(super) fn push(&mut self, rtt_ms: u32) {
        let dropped = (self.history.len() + 1).saturating_sub(KEPT);
        let kept = self.history.iter().skip(dropped).copied();
        self.history = kept.chain([rtt_ms]).collect();
    }

    pub(super) fn last(&self) -> Option<u32> {
        self.history.last().copied()
    }

    pub(super) fn quality(&self) -> Option<Quality> {
        self.last().map(|rtt_ms| match rtt_ms {
            rtt_ms if rtt_ms <= GOOD_MS => Quality::Good,
            rtt_ms if rtt_ms <= FAIR_MS => Quality::Fair,
            _ => Quality::Poor,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_follows_the_last_round_trip_and_the_history_is_bounded() {
        let mut trips = RoundTrips::default();
        assert_eq!(trips.quality(), None);
        for (rtt_ms, quality) in [
            (150, Quality::Good),
            (151, Quality::Fair),
            (400, Quality::Fair),
            (401, Quality::Poor),
        ] {
            trips.push(rtt_ms);
            assert_eq!(trips.quality(), Some(quality), "{rtt_ms}");
        }
        (0..100).for_each(|rtt_ms| trips.push(rtt_ms));
        assert_eq!(*trips.history, (40..100).collect::<Vec<_>>());
    }
}
