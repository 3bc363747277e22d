//! Which channels and resources the screen needs, counted, with a grace before one is unsubscribed.
//!
//! Several parts of a screen may need the same channel, and users go back and forth between tabs: a channel is
//! subscribed with its first component and unsubscribed some seconds after its last, so that coming back costs nothing.

use std::collections::VecDeque;

use crate::map::{Map, Set};
use crate::schema::{FeedId, ResourceId, ResourceSet, Topic};
use crate::time::Now;

/// How long a channel stays subscribed after its last component has gone, in milliseconds: longer than a look at another tab
/// takes, short enough that a tab left for good stops costing.
pub const RELEASE_GRACE_MS: u64 = 10_000;

/// What one component needs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TopicSet {
    /// Resources, each with its channel.
    pub resources: ResourceSet,
    /// Feeds.
    pub feeds: Set<FeedId>,
}

impl TopicSet {
    /// Just these resources.
    #[must_use]
    pub fn of(resources: impl Into<ResourceSet>) -> Self {
        Self {
            resources: resources.into(),
            ..Self::default()
        }
    }

    /// Each topic.
    fn topics(&self) -> impl Iterator<Item = Topic> {
        let resources = self.resources.iter().map(Topic::Resource);
        resources.chain(self.feeds.iter().copied().map(Topic::Feed))
    }
}

/// What the connection and the store have to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TopicsOutput {
    /// Subscribe to the channel, and read the resource if it is not known.
    Subscribe(Topic),
    /// Unsubscribe; the channel's position is worth keeping.
    Unsubscribe(Topic),
}

/// A subscribed topic.
#[derive(Clone, Copy, Debug, Default)]
struct Need {
    /// How many components need it.
    components: u32,
    /// When it is unsubscribed, since nobody needs it.
    leaves_at_ms: Option<u64>,
}

/// Who needs what, counted.
#[derive(Debug, Default)]
pub struct Topics {
    needs: Map<Topic, Need>,
    /// What [`Self::active`] and [`Self::subscribed`] say: both are asked with every event.
    active: TopicSet,
    subscribed: TopicSet,
    outputs: VecDeque<TopicsOutput>,
}

impl Topics {
    /// Somebody on screen needs these. Each call wants one [`Self::release`] of an equal set.
    pub fn retain(&mut self, set: &TopicSet) {
        for topic in set.topics() {
            let need = self.needs.entry(topic).or_insert_with(|| {
                self.outputs.push_back(TopicsOutput::Subscribe(topic));
                Need::default()
            });
            need.components = need.components.saturating_add(1);
            need.leaves_at_ms = None;
        }
        self.collect();
    }

    /// Somebody no longer needs these. Topics that nobody needs are ignored.
    pub fn release(&mut self, now: Now, set: &TopicSet) {
        for topic in set.topics() {
            let needed = |need: &&mut Need| need.components > 0;
            if let Some(need) = self.needs.get_mut(&topic).filter(needed) {
                need.components -= 1;
                if need.components == 0 {
                    need.leaves_at_ms = Some(now.mono_ms.saturating_add(RELEASE_GRACE_MS));
                }
            }
        }
        self.collect();
    }

    /// Unsubscribes the topics whose grace is over.
    pub fn handle_timeout(&mut self, now: Now) {
        self.needs.retain(|topic, need| {
            let is_over = need.leaves_at_ms.is_some_and(|at_ms| at_ms <= now.mono_ms);
            if is_over {
                self.outputs.push_back(TopicsOutput::Unsubscribe(*topic));
            }
            !is_over
        });
        if !self.outputs.is_empty() {
            self.collect();
        }
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let leaving = self.needs.values().filter_map(|need| need.leaves_at_ms);
        leaving.min()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<TopicsOutput> {
        self.outputs.pop_front()
    }

    /// What the screen needs right now: what polling asks for.
    #[must_use]
    pub const fn active(&self) -> &TopicSet {
        &self.active
    }

    /// What is subscribed: what the screen needs, and what is still in its grace.
    #[must_use]
    pub const fn subscribed(&self) -> &TopicSet {
        &self.subscribed
    }

    /// Whether a resource's channel is subscribed.
    #[must_use]
    pub fn is_subscribed(&self, resource: ResourceId) -> bool {
        self.needs.contains_key(&Topic::Resource(resource))
    }

    fn collect(&mut self) {
        let set = |wanted: fn(&Need) -> bool| {
            let mut set = TopicSet::default();
            for (topic, _) in self.needs.iter().filter(|(_, need)| wanted(need)) {
                match *topic {
                    Topic::Resource(resource) => set.resources.insert(resource),
                    Topic::Feed(feed) => drop(set.feeds.insert(feed)),
                }
            }
            set
        };
        (self.active, self.subscribed) = (set(|need| need.components > 0), set(|_| true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Now = Now {
        mono_ms: 1000,
        wall_ms: 0,
    };
    const A: ResourceId = ResourceId::new(0);
    const B: ResourceId = ResourceId::new(1);

    fn outputs(topics: &mut Topics) -> Vec<TopicsOutput> {
        std::iter::from_fn(|| topics.poll_output()).collect()
    }

    #[test]
    fn many_components_subscribe_once_and_the_last_one_unsubscribes() {
        let mut topics = Topics::default();
        let set = TopicSet::of(A);
        topics.retain(&set);
        topics.retain(&set);
        let topic = Topic::Resource(A);
        assert_eq!(outputs(&mut topics), [TopicsOutput::Subscribe(topic)]);
        topics.release(START, &set);
        assert_eq!(topics.next_deadline(), None);
        topics.release(START, &set);
        let at_ms = START.mono_ms + RELEASE_GRACE_MS;
        assert_eq!(topics.next_deadline(), Some(at_ms));
        topics.handle_timeout(START.after(RELEASE_GRACE_MS - 1));
        assert_eq!(outputs(&mut topics), []);
        topics.handle_timeout(START.after(RELEASE_GRACE_MS));
        assert_eq!(outputs(&mut topics), [TopicsOutput::Unsubscribe(topic)]);
        assert_eq!(topics.next_deadline(), None);
    }

    #[test]
    fn coming_back_within_the_grace_changes_no_subscription() {
        let mut topics = Topics::default();
        let set = TopicSet::of(A);
        topics.retain(&set);
        outputs(&mut topics);
        topics.release(START, &set);
        assert_eq!(*topics.active(), TopicSet::default());
        assert_eq!(*topics.subscribed(), set);
        topics.retain(&set);
        topics.handle_timeout(START.after(RELEASE_GRACE_MS * 2));
        assert_eq!(outputs(&mut topics), []);
        assert_eq!(*topics.active(), set);
    }

    #[test]
    fn changing_tabs_keeps_the_topics_that_both_need() {
        let mut topics = Topics::default();
        let (first, second) = (TopicSet::of([A, B]), TopicSet::of(B));
        topics.retain(&first);
        outputs(&mut topics);
        topics.retain(&second);
        topics.release(START, &first);
        topics.handle_timeout(START.after(RELEASE_GRACE_MS));
        assert_eq!(
            outputs(&mut topics),
            [TopicsOutput::Unsubscribe(Topic::Resource(A))]
        );
        assert_eq!(*topics.subscribed(), second);
    }

    #[test]
    fn a_release_without_retain_is_ignored() {
        let mut topics = Topics::default();
        topics.release(START, &TopicSet::of(A));
        assert_eq!(topics.next_deadline(), None);
        assert_eq!(outputs(&mut topics), []);
    }
}
