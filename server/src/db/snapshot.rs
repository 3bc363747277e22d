//! Snapshots: whole resources, all read from the same state of the database.

use dashboard_model::{Resource, SnapshotReply};
use sqlx::SqliteConnection;

use super::{cursor::Window, outcomes};
use crate::{failure::Result, ids::UserId, resources};

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
/// `unauthenticated` if the user has been deleted, or when the database fails.
pub async fn read(
    conn: &mut SqliteConnection,
    epoch: &str,
    user_id: &UserId,
    request: &SnapshotRequest,
) -> Result<Option<SnapshotReply>> {
    let (versions, settled) = outcomes::find(conn, user_id, &request.pending).await?;
    let same_epoch = request.epoch.as_deref() == Some(epoch);
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
        resources::read(
            conn,
            user_id,
            resource,
            version,
            window,
            &mut reply.resources,
        )
        .await?;
    }
    Ok((differs || !reply.settled.is_empty()).then_some(reply))
}
