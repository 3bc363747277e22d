//! Which streams and resources the screen needs, counted, with a grace before one is let go.
//!
//! Several parts of a screen may need the same stream, and people go back and forth between tabs: a stream is joined
//! with its first holder and left some seconds after its last, so that coming back costs nothing.

use std::collections::VecDeque;

use dashboard_protocol::Resource;

use crate::flat::{FlatMap, FlatSet};
use crate::time::Now;

/// How long a stream stays joined after its last holder has gone, in milliseconds: longer than a look at another tab
/// takes, short enough that a tab left for good stops costing.
pub const RELEASE_GRACE_MS: u64 = 10_000;

/// A tab of the dashboard.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Tab {
    /// Numbers, catalog and recent activity.
    Overview,
    /// The beats a person marked.
    Favorites,
    /// The person's orders.
    Orders,
    /// The person's downloads.
    Downloads,
    /// What happened on the account.
    Activity,
    /// Numbers over time.
    Analytics,
}

impl Tab {
    /// All tabs, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Overview,
        Self::Favorites,
        Self::Orders,
        Self::Downloads,
        Self::Activity,
        Self::Analytics,
    ];

    /// The word for addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Favorites => "favorites",
            Self::Orders => "orders",
            Self::Downloads => "downloads",
            Self::Activity => "activity",
            Self::Analytics => "analytics",
        }
    }

    /// Reads the word of an address; `None` if no tab has it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.as_str() == word)
    }

    /// What the tab shows, and so needs.
    #[must_use]
    pub fn interest(self) -> Interest {
        use Resource::{Activity, Downloads, Favorites, Orders, Stats};
        let (resources, market): (&[Resource], bool) = match self {
            Self::Overview => (&[Stats, Favorites, Activity], true),
            Self::Favorites => (&[Favorites, Stats], true),
            Self::Orders => (&[Orders, Stats], false),
            Self::Downloads => (&[Downloads, Stats], false),
            Self::Activity => (&[Activity], false),
            Self::Analytics => (&[Stats], false),
        };
        Interest {
            resources: resources.iter().copied().collect(),
            market,
            poll_interval_ms: None,
        }
    }
}

/// What one holder on the screen needs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Interest {
    /// Resources, each with its stream.
    pub resources: FlatSet<Resource>,
    /// The catalog's stream.
    pub market: bool,
    /// How often to poll for these, in milliseconds, if not as the settings say.
    pub poll_interval_ms: Option<u64>,
}

impl Interest {
    /// The streams that it takes.
    fn streams(&self) -> impl Iterator<Item = Stream> {
        let resources = self.resources.iter().copied().map(Stream::Resource);
        resources.chain(self.market.then_some(Stream::Market))
    }
}

/// A stream that can be joined.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Stream {
    /// Events of one of the person's resources.
    Resource(Resource),
    /// Changes of the catalog.
    Market,
}

/// What the session and the store have to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Output {
    /// Join the stream, and read the resource if it is not known.
    Subscribe(Stream),
    /// Leave the stream; its position is worth keeping.
    Unsubscribe(Stream),
}

/// A joined stream.
#[derive(Clone, Copy, Debug)]
enum Hold {
    /// Needed by so many.
    Held { holders: u32 },
    /// Needed by nobody, and left at this moment.
    Leaving { at_ms: u64 },
}

/// Who needs what, counted.
#[derive(Debug, Default)]
pub struct Interests {
    streams: FlatMap<Stream, Hold>,
    polls: FlatMap<u64, u32>,
    outputs: VecDeque<Output>,
}

impl Interests {
    /// Somebody on screen needs this. Each hold wants one [`Self::release`] of an equal interest.
    pub fn hold(&mut self, interest: &Interest) {
        for stream in interest.streams() {
            match self.streams.get_mut(&stream) {
                Some(Hold::Held { holders }) => *holders = holders.saturating_add(1),
                Some(hold) => *hold = Hold::Held { holders: 1 },
                None => {
                    self.streams.insert(stream, Hold::Held { holders: 1 });
                    self.outputs.push_back(Output::Subscribe(stream));
                }
            }
        }
        if let Some(interval_ms) = interest.poll_interval_ms {
            *self.polls.or_default(interval_ms) += 1;
        }
    }

    /// Somebody no longer needs this. What nobody holds is ignored.
    pub fn release(&mut self, now: Now, interest: &Interest) {
        for stream in interest.streams() {
            let Some(hold) = self.streams.get_mut(&stream) else {
                continue;
            };
            *hold = match *hold {
                Hold::Held { holders: 0 | 1 } => Hold::Leaving {
                    at_ms: now.mono_ms.saturating_add(RELEASE_GRACE_MS),
                },
                Hold::Held { holders } => Hold::Held {
                    holders: holders - 1,
                },
                leaving @ Hold::Leaving { .. } => leaving,
            };
        }
        if let Some(interval_ms) = interest.poll_interval_ms
            && let Some(holders) = self.polls.get_mut(&interval_ms)
        {
            *holders -= 1;
            if *holders == 0 {
                self.polls.remove(&interval_ms);
            }
        }
    }

    /// Leaves the streams whose grace is over.
    pub fn handle_timeout(&mut self, now: Now) {
        let outputs = &mut self.outputs;
        self.streams.retain(|stream, hold| match hold {
            Hold::Leaving { at_ms } if *at_ms <= now.mono_ms => {
                outputs.push_back(Output::Unsubscribe(*stream));
                false
            }
            Hold::Held { .. } | Hold::Leaving { .. } => true,
        });
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let leaving = self.streams.values().filter_map(|hold| match hold {
            Hold::Leaving { at_ms } => Some(*at_ms),
            Hold::Held { .. } => None,
        });
        leaving.min()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// What the screen needs right now: what polling asks for. Its poll interval is the smallest that anybody wants.
    #[must_use]
    pub fn active(&self) -> Interest {
        let held = |hold: &Hold| matches!(hold, Hold::Held { .. });
        Interest {
            poll_interval_ms: self.polls.keys().next().copied(),
            ..self.collect(held)
        }
    }

    /// What is joined: what the screen needs, and what is still in its grace.
    #[must_use]
    pub fn subscribed(&self) -> Interest {
        self.collect(|_| true)
    }

    /// Whether the screen needs a resource right now.
    #[must_use]
    pub fn is_active(&self, resource: Resource) -> bool {
        let hold = self.streams.get(&Stream::Resource(resource));
        matches!(hold, Some(Hold::Held { .. }))
    }

    /// Whether a resource's stream is joined.
    #[must_use]
    pub fn is_subscribed(&self, resource: Resource) -> bool {
        self.streams.get(&Stream::Resource(resource)).is_some()
    }

    /// Forgets all holders, as when the person has signed out; nothing is told, since all streams end with the
    /// connection.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn collect(&self, wanted: impl Fn(&Hold) -> bool) -> Interest {
        let mut interest = Interest::default();
        for (stream, _) in self.streams.iter().filter(|(_, hold)| wanted(hold)) {
            match stream {
                Stream::Resource(resource) => {
                    interest.resources.insert(*resource);
                }
                Stream::Market => interest.market = true,
            }
        }
        interest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Now = Now {
        mono_ms: 1000,
        wall_ms: 0,
    };

    fn outputs(interests: &mut Interests) -> Vec<Output> {
        std::iter::from_fn(|| interests.poll_output()).collect()
    }

    #[test]
    fn every_tab_reads_its_own_word() {
        for tab in Tab::ALL {
            assert_eq!(Tab::parse(tab.as_str()), Some(tab));
        }
        assert_eq!(Tab::parse("signin"), None);
    }

    #[test]
    fn every_tab_with_numbers_or_beats_takes_their_streams() {
        for tab in Tab::ALL {
            let interest = tab.interest();
            let with_stats = tab != Tab::Activity;
            assert_eq!(interest.resources.contains(&Resource::Stats), with_stats);
            let with_beats = matches!(tab, Tab::Overview | Tab::Favorites);
            assert_eq!(interest.market, with_beats, "{tab:?}");
        }
    }

    #[test]
    fn many_holders_join_a_stream_once_and_the_last_one_leaves_it() {
        let mut interests = Interests::default();
        let interest = Tab::Activity.interest();
        let stream = Stream::Resource(Resource::Activity);
        interests.hold(&interest);
        interests.hold(&interest);
        assert_eq!(outputs(&mut interests), [Output::Subscribe(stream)]);
        interests.release(START, &interest);
        assert_eq!(interests.next_deadline(), None);
        interests.release(START, &interest);
        assert_eq!(
            interests.next_deadline(),
            Some(START.mono_ms + RELEASE_GRACE_MS)
        );
        interests.handle_timeout(START.after(RELEASE_GRACE_MS - 1));
        assert_eq!(outputs(&mut interests), []);
        interests.handle_timeout(START.after(RELEASE_GRACE_MS));
        assert_eq!(outputs(&mut interests), [Output::Unsubscribe(stream)]);
        assert_eq!(interests.next_deadline(), None);
    }

    #[test]
    fn coming_back_within_the_grace_joins_and_leaves_nothing() {
        let mut interests = Interests::default();
        let interest = Tab::Orders.interest();
        interests.hold(&interest);
        outputs(&mut interests);
        interests.release(START, &interest);
        assert_eq!(interests.active(), Interest::default());
        assert_eq!(interests.subscribed(), interest);
        interests.hold(&interest);
        interests.handle_timeout(START.after(RELEASE_GRACE_MS * 2));
        assert_eq!(outputs(&mut interests), []);
        assert_eq!(interests.active(), interest);
    }

    #[test]
    fn changing_tabs_keeps_what_both_need() {
        let mut interests = Interests::default();
        interests.hold(&Tab::Overview.interest());
        outputs(&mut interests);
        interests.hold(&Tab::Orders.interest());
        interests.release(START, &Tab::Overview.interest());
        interests.handle_timeout(START.after(RELEASE_GRACE_MS));
        let told = outputs(&mut interests);
        assert_eq!(
            told[0],
            Output::Subscribe(Stream::Resource(Resource::Orders))
        );
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!(interests.subscribed(), Tab::Orders.interest());
    }

    #[test]
    fn the_smallest_wanted_poll_interval_counts_while_it_is_wanted() {
        let mut interests = Interests::default();
        let every = |ms| Interest {
            poll_interval_ms: Some(ms),
            ..Tab::Analytics.interest()
        };
        interests.hold(&every(9000));
        interests.hold(&every(5000));
        assert_eq!(interests.active().poll_interval_ms, Some(5000));
        interests.release(START, &every(5000));
        assert_eq!(interests.active().poll_interval_ms, Some(9000));
        interests.release(START, &every(9000));
        assert_eq!(interests.active().poll_interval_ms, None);
    }

    #[test]
    fn a_release_without_hold_is_ignored() {
        let mut interests = Interests::default();
        interests.release(START, &Tab::Overview.interest());
        assert_eq!(interests.next_deadline(), None);
        assert_eq!(outputs(&mut interests), []);
    }
}
