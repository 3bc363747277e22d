//! The counters.

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Something that is counted.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Counter {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Counter {
            /// All counters, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The name in logs and exports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }

        /// How many counters there are.
        const COUNTERS: usize = Counter::ALL.len();
    };
}

counters! {
    /// Events that arrived, over channels or in replies.
    Received = "received",
    /// Events that were applied.
    Applied = "applied",
    /// Changes that were left out because a later one replaced them.
    Coalesced = "coalesced",
    /// Events that were already known.
    Duplicates = "duplicates",
    /// Events that did not follow the last known one.
    Gaps = "gaps",
    /// Snapshots that were fetched to repair a loss.
    Resyncs = "resyncs",
    /// Times that the server was polled for want of a live connection.
    Polls = "polls",
    /// Polls and snapshots that found nothing new.
    NotModified = "not_modified",
    /// Connections after the first one.
    Reconnects = "reconnects",
    /// Channels that were recovered from their position.
    Recovered = "recovered",
    /// Frames, or messages in them, that were malformed.
    FramesMalformed = "frames_malformed",
    /// Times that pending mutations were rebased on the server's state.
    Rebases = "rebases",
    /// Times that a component rendered because of a change.
    Renders = "renders",
}

/// A number for each counter. They stop at the largest number rather than start again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts([u64; COUNTERS]);

impl Counts {
    /// Adds to a counter.
    pub const fn add(&mut self, counter: Counter, by: u64) {
        let count = &mut self.0[counter as usize];
        *count = count.saturating_add(by);
    }

    /// The number of a counter.
    #[must_use]
    pub const fn of(&self, counter: Counter) -> u64 {
        self.0[counter as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_counts_for_itself_and_never_wraps() {
        let mut counts = Counts::default();
        for (index, counter) in Counter::ALL.iter().enumerate() {
            counts.add(*counter, index as u64);
        }
        for (index, counter) in Counter::ALL.iter().enumerate() {
            assert_eq!(counts.of(*counter), index as u64, "{}", counter.as_str());
        }
        counts.add(Counter::Gaps, u64::MAX);
        assert_eq!(counts.of(Counter::Gaps), u64::MAX);
    }
}
