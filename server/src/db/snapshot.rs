//! Snapshots: whole resources, all read from the same state of the database.

use dashboard_model::{Resource, SnapshotReply};
use sqlx::SqliteConnection;
use sync_protocol::{ListSnapshot, ValueSnapshot};

use super::{
    cursor::{ListRow, Window},
    favorites, outcomes, stats, users,
};
use crate::{failure::Result, ids::UserId};

/// The parameters of `GET /api/snapshot`.
#[derive(Clone, Debug)]
pub struct SnapshotRequest {
    /// The resources to read, each with the version that the client knows.
    pub resources: Vec<(Resource, Option<u64>)>,
    /// The epoch of those versions.
    pub epoch: Option<String>,
    /// The ids of the mutations whose outcomes the client does not know.
    pub pending: Vec<String>,
    /// The part of each list.
    pub window: Window,
}

/// Reads the resources that the client does not know in their current version. Returns `None` if it knows all.
///
/// `conn` must be in a transaction, or the resources could come from different states.
///
/// # Errors
/// When the database fails.
pub async fn read(
    conn: &mut SqliteConnection,
    epoch: &str,
    user_id: &UserId,
    request: &SnapshotRequest,
) -> Result<Option<SnapshotReply>> {
    let versions = users::versions(conn, user_id).await?;
    let same_epoch = request.epoch.as_deref() == Some(epoch);
    let settled = outcomes::find(conn, user_id, &request.pending).await?;
    let settled = settled
        .into_iter()
        .map(|(id, outcome)| (id, outcome.into()));
    let mut reply = SnapshotReply {
        epoch: epoch.to_owned(),
        version: versions.account,
        settled: settled.collect(),
        ..SnapshotReply::default()
    };
    let window = request.window;
    let mut differs = false;
    for &(resource, known) in &request.resources {
        let version = versions.of(resource);
        if same_epoch && known == Some(version) {
            continue;
        }
        differs = true;
        read_one(conn, user_id, resource, version, window, &mut reply).await?;
    }
    Ok((differs || !reply.settled.is_empty()).then_some(reply))
}

async fn read_one(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    resource: Resource,
    version: u64,
    window: Window,
    reply: &mut SnapshotReply,
) -> Result<()> {
    let resources = &mut reply.resources;
    match resource {
        Resource::Favorites => {
            let list = list(conn, user_id, version, window).await?;
            let ids = Some(favorites::ids(conn, user_id).await?);
            resources.favorites = Some(ListSnapshot { ids, ..list });
        }
        Resource::Orders => {
            resources.orders = Some(list(conn, user_id, version, window).await?);
        }
        Resource::Downloads => {
            resources.downloads = Some(list(conn, user_id, version, window).await?);
        }
        Resource::Activity => {
            resources.activity = Some(list(conn, user_id, version, window).await?);
        }
        Resource::Stats => {
            let data = stats::last(conn, user_id).await?;
            resources.stats = Some(ValueSnapshot { version, data });
        }
    }
    Ok(())
}

async fn list<T: ListRow>(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    version: u64,
    window: Window,
) -> Result<ListSnapshot<T>> {
    let page = window.page(conn, user_id).await?;
    Ok(ListSnapshot {
        version,
        items: page.items,
        next_cursor: page.next_cursor,
        ids: None,
    })
}
