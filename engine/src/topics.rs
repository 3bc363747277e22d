//! Which streams and resources the screen needs, counted, with a grace before one is let go.
//!
//! Several parts of a screen may need the same stream, and users go back and forth between tabs: a stream is joined
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
    /// The beats a user marked.
    Favorites,
    /// The user's orders.
    Orders,
    /// The user's downloads.
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
    pub fn topics(self) -> TopicSet {
        use Resource::{Activity, Downloads, Favorites, Orders, Stats};
        let (resources, catalog_updates): (&[Resource], bool) = match self {
            Self::Overview => (&[Stats, Favorites, Activity], true),
            Self::Favorites => (&[Favorites, Stats], true),
            Self::Orders => (&[Orders, Stats], false),
            Self::Downloads => (&[Downloads, Stats], false),
            Self::Activity => (&[Activity], false),
            Self::Analytics => (&[Stats], false),
        };
        TopicSet {
            resources: resources.iter().copied().collect(),
            catalog_updates,
            poll_interval_ms: None,
        }
    }
}

/// What one holder on the screen needs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TopicSet {
    /// Resources, each with its stream.
    pub resources: FlatSet<Resource>,
    /// The catalog's stream.
    pub catalog_updates: bool,
    /// How often to poll for these, in milliseconds, if not as the settings say.
    pub poll_interval_ms: Option<u64>,
}

impl TopicSet {
    /// The streams that it takes.
    fn channels(&self) -> impl Iterator<Item = ChannelKind> {
        let resources = self.resources.iter().copied().map(ChannelKind::Resource);
        resources.chain(self.catalog_updates.then_some(ChannelKind::CatalogUpdates))
    }
}

/// A stream that can be joined.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ChannelKind {
    /// Events of one of the user's resources.
    Resource(Resource),
    /// Changes of the catalog.
    CatalogUpdates,
}

/// What the session and the store have to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TopicsOutput {
    /// Join the stream, and read the resource if it is not known.
    Subscribe(ChannelKind),
    /// Leave the stream; its position is worth keeping.
    Unsubscribe(ChannelKind),
}

/// A joined stream.
#[derive(Clone, Copy, Debug)]
enum Subscription {
    /// Needed by so many.
    Active { holders: u32 },
    /// Needed by nobody, and left at this moment.
    Releasing { at_ms: u64 },
}

/// Who needs what, counted.
#[derive(Debug, Default)]
pub struct Topics {
    channels: FlatMap<ChannelKind, Subscription>,
    polls: FlatMap<u64, u32>,
    outputs: VecDeque<TopicsOutput>,
}

impl Topics {
    /// Somebody on screen needs this. Each hold wants one [`Self::unsubscribe`] of an equal interest.
    pub fn subscribe(&mut self, topic_set: &TopicSet) {
        for channel in topic_set.channels() {
            match self.channels.get_mut(&channel) {
                Some(Subscription::Active { holders }) => *holders = holders.saturating_add(1),
                Some(subscription) => *subscription = Subscription::Active { holders: 1 },
                None => {
                    self.channels.insert(channel, Subscription::Active { holders: 1 });
                    self.outputs.push_back(TopicsOutput::Subscribe(channel));
                }
            }
        }
        if let Some(interval_ms) = topic_set.poll_interval_ms {
            *self.polls.or_default(interval_ms) += 1;
        }
    }

    /// Somebody no longer needs this. What nobody holds is ignored.
    pub fn unsubscribe(&mut self, now: Now, topic_set: &TopicSet) {
        for channel in topic_set.channels() {
            let Some(subscription) = self.channels.get_mut(&channel) else {
                continue;
            };
            *subscription = match *subscription {
                Subscription::Active { holders: 0 | 1 } => Subscription::Releasing {
                    at_ms: now.mono_ms.saturating_add(RELEASE_GRACE_MS),
                },
                Subscription::Active { holders } => Subscription::Active {
                    holders: holders - 1,
                },
                releasing @ Subscription::Releasing { .. } => releasing,
            };
        }
        if let Some(interval_ms) = topic_set.poll_interval_ms
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
        self.channels.retain(|channel, subscription| match subscription {
            Subscription::Releasing { at_ms } if *at_ms <= now.mono_ms => {
                outputs.push_back(TopicsOutput::Unsubscribe(*channel));
                false
            }
            Subscription::Active { .. } | Subscription::Releasing { .. } => true,
        });
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let releasing = self.channels.values().filter_map(|subscription| match subscription {
            Subscription::Releasing { at_ms } => Some(*at_ms),
            Subscription::Active { .. } => None,
        });
        releasing.min()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<TopicsOutput> {
        self.outputs.pop_front()
    }

    /// What the screen needs right now: what polling asks for. Its poll interval is the smallest that anybody wants.
    #[must_use]
    pub fn active(&self) -> TopicSet {
        let active = |subscription: &Subscription| matches!(subscription, Subscription::Active { .. });
        TopicSet {
            poll_interval_ms: self.polls.keys().next().copied(),
            ..self.collect(active)
        }
    }

    /// What is joined: what the screen needs, and what is still in its grace.
    #[must_use]
    pub fn subscribed(&self) -> TopicSet {
        self.collect(|_| true)
    }

    /// Whether the screen needs a resource right now.
    #[must_use]
    pub fn is_active(&self, resource: Resource) -> bool {
        let subscription = self.channels.get(&ChannelKind::Resource(resource));
        matches!(subscription, Some(Subscription::Active { .. }))
    }

    /// Whether a resource's stream is joined.
    #[must_use]
    pub fn is_subscribed(&self, resource: Resource) -> bool {
        self.channels.get(&ChannelKind::Resource(resource)).is_some()
    }

    /// Forgets all holders, as when the user has signed out; nothing is told, since all streams end with the
    /// connection.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn collect(&self, wanted: impl Fn(&Subscription) -> bool) -> TopicSet {
        let mut topic_set = TopicSet::default();
        for (channel, _) in self.channels.iter().filter(|(_, subscription)| wanted(subscription)) {
            match channel {
                ChannelKind::Resource(resource) => {
                    topic_set.resources.insert(*resource);
                }
                ChannelKind::CatalogUpdates => topic_set.catalog_updates = true,
            }
        }
        topic_set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Now = Now {
        mono_ms: 1000,
        wall_ms: 0,
    };

    fn outputs(topics: &mut Topics) -> Vec<TopicsOutput> {
        std::iter::from_fn(|| topics.poll_output()).collect()
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
            let topic_set = tab.topics();
            let with_stats = tab != Tab::Activity;
            assert_eq!(topic_set.resources.contains(&Resource::Stats), with_stats);
            let with_beats = matches!(tab, Tab::Overview | Tab::Favorites);
            assert_eq!(topic_set.catalog_updates, with_beats, "{tab:?}");
        }
    }

    #[test]
    fn many_holders_join_a_stream_once_and_the_last_one_leaves_it() {
        let mut topics = Topics::default();
        let topic_set = Tab::Activity.topics();
        let channel = ChannelKind::Resource(Resource::Activity);
        topics.subscribe(&topic_set);
        topics.subscribe(&topic_set);
        assert_eq!(outputs(&mut topics), [TopicsOutput::Subscribe(channel)]);
        topics.unsubscribe(START, &topic_set);
        assert_eq!(topics.next_deadline(), None);
        topics.unsubscribe(START, &topic_set);
        assert_eq!(
            topics.next_deadline(),
            Some(START.mono_ms + RELEASE_GRACE_MS)
        );
        topics.handle_timeout(START.after(RELEASE_GRACE_MS - 1));
        assert_eq!(outputs(&mut topics), []);
        topics.handle_timeout(START.after(RELEASE_GRACE_MS));
        assert_eq!(outputs(&mut topics), [TopicsOutput::Unsubscribe(channel)]);
        assert_eq!(topics.next_deadline(), None);
    }

    #[test]
    fn coming_back_within_the_grace_joins_and_leaves_nothing() {
        let mut topics = Topics::default();
        let topic_set = Tab::Orders.topics();
        topics.subscribe(&topic_set);
        outputs(&mut topics);
        topics.unsubscribe(START, &topic_set);
        assert_eq!(topics.active(), TopicSet::default());
        assert_eq!(topics.subscribed(), topic_set);
        topics.subscribe(&topic_set);
        topics.handle_timeout(START.after(RELEASE_GRACE_MS * 2));
        assert_eq!(outputs(&mut topics), []);
        assert_eq!(topics.active(), topic_set);
    }

    #[test]
    fn changing_tabs_keeps_what_both_need() {
        let mut topics = Topics::default();
        topics.subscribe(&Tab::Overview.topics());
        outputs(&mut topics);
        topics.subscribe(&Tab::Orders.topics());
        topics.unsubscribe(START, &Tab::Overview.topics());
        topics.handle_timeout(START.after(RELEASE_GRACE_MS));
        let notified = outputs(&mut topics);
        assert_eq!(
            notified[0],
            TopicsOutput::Subscribe(ChannelKind::Resource(Resource::Orders))
        );
        assert_eq!(notified.len(), 4, "{notified:?}");
        assert_eq!(topics.subscribed(), Tab::Orders.topics());
    }

    #[test]
    fn the_smallest_wanted_poll_interval_counts_while_it_is_wanted() {
        let mut topics = Topics::default();
        let every = |ms| TopicSet {
            poll_interval_ms: Some(ms),
            ..Tab::Analytics.topics()
        };
        topics.subscribe(&every(9000));
        topics.subscribe(&every(5000));
        assert_eq!(topics.active().poll_interval_ms, Some(5000));
        topics.unsubscribe(START, &every(5000));
        assert_eq!(topics.active().poll_interval_ms, Some(9000));
        topics.unsubscribe(START, &every(9000));
        assert_eq!(topics.active().poll_interval_ms, None);
    }

    #[test]
    fn a_release_without_hold_is_ignored() {
        let mut topics = Topics::default();
        topics.unsubscribe(START, &Tab::Overview.topics());
        assert_eq!(topics.next_deadline(), None);
        assert_eq!(outputs(&mut topics), []);
    }
}
