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
        let changes = changes.map(|change| definition.change_priority(change));
        let resources = parts.chain([event.resource]);
        let resources = resources.map(|resource| schema.definition(resource).priority());
        changes.chain(resources).max().unwrap_or_default()
    }
}
