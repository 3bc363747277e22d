//! Resources read whole, and pages of lists.

use serde::Serialize;

use crate::flat::FlatMap;
use crate::record::record;
use crate::{Activity, Download, Favorite, Order, Outcome, Problem, Resource, Stats};

/// What `GET /api/snapshot` is asked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SnapshotRequest {
    /// The wanted resources, each with the version that is already known.
    pub resources: Vec<(Resource, Option<u64>)>,
    /// The epoch of those versions.
    pub epoch: Option<String>,
    /// Mutations whose outcome is wanted; at most [`crate::limits::PENDING_IDS_MAX`].
    pub pending: Vec<String>,
    /// Rows of each list; at most [`crate::limits::PAGE_ROWS_MAX`].
    pub limit: Option<usize>,
}

impl SnapshotRequest {
    /// The query part of the address, without the question mark. Ids and epochs are written as they are: both
    /// sides make them of letters, digits and hyphens.
    #[must_use]
    pub fn to_query(&self) -> String {
        let names = self
            .resources
            .iter()
            .map(|(resource, version)| match version {
                Some(version) => format!("{resource}@{version}"),
                None => resource.as_str().to_owned(),
            });
        let mut query = format!("resources={}", names.collect::<Vec<_>>().join(","));
        if let Some(epoch) = &self.epoch {
            query.push_str("&epoch=");
            query.push_str(epoch);
        }
        if !self.pending.is_empty() {
            query.push_str("&pending=");
            query.push_str(&self.pending.join(","));
        }
        if let Some(limit) = self.limit {
            query.push_str("&limit=");
            query.push_str(&limit.to_string());
        }
        query
    }
}

/// Reply of `GET /api/snapshot`: all of it was read in one database snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SnapshotReply {
    /// Epoch of the user's data.
    pub epoch: String,
    /// Version of the user's last commit.
    pub version: u64,
    /// Those of the wanted resources that differ from the known version.
    pub resources: SnapshotResources,
    /// Outcomes on those of the pending mutations that the server knows.
    pub settled: FlatMap<String, Settled>,
}
record!(SnapshotReply { epoch, version } or { resources, settled });

/// The resources of a [`SnapshotReply`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SnapshotResources {
    /// Favorites, if they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorites: Option<FavoritesSnapshot>,
    /// Orders, if they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<ListSnapshot<Order>>,
    /// Downloads, if they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloads: Option<ListSnapshot<Download>>,
    /// Activity, if it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<ListSnapshot<Activity>>,
    /// Statistics, if they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stats: Option<StatsSnapshot>,
}
record!(SnapshotResources {} or { favorites, orders, downloads, activity, stats });

/// The newest rows of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ListSnapshot<T> {
    /// The resource's version.
    pub version: u64,
    /// Rows, newest first.
    pub items: Vec<T>,
    /// Where older rows begin; `None` if there are none.
    pub next_cursor: Option<String>,
}
record!(ListSnapshot<T> { version, items } or { next_cursor });

/// The newest favorites, and the ids of them all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FavoritesSnapshot {
    /// The resource's version.
    pub version: u64,
    /// Rows, newest first.
    pub items: Vec<Favorite>,
    /// Where older rows begin; `None` if there are none.
    pub next_cursor: Option<String>,
    /// Beat ids of all favorites, beyond the page too, so that every favorite can be right.
    pub ids: Vec<String>,
}
record!(FavoritesSnapshot { version, items, ids } or { next_cursor });

/// The statistics.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StatsSnapshot {
    /// The resource's version.
    pub version: u64,
    /// The numbers.
    pub data: Stats,
}
record!(StatsSnapshot { version, data });

/// What became of a mutation, as a snapshot tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settled {
    /// Whether it took effect.
    pub outcome: Outcome,
    /// Version of its commit; of a rejected one, the user's version at that time.
    pub version: u64,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}
record!(Settled { outcome, version } or { problem });

/// A page of older rows, or of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Page<T> {
    /// Rows, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}
record!(Page<T> { items } or { next_cursor });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_what_is_known() {
        let request = SnapshotRequest {
            resources: vec![(Resource::Favorites, Some(12)), (Resource::Stats, None)],
            epoch: Some("E1".to_owned()),
            pending: vec!["a".to_owned(), "b".to_owned()],
            limit: Some(50),
        };
        assert_eq!(
            request.to_query(),
            "resources=favorites@12,stats&epoch=E1&pending=a,b&limit=50"
        );
    }
}
