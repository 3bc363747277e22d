//! Snapshots of resources, and pages of lists.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Json, Outcome, Problem};

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
