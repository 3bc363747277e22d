//! A component's subscriptions, kept as long as it is mounted.

use std::rc::Rc;

use sync_engine::schema::QueryKey;
use sync_engine::topics::TopicSet;

use crate::driver::Driver;

/// Data that a component can subscribe to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subscribable {
    /// Resources and feeds.
    Topics(TopicSet),
    /// A query.
    Query(QueryKey),
}

/// Keeps a subscription until it is dropped; the engine unsubscribes some seconds later.
#[must_use = "the subscription ends when this is dropped"]
#[derive(Debug)]
pub struct SubscriptionGuard {
    driver: Rc<Driver>,
    data: Subscribable,
}

impl SubscriptionGuard {
    pub(crate) fn new(driver: Rc<Driver>, data: Subscribable) -> Self {
        driver.input(|core, now| match &data {
            Subscribable::Topics(topics) => core.retain(now, topics),
            Subscribable::Query(key) => core.observe_query(now, key),
        });
        Self { driver, data }
    }
}

impl Drop for SubscriptionGuard {
    fn drop(&mut self) {
        let data = &self.data;
        self.driver.input(|core, now| match data {
            Subscribable::Topics(topics) => core.release(now, topics),
            Subscribable::Query(key) => core.release_query(now, key),
        });
    }
}
