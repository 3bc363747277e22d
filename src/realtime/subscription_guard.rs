//! What somebody on the screen needs, held as long as it is shown.

use std::fmt;
use std::rc::Rc;

use dashboard_engine::topics::TopicSet;
use dashboard_protocol::Resource;

use super::driver::Driver;

/// What a query or a subscription needs to be kept current.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Topic {
    /// Resources and streams.
    Set(TopicSet),
    /// The catalog under a search text.
    Catalog(Rc<str>),
}

impl Topic {
    /// One resource.
    #[must_use]
    pub fn resource(resource: Resource) -> Self {
        Self::Set(TopicSet {
            resources: [resource].into_iter().collect(),
            ..TopicSet::default()
        })
    }
}

/// Keeps what is needed current until it is dropped; the engine lets go of it some seconds later.
#[must_use = "what is needed is let go as soon as this is dropped"]
pub struct SubscriptionGuard {
    driver: Rc<Driver>,
    topic: Topic,
}

impl SubscriptionGuard {
    pub(super) fn new(driver: Rc<Driver>, topic: Topic) -> Self {
        driver.input(|core, now| match &topic {
            Topic::Set(topic_set) => core.subscribe(now, topic_set),
            Topic::Catalog(query) => core.subscribe_catalog(now, query),
        });
        Self { driver, topic }
    }
}

impl Drop for SubscriptionGuard {
    fn drop(&mut self) {
        let topic = &self.topic;
        self.driver.input(|core, now| match topic {
            Topic::Set(topic_set) => core.unsubscribe(now, topic_set),
            Topic::Catalog(query) => core.unsubscribe_catalog(now, query),
        });
    }
}

impl fmt::Debug for SubscriptionGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("need", &self.topic)
            .finish_non_exhaustive()
    }
}
