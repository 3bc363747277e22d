//! Events of channels: publications, and how far a channel was recovered when it was subscribed again.

use serde_json::value::RawValue;

use super::Core;
use crate::connection::Recovery;
use crate::metrics::Counter;
use crate::schema::{FeedId, FeedUpdate, ResourceSet, Topic};
use crate::time::Now;

impl Core {
    pub(super) fn publication(&mut self, now: Now, channel: &str, data: &RawValue) {
        let Some(topic) = self.schema.topic(channel) else {
            return;
        };
        self.metrics.received(topic);
        match topic {
            Topic::Resource(resource) => match self.schema.decode_event(data.get()) {
                Some(event) if event.resource == resource => {
                    let subscribed = self.topics.subscribed().resources;
                    self.scheduler.push(now, event, subscribed);
                }
                Some(_) | None => self.store.handle_malformed(now, resource),
            },
            Topic::Feed(feed) => match self.schema.decode_updates(feed, data.get()) {
                Some(updates) => self.scheduler.push_updates(now, feed, &updates),
                None => self.metrics.count(Counter::FramesMalformed, 1),
            },
        }
    }

    pub(super) fn subscribed(&mut self, now: Now, channel: &str, recovery: Recovery) {
        let Some(topic) = self.schema.topic(channel) else {
            return;
        };
        self.metrics.changed = true;
        match recovery {
            Recovery::Recovered => self.metrics.count(Counter::Recovered, 1),
            Recovery::Fresh => {}
            Recovery::Lost => self.metrics.count(Counter::Resyncs, 1),
        }
        let is_complete = recovery == Recovery::Recovered;
        match topic {
            Topic::Resource(resource) => {
                let is_known = self.store.version_of(resource).is_some();
                // Data that were lost before and could not be read yet are read now.
                let was_read = !self.sync.recovering.contains(resource);
                if !(is_complete && is_known && was_read) {
                    self.sync.recovering.insert(resource);
                    self.sync.to_read.insert(resource);
                    self.read_subscribed(now);
                }
            }
            Topic::Feed(_) => {
                if !is_complete {
                    // Waiting updates are older than the lost ones: they must not be applied to rows that are read now.
                    for (feed, updates) in self.scheduler.take_updates() {
                        self.apply_updates(now, feed, &updates);
                    }
                }
                self.queries.on_reconnected(now, is_complete);
            }
        }
    }

    /// Reads what began or lost something, once no channel waits for an answer.
    pub(super) fn read_subscribed(&mut self, now: Now) {
        if !self.sync.to_read.is_empty() && !self.connection.is_subscribing() {
            let resources = std::mem::replace(&mut self.sync.to_read, ResourceSet::EMPTY);
            self.store.fetch(now, resources);
        }
    }

    pub(super) fn apply_updates(&mut self, now: Now, feed: FeedId, updates: &[FeedUpdate]) {
        self.queries.apply_updates(feed, updates);
        self.store.handle_updates(now, feed, updates);
    }
}
