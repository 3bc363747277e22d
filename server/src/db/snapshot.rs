//! Resources read whole: all of one reply comes from one state of the database.

use dashboard_protocol::flat::FlatMap;
use dashboard_protocol::{
    FavoritesSnapshot, ListSnapshot, Page, Resource, SnapshotReply, SnapshotRequest, StatsSnapshot,
    limits,
};
use sqlx::SqliteConnection;

use super::{activity, cursor::Window, downloads, favorites, orders, users, stats, outcomes};
use crate::failure::Failure;

/// Reads what differs from what the caller knows; `None` if nothing does.
///
/// `conn` is in a transaction, or the parts would be of different states.
///
/// # Errors
/// When the database fails.
pub async fn read(
    conn: &mut SqliteConnection,
    epoch: &str,
    user_id: &str,
    request: &SnapshotRequest,
) -> Result<Option<SnapshotReply>, Failure> {
    let versions = users::versions(conn, user_id).await?;
    let same_epoch = request.epoch.as_deref() == Some(epoch);
    let mut reply = SnapshotReply {
        epoch: epoch.to_owned(),
        version: versions.account,
        settled: settled(conn, user_id, &request.pending).await?,
        ..SnapshotReply::default()
    };
    let window = Window::newest(request.limit.unwrap_or(limits::PAGE_ROWS_DEFAULT));
    let mut differs = false;
    for (resource, known) in &request.resources {
        let version = versions.of(*resource);
        if same_epoch && *known == Some(version) {
            continue;
        }
        differs = true;
        read_one(conn, user_id, *resource, version, window, &mut reply).await?;
    }
    Ok((differs || !reply.settled.is_empty()).then_some(reply))
}

async fn settled(
    conn: &mut SqliteConnection,
    user_id: &str,
    pending: &[String],
) -> Result<FlatMap<String, dashboard_protocol::Settled>, Failure> {
    let mut settled = FlatMap::new();
    for id in pending {
        if let Some(outcome) = outcomes::settled(conn, user_id, id).await? {
            settled.insert(id.clone(), outcome);
        }
    }
    Ok(settled)
}

async fn read_one(
    conn: &mut SqliteConnection,
    user_id: &str,
    resource: Resource,
    version: u64,
    window: Window,
    reply: &mut SnapshotReply,
) -> Result<(), Failure> {
    let resources = &mut reply.resources;
    match resource {
        Resource::Favorites => {
            let page = favorites::list(conn, user_id, window).await?;
            resources.favorites = Some(FavoritesSnapshot {
                version,
                items: page.items,
                next_cursor: page.next_cursor,
                ids: favorites::ids(conn, user_id).await?,
            });
        }
        Resource::Orders => {
            resources.orders = Some(list(version, orders::list(conn, user_id, window).await?));
        }
        Resource::Downloads => {
            let page = downloads::list(conn, user_id, window).await?;
            resources.downloads = Some(list(version, page));
        }
        Resource::Activity => {
            let page = activity::list(conn, user_id, window).await?;
            resources.activity = Some(list(version, page));
        }
        Resource::Stats => {
            let data = stats::last(conn, user_id).await?;
            resources.stats = Some(StatsSnapshot { version, data });
        }
    }
    Ok(())
}

fn list<T>(version: u64, page: Page<T>) -> ListSnapshot<T> {
    ListSnapshot {
        version,
        items: page.items,
        next_cursor: page.next_cursor,
    }
}
