//! How an event joins those that wait.

use super::queue::{Added, Due, Part};
use super::{COMMIT_WAIT_MS, Priority, QUEUE_EVENTS_MAX, Scheduler, SchedulerOutput};
use crate::event::Event;
use crate::schema::{ResourceId, ResourceSet, Topic};
use crate::time::Now;

impl Scheduler {
    /// Lets an event wait. `due` overrides its priority.
    pub(super) fn add(
        &mut self,
        now: Now,
        event: Event,
        subscribed: ResourceSet,
        due: Option<Due>,
    ) {
        let resource = event.resource;
        let key = self.order.key(&event.epoch, event.version);
        let others = (event.resources & subscribed) - ResourceSet::one(resource);
        let is_shown = |other: &ResourceId| self.order.is_applied(*other, key);
        let shown: ResourceSet = others.iter().filter(is_shown).collect();
        let wanted = others - shown;
        // Other parts of its commit are on the screen already, or a later event of its own resource is: no waiting.
        let is_late = !shown.is_empty() || self.order.is_applied(resource, key);
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
            (None, gathered) if rises => self.windows.note(now.mono_ms, gathered),
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
            self.queue.drop_parts(resource);
            self.outputs.push_back(SchedulerOutput::Overflow(resource));
        }
    }
}
