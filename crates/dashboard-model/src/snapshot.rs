//! Snapshots as the server writes them.

use std::fmt;

use sync_engine::schema::{ResourceSnapshot, Row};
use sync_protocol::{ListSnapshot, Page, ValueSnapshot};

use crate::SnapshotResources;

/// Reply of `GET /api/snapshot`.
pub type SnapshotReply = sync_protocol::SnapshotReply<SnapshotResources>;

/// A snapshot as the engine handles it, without a round trip through JSON: for servers in the same program, such as
/// those of tests.
#[must_use]
pub fn decoded(reply: SnapshotReply) -> sync_engine::http::Snapshot {
    sync_engine::http::Snapshot {
        epoch: reply.epoch,
        resources: reply.resources.decoded(),
        settled: reply.settled,
    }
}

/// One resource of a snapshot.
pub(crate) trait SnapshotPart {
    /// The part as the engine handles it.
    fn decoded(self) -> ResourceSnapshot;
}

impl<R: Row> SnapshotPart for ListSnapshot<R> {
    fn decoded(self) -> ResourceSnapshot {
        let page = Page {
            items: self.items,
            next_cursor: self.next_cursor,
        };
        let ids = self
            .ids
            .map(|ids| ids.iter().map(|id| id.as_str().into()).collect());
        ResourceSnapshot::of_rows(self.version, page, ids)
    }
}

impl<D: fmt::Debug + PartialEq + 'static> SnapshotPart for ValueSnapshot<D> {
    fn decoded(self) -> ResourceSnapshot {
        ResourceSnapshot::of_value(self.version, self.data)
    }
}
