//! Snapshots of resources, and pages of lists.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits::PENDING_IDS_MAX;
use crate::{Json, Outcome, Problem};

/// The query string of `GET /api/snapshot` as it is on the wire, for a server.
///
/// # Examples
/// ```
/// use sync_protocol::SnapshotQuery;
///
/// let query = SnapshotQuery {
///     resources: "todos@12,counts".to_owned(),
///     epoch: "e1".to_owned(),
///     ..SnapshotQuery::default()
/// };
/// assert!(!query.wants("e1", "todos", 12));
/// assert!(query.wants("e1", "todos", 13));
/// assert!(query.wants("e1", "counts", 4));
/// assert!(!query.wants("e1", "profile", 4));
/// // After a restore, what the client has is no longer valid.
/// assert!(query.wants("e2", "todos", 12));
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct SnapshotQuery {
    /// The wanted resources, each with `@` and its version if the client has it.
    pub resources: String,
    /// The epoch of those versions.
    pub epoch: String,
    /// Mutations whose outcome is wanted.
    pub pending: String,
    /// Rows of each list.
    pub limit: Option<usize>,
}

impl SnapshotQuery {
    /// Whether a resource is wanted that has this version in this epoch, and the client has another one or none.
    #[must_use]
    pub fn wants(&self, epoch: &str, resource: &str, version: u64) -> bool {
        self.resources.split(',').any(|wanted| {
            let (name, known) = match wanted.split_once('@') {
                Some((name, known)) => (name, known.parse().ok()),
                None => (wanted, None),
            };
            name == resource && (known != Some(version) || self.epoch != epoch)
        })
    }

    /// The mutations whose outcome is wanted, at most [`PENDING_IDS_MAX`] of them.
    pub fn pending(&self) -> impl Iterator<Item = &str> {
        let ids = self.pending.split(',').filter(|id| !id.is_empty());
        ids.take(PENDING_IDS_MAX)
    }
}

/// Reply of `GET /api/snapshot`, read in one database snapshot. `R` contains the resources by name.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct SnapshotReply<R = BTreeMap<String, Json>>
where
    R: Default,
{
    /// Epoch of the user's data.
    pub epoch: String,
    /// Version of the user's last commit.
    pub version: u64,
    /// The requested resources that differ from the known version.
    #[serde(default)]
    pub resources: R,
    /// Outcomes of the pending mutations that the server knows.
    #[serde(default)]
    pub settled: BTreeMap<String, Settled>,
}

/// The newest rows of a collection.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ListSnapshot<T> {
    /// The resource's version.
    pub version: u64,
    /// Rows, newest first.
    pub items: Vec<T>,
    /// The cursor of older rows; `None` if there are none.
    pub next_cursor: Option<String>,
    /// The ids of all rows, beyond the page too, for a collection that tracks them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
}

/// A value.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ValueSnapshot<T> {
    /// The resource's version.
    pub version: u64,
    /// The value.
    pub data: T,
}

/// The outcome of a mutation in a snapshot.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Settled {
    /// Whether it took effect.
    pub outcome: Outcome,
    /// Version of its commit; for a rejected one, the user's version at that time.
    pub version: u64,
    /// The reason of a rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A page of a collection's older rows, or of a query.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Page<T> {
    /// Rows, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page; `None` at the end.
    pub next_cursor: Option<String>,
}
