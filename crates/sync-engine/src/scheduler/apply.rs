//! How due events are applied: as one batch, in order, without changes that later ones of the batch replace.

use super::coalesce::coalesce;
use super::order::CommitKey;
use super::queue::{Due, Part};
use super::{Scheduler, SchedulerOutput, WAITS_MAX};
use crate::schema::{FeedId, FeedUpdate, Topic};
use crate::time::Now;

impl Scheduler {
    /// Applies everything that is due by `limit`.
    pub(super) fn flush(&mut self, now: Now, limit: Due) {
        let parts = self.queue.take(limit);
        if !parts.is_empty() {
            self.apply(now, parts);
        }
        if self.updates.is_due(limit) {
            for (feed, updates) in self.take_updates() {
                self.outputs
                    .push_back(SchedulerOutput::Updates(feed, updates));
            }
        }
        if self.queue.count(Due::Medium) == 0 {
            self.windows.close(Due::Medium);
        }
        if self.queue.count(Due::Low) == 0 && !self.updates.are_gathered() {
            self.windows.close(Due::Low);
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
            self.order.note_applied(resource, key);
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
