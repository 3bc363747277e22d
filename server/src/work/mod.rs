//! The background workers: they advance orders, prepare downloads, publish events and clean up.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::timeout};

use crate::{
    app::App,
    clock::{day_of, now_ms},
    db::commit_builder::CommitBuilder,
    failure::Result,
    ids::UserId,
    publisher,
};

pub mod cleaning;
pub mod downloads;
pub mod orders;

/// How long a worker waits after a failure of the database.
pub const RETRY_DELAY: Duration = Duration::from_secs(1);

/// How long a worker leaves what failed for a reason of its own. It goes on with the others.
pub const FAILED_DELAY: Duration = Duration::from_secs(60);

/// How long a worker sleeps at most. Other processes commit too, such as an import beside a running server.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Starts all workers. They stop with the server.
pub fn start(app: &Arc<App>) {
    spawn(app, publisher::run(Arc::clone(app)));
    if let Some(step_ms) = app.config.order_step_ms() {
        spawn(app, orders::run(Arc::clone(app), step_ms));
    }
    spawn(app, downloads::run(Arc::clone(app)));
    spawn(app, cleaning::run(Arc::clone(app)));
}

/// Runs a task until it is done or the server stops.
pub fn spawn(app: &Arc<App>, work: impl Future<Output = ()> + Send + 'static) {
    let shutdown = app.shutdown.clone();
    app.tasks.spawn(async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = work => {}
        }
    });
}

/// Commits new statistics for a user if a day (UTC) has started since the last ones.
///
/// # Errors
/// When the database fails.
pub async fn begin_day(app: &App, user_id: &UserId) -> Result<()> {
    let now_ms = now_ms();
    let are_of_today: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM stats WHERE person_id = ? AND day = ?)")
            .bind(user_id.as_str())
            .bind(day_of(now_ms))
            .fetch_one(app.db.read())
            .await?;
    if are_of_today {
        return Ok(());
    }
    let (epoch, user_id) = (app.epoch.clone(), user_id.clone());
    app.db
        .write(move |conn| {
            Box::pin(async move {
                let mut builder = CommitBuilder::begin(conn, &epoch, &user_id, now_ms).await?;
                builder.refresh_stats().await?;
                builder.finish().await?;
                Ok(())
            })
        })
        .await
}

/// Waits for a commit, but not longer than a worker sleeps.
pub async fn commit_or_interval(commits: &mut watch::Receiver<()>) {
    // The channel cannot close: the database of the server has its other side.
    let _: Result<_, _> = timeout(LOOK_INTERVAL, commits.changed()).await;
}
