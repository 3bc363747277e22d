//! What the server does with each resource and each mutation of the store: pages of the lists, snapshots, and rules.

use axum::{Router, routing::get};
use dashboard_model::{
    Activity, Download, Favorite, MutationBody, Order, Resource, SnapshotResources,
};
use sqlx::SqliteConnection;
use sync_protocol::{ListSnapshot, RawMutation, ValueSnapshot};

use crate::{
    api::lists::page,
    app::App,
    db::{
        commit_builder::CommitBuilder,
        cursor::{ListRow, Window},
        downloads, favorites, orders, stats,
    },
    failure::{Failure, Result},
    http::Shared,
    ids::UserId,
    mutate::is_id,
};

/// The calls that read a page of a list, with their paths relative to `/api`.
pub fn lists() -> Router<Shared> {
    Router::new()
        .route("/favorites", get(page::<Favorite>))
        .route("/orders", get(page::<Order>))
        .route("/downloads", get(page::<Download>))
        .route("/activity", get(page::<Activity>))
}

/// Reads a resource, which has this version, into a snapshot.
///
/// # Errors
/// When the database fails.
pub async fn read(
    conn: &mut SqliteConnection,
    user_id: &UserId,
    resource: Resource,
    version: u64,
    window: Window,
    snapshot: &mut SnapshotResources,
) -> Result<()> {
    match resource {
        Resource::Favorites => {
            let list = list(conn, user_id, version, window).await?;
            let ids = Some(favorites::ids(conn, user_id).await?);
            snapshot.favorites = Some(ListSnapshot { ids, ..list });
        }
        Resource::Orders => snapshot.orders = Some(list(conn, user_id, version, window).await?),
        Resource::Downloads => {
            snapshot.downloads = Some(list(conn, user_id, version, window).await?);
        }
        Resource::Activity => {
            snapshot.activity = Some(list(conn, user_id, version, window).await?);
        }
        Resource::Stats => {
            let data = stats::last(conn, user_id).await?;
            snapshot.stats = Some(ValueSnapshot { version, data });
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

/// Applies a mutation. Returns its primary resource.
///
/// # Errors
/// The reason of a rejection, or a failure of the database.
pub async fn apply(
    app: &App,
    builder: &mut CommitBuilder<'_>,
    mutation: &RawMutation,
) -> Result<Resource> {
    let body = MutationBody::decode(&mutation.kind, &mutation.args).map_err(Failure::invalid)?;
    #[cfg(feature = "demo")]
    if let Some(rejection) = app.faults.rejection(&builder.user_id) {
        return Err(rejection);
    }
    let resource = match body {
        MutationBody::SetFavorite(input) => {
            favorites::set(builder, &input.beat_id, input.favorite).await?;
            Resource::Favorites
        }
        MutationBody::PlaceOrder(input) => {
            check_id(&input.order_id)?;
            orders::place(builder, input, app.config.order_step_ms()).await?;
            Resource::Orders
        }
        MutationBody::CancelOrder(input) => {
            orders::cancel(builder, &input.order_id).await?;
            Resource::Orders
        }
        MutationBody::RequestDownload(input) => {
            check_id(&input.download_id)?;
            downloads::request(builder, input).await?;
            Resource::Downloads
        }
        MutationBody::CancelDownload(input) => {
            downloads::cancel(builder, &input.download_id).await?;
            Resource::Downloads
        }
    };
    Ok(resource)
}

fn check_id(id: &str) -> Result<()> {
    if is_id(id) {
        return Ok(());
    }
    Err(Failure::invalid(
        "an id must be 1 to 64 letters, digits or hyphens",
    ))
}
