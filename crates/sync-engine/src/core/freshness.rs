//! How well the data match the server: what is being recovered, and when each resource was last known to match.

use crate::schema::{ResourceSet, Schema};
use crate::time::Now;
use crate::topics::Topics;

/// The state of the data as a whole.
#[derive(Debug)]
pub(super) struct DataSync {
    /// Resources whose channel has begun, or lost something, and that have not been read since.
    pub(super) recovering: ResourceSet,
    /// Those of them to read once every channel that was asked for has been answered: in one call.
    pub(super) to_read: ResourceSet,
    /// The resources of the poll in flight that were not read yet; empty if there is none.
    pub(super) polled: ResourceSet,
    /// Whether the connection was live after the last input.
    pub(super) was_live: bool,
    /// Whether there was no connection since it was last live.
    pub(super) was_lost: bool,
    /// Changes from the server that were applied since the start.
    pub(super) changes_applied: u64,
    /// When each resource was last known to match the server: at its last read, or at the last sign of life while its
    /// channel was complete.
    read: Vec<Option<Now>>,
    /// When the server was last heard over the connection.
    pub(super) heard: Option<Now>,
    /// The same while all events arrived.
    heard_live: Option<Now>,
}

impl DataSync {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            recovering: ResourceSet::EMPTY,
            to_read: ResourceSet::EMPTY,
            polled: ResourceSet::EMPTY,
            was_live: false,
            was_lost: false,
            changes_applied: 0,
            read: vec![None; schema.resource_count()],
            heard: None,
            heard_live: None,
        }
    }

    /// Forgets everything about a user's data.
    pub(super) fn forget(&mut self) {
        self.recovering = ResourceSet::EMPTY;
        self.to_read = ResourceSet::EMPTY;
        self.polled = ResourceSet::EMPTY;
        self.read.fill(None);
        (self.heard, self.heard_live) = (None, None);
    }

    /// Resources were read, as they were at this time at least.
    pub(super) fn note_read(&mut self, asked: Now, resources: ResourceSet) {
        for resource in resources.iter() {
            let read = &mut self.read[resource.index()];
            if read.is_none_or(|read| read.mono_ms < asked.mono_ms) {
                *read = Some(asked);
            }
        }
    }

    /// All events of subscribed channels arrive: the last sign of life confirms their data.
    pub(super) fn confirm_subscribed(&mut self, topics: &Topics) {
        self.heard_live = self.heard;
        for resource in topics.subscribed().resources.iter() {
            let read = &mut self.read[resource.index()];
            // Compared by the clock that nobody sets.
            if self.heard.map(|at| at.mono_ms) > read.map(|at| at.mono_ms) {
                *read = self.heard;
            }
        }
    }

    /// The oldest time of all that the screen needs and has; the last sign of life while live where it
    /// needs nothing.
    pub(super) fn oldest(&self, topics: &Topics) -> Option<Now> {
        let active = topics.active().resources;
        if active.is_empty() {
            self.heard_live
        } else {
            let read = active
                .iter()
                .filter_map(|resource| self.read[resource.index()]);
            read.min_by_key(|at| at.mono_ms)
        }
    }
}
