//! How soon a change has to be on the screen.

use crate::event::Event;
use crate::schema::{ResourceId, Schema};

/// How soon a change has to be on the screen; the later variant is the more urgent one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    /// Gathered for half a second: numbers, logs, feeds.
    #[default]
    Low,
    /// Gathered for a tenth of a second.
    Medium,
    /// With the next animation frame.
    High,
    /// At once: something that the user waits for has failed.
    Critical,
}

impl Priority {
    /// The priority that an event gives to its commit: the highest of its changes and of the other parts that are still
    /// to come, whose resources it names.
    pub(super) fn of_commit(
        schema: &Schema,
        event: &Event,
        parts: impl Iterator<Item = ResourceId>,
    ) -> Self {
        let definition = schema.definition(event.resource);
        let changes = event
            .changes
            .iter()
            .filter_map(|change| change.data.as_deref());
        let changes = changes.map(|change| (definition.change_priority)(change));
        let resources = parts.chain([event.resource]);
        let resources = resources.map(|resource| schema.definition(resource).priority);
        changes.chain(resources).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use sync_protocol::Timestamp;

    use super::*;
    use crate::event::Change;
    use crate::fixture::{JOBS, Job, JobChange, NOTES, event, schema};

    fn job() -> Job {
        Job {
            id: "a".to_owned(),
            progress: 100,
            at: Timestamp::default(),
        }
    }

    fn of(changes: Vec<Change>, resource: ResourceId, parts: &[ResourceId]) -> Priority {
        let event = event(resource, 1, changes);
        Priority::of_commit(&schema(), &event, parts.iter().copied())
    }

    #[test]
    fn the_most_urgent_change_counts() {
        let done = || Change::new("done", JobChange::Done(job()));
        let failed = Change::new("failed", JobChange::Failed(job()));
        assert_eq!(of(vec![done()], JOBS, &[]), Priority::Medium);
        assert_eq!(of(vec![done(), failed], JOBS, &[]), Priority::Critical);
    }

    #[test]
    fn a_commit_is_as_urgent_as_the_parts_that_are_still_to_come() {
        assert_eq!(of(Vec::new(), NOTES, &[]), Priority::Low);
        assert_eq!(of(Vec::new(), NOTES, &[JOBS]), Priority::Medium);
    }

    #[test]
    fn an_unknown_change_is_as_urgent_as_its_resource() {
        let changes = vec![Change::unknown("paused")];
        assert_eq!(of(changes, JOBS, &[]), Priority::Medium);
    }
}
