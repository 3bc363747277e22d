//! A component's subscriptions, kept as long as it is mounted.

use std::fmt;
use std::rc::Rc;

use sync_engine::schema::QueryKey;
use sync_engine::topics::TopicSet;

use crate::driver::Driver;

/// Data that a component subscribes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Need {
    /// Resources and feeds.
    Topics(TopicSet),
    /// A query.
    Query(QueryKey),
}

/// Keeps a subscription until it is dropped; the engine unsubscribes some seconds later.
#[must_use = "the subscription ends when this is dropped"]
pub struct SubscriptionGuard {
    driver: Rc<Driver>,
    need: Need,
}

impl SubscriptionGuard {
    pub(crate) fn new(driver: Rc<Driver>, need: Need) -> Self {
        driver.input(|core, now| match &need {
            Need::Topics(topics) => core.hold(now, topics),
            Need::Query(key) => core.observe_query(now, key),
        });
        Self { driver, need }
    }
}

impl Drop for SubscriptionGuard {
    fn drop(&mut self) {
        let need = &self.need;
        self.driver.input(|core, now| match need {
            Need::Topics(topics) => core.release(now, topics),
            Need::Query(key) => core.release_query(now, key),
        });
    }
}

impl fmt::Debug for SubscriptionGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionGuard")
            .field("need", &self.need)
            .finish_non_exhaustive()
    }
}
