//! How what is due leaves: as one batch, in order, without what it supersedes itself.

use dashboard_protocol::BeatChange;

use super::conflate::conflate;
use super::queue::{CommitKey, Due, Part};
use super::{SchedulerOutput, Scheduler, WAITS_MAX};
use crate::time::Now;

impl Scheduler {
    /// Applies what is due by `limit`.
    pub(super) fn flush(&mut self, now: Now, limit: Due) {
        let parts = self.queue.take(limit);
        if !parts.is_empty() {
            self.apply(now, parts);
        }
        if !self.catalog_updates.is_empty() && self.catalog_updates_due <= limit {
            let changes = self.take_catalog_updates();
            self.outputs.push_back(SchedulerOutput::CatalogUpdates(changes));
        }
        if self.queue.count(Due::Medium) == 0 {
            self.medium.close();
        }
        if self.queue.count(Due::Low) == 0 && (self.catalog_updates.is_empty() || self.catalog_updates_due < Due::Low)
        {
            self.low.close();
        }
    }

    /// The changes of the catalog that wait, to be applied now: before what follows them is read.
    pub fn take_catalog_updates(&mut self) -> Vec<BeatChange> {
        let changes = self.catalog_updates.take();
        self.queue.catalog_updates(&changes);
        changes
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
        let left_out = conflate(&mut events);
        for (sum, left_out) in self.report.conflated.iter_mut().zip(left_out) {
            *sum += left_out;
        }
        self.outputs.push_back(SchedulerOutput::Apply(events));
    }
}
