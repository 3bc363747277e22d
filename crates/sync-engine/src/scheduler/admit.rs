//! How an event that has come joins those that wait.

use std::rc::Rc;

use super::queue::{Added, CommitKey, Due, Part};
use super::{COMMIT_WAIT_MS, Priority, QUEUE_EVENTS_MAX, Scheduler, SchedulerOutput};
use crate::event::Event;
use crate::schema::{ResourceId, ResourceSet, Topic};
use crate::time::Now;

impl Scheduler {
    /// Lets an event wait. `due` overrides what its priority says.
    pub(super) fn add(
        &mut self,
        now: Now,
        event: Event,
        subscribed: ResourceSet,
        due: Option<Due>,
    ) {
        let resource = event.resource;
        let key = self.key(&event.epoch, event.version);
        let others = (event.resources & subscribed) - ResourceSet::one(resource);
        let is_shown = |other: &ResourceId| self.applied[other.index()] >= Some(key);
        let shown: ResourceSet = others.iter().filter(is_shown).collect();
        let wanted = others - shown;
        // Other parts of its commit are on the screen already, or a later event of its own resource is: no waiting.
        let is_late = !shown.is_empty() || self.applied[resource.index()] >= Some(key);
        let priority = Priority::of_commit(&self.schema, &event, wanted.iter());
        let rises = self
            .queue
            .get(key)
            .is_none_or(|commit| commit.priority < priority);
        let due = match (due, priority) {
            (Some(due), _) => due,
            (None, Priority::Critical) => Due::Now,
            (None, Priority::High) => Due::Frame,
            (None, _) if is_late => Due::Frame,
            (None, gathered) if rises => self.window_due(now, gathered),
            (None, _) => Due::Low,
        };
        let wanted = (
            wanted | ResourceSet::one(resource),
            now.mono_ms.saturating_add(COMMIT_WAIT_MS),
        );
        let part = Part {
            event,
            received_ms: now.mono_ms,
        };
        if self.queue.add(key, part, (priority, due), wanted) == Added::Duplicate {
            *self
                .report
                .duplicates
                .entry(Topic::Resource(resource))
                .or_default() += 1;
        } else if self.queue.depth_of(resource) > QUEUE_EVENTS_MAX {
            self.queue.drop_parts(resource, None);
            self.outputs.push_back(SchedulerOutput::Overflow(resource));
        }
    }

    /// Position of a commit in the order of commits. An epoch other than the last one begins a new stretch.
    pub(super) fn key(&mut self, epoch: &str, version: u64) -> CommitKey {
        if *self.epoch.0 != *epoch {
            self.epoch = (Rc::from(epoch), self.epoch.1 + 1);
        }
        (self.epoch.1, version)
    }

    /// When an event that is gathered is due: with the window of its priority, or, as the first one after a quiet
    /// time, with the next frame.
    pub(super) fn window_due(&mut self, now: Now, priority: Priority) -> Due {
        let (window, due) = match priority {
            Priority::Low => (&mut self.low, Due::Low),
            Priority::Medium | Priority::High | Priority::Critical => {
                (&mut self.medium, Due::Medium)
            }
        };
        if window.note(now.mono_ms) {
            due
        } else {
            Due::Frame
        }
    }
}
