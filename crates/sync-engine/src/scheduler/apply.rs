//! How what is due leaves: as one batch, in order, without what it supersedes itself.

use super::coalesce::coalesce;
use super::queue::{CommitKey, Due, Part};
use super::{Scheduler, SchedulerOutput, WAITS_MAX};
use crate::schema::{FeedId, FeedUpdate, Topic};
use crate::time::Now;

impl Scheduler {
    /// Applies what is due by `limit`.
    pub(super) fn flush(&mut self, now: Now, limit: Due) {
        let parts = self.queue.take(limit);
        if !parts.is_empty() {
            self.apply(now, parts);
        }
        if !self.updates.is_empty() && self.updates_due <= limit {
            for (feed, updates) in self.take_updates() {
                self.outputs
                    .push_back(SchedulerOutput::Updates(feed, updates));
            }
        }
        if self.queue.count(Due::Medium) == 0 {
            self.medium.close();
        }
        if self.queue.count(Due::Low) == 0
            && (self.updates.is_empty() || self.updates_due < Due::Low)
        {
            self.low.close();
        }
    }

    /// The waiting updates of feeds, to be applied now: before rows that follow them are read.
    pub fn take_updates(&mut self) -> Vec<(FeedId, Vec<FeedUpdate>)> {
        let mut taken = Vec::new();
        for (feed, updates) in self.updates.take() {
            self.queue.patch(&self.schema, feed, &updates);
            taken.push((feed, updates.into_iter().map(FeedUpdate).collect()));
        }
        taken
    }

    /// Puts a batch out.
    pub(super) fn apply(&mut self, now: Now, parts: Vec<(CommitKey, Part)>) {
        let mut events = Vec::with_capacity(parts.len());
        for (key, part) in parts {
            let resource = part.event.resource;
            let applied = &mut self.applied[resource.index()];
            *applied = (*applied).max(Some(key));
            if self.report.waits.len() < WAITS_MAX {
                let waited_ms = now.mono_ms.saturating_sub(part.received_ms);
                self.report.waits.push((resource, waited_ms));
            }
            events.push(part.event);
        }
        let report = &mut self.report;
        coalesce(&self.schema, &mut events, |resource, left_out| {
            *report
                .coalesced
                .entry(Topic::Resource(resource))
                .or_default() += left_out;
        });
        self.outputs.push_back(SchedulerOutput::Apply(events));
    }
}
