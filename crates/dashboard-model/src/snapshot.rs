//! Snapshots as the server writes them.

use serde::{Deserialize, Serialize};
use sync_engine::schema::ResourceSnapshot;
use sync_protocol::{ListSnapshot, Page, ValueSnapshot};

use crate::{Activity, Download, Favorite, Order, Resource, Stats};

/// Reply of `GET /api/snapshot`.
pub type SnapshotReply = sync_protocol::SnapshotReply<SnapshotResources>;

/// The resources of a [`SnapshotReply`].
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct SnapshotResources {
    /// Favorites, if they differ, with the beat ids of all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorites: Option<ListSnapshot<Favorite>>,
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
    pub stats: Option<ValueSnapshot<Stats>>,
}

/// A snapshot as the engine handles it, without a round trip through JSON: for servers in the same program, such as
/// those of tests.
#[must_use]
pub fn decoded(reply: SnapshotReply) -> sync_engine::http::Snapshot {
    let SnapshotResources {
        favorites,
        orders,
        downloads,
        activity,
        stats,
    } = reply.resources;
    let resources = [
        favorites.map(|part| (Resource::Favorites.into(), list(part))),
        orders.map(|part| (Resource::Orders.into(), list(part))),
        downloads.map(|part| (Resource::Downloads.into(), list(part))),
        activity.map(|part| (Resource::Activity.into(), list(part))),
        stats.map(|part| {
            let snapshot = ResourceSnapshot::of_value(part.version, part.data);
            (Resource::Stats.into(), snapshot)
        }),
    ];
    sync_engine::http::Snapshot {
        epoch: reply.epoch,
        version: reply.version,
        resources: resources.into_iter().flatten().collect(),
        settled: reply.settled,
    }
}

fn list<R: sync_engine::schema::Row>(part: ListSnapshot<R>) -> ResourceSnapshot {
    let page = Page {
        items: part.items,
        next_cursor: part.next_cursor,
    };
    let ids = part
        .ids
        .map(|ids| ids.iter().map(|id| id.as_str().into()).collect());
    ResourceSnapshot::of_rows(part.version, page, ids)
}
