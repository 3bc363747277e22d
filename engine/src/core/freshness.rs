//! When each resource was last proved to be as the server has it.

use dashboard_protocol::Resource;

use crate::topics::Topics;
use crate::time::Now;

/// Proofs by resource: of its last read, or of the last sign of life while its stream was whole.
#[derive(Debug, Default)]
pub(super) struct Freshness {
    read: [Option<Now>; Resource::ALL.len()],
    /// When the server was last heard over the connection, and the same while all news arrived.
    heard: Option<Now>,
    live: Option<Now>,
}

impl Freshness {
    /// The server was heard over the connection.
    pub(super) const fn heard(&mut self, now: Now) {
        self.heard = Some(now);
    }

    /// Resources were read.
    pub(super) fn read(&mut self, now: Now, resources: &[Resource]) {
        for resource in resources {
            self.read[resource.index()] = Some(now);
        }
    }

    /// All news arrive of what is joined: what was heard last proves it.
    pub(super) fn prove_subscribed(&mut self, topics: &Topics) {
        self.live = self.heard;
        for resource in Resource::ALL {
            let read_at = &mut self.read[resource.index()];
            // Compared by the clock that nobody sets.
            let is_newer = self.heard.map(|at| at.mono_ms) > read_at.map(|at| at.mono_ms);
            if is_newer && topics.is_subscribed(resource) {
                *read_at = self.heard;
            }
        }
    }

    /// The oldest proof of all that the screen needs and has, by the wall clock; the last sign of life while live where
    /// it needs nothing.
    pub(super) fn oldest_ms(&self, topics: &Topics) -> Option<i64> {
        let active = Resource::ALL.into_iter();
        let active = active.filter(|resource| topics.is_active(*resource));
        let mut freshness = active
            .map(|resource| self.read[resource.index()])
            .peekable();
        let oldest = if freshness.peek().is_none() {
            self.live
        } else {
            freshness.flatten().min_by_key(|at| at.mono_ms)
        };
        oldest.map(|at| at.wall_ms)
    }
}
