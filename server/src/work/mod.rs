//! What happens beside the requests: orders move on, downloads are prepared, old things are forgotten.

use std::sync::Arc;

use tokio::sync;

use crate::{
    app::App,
    db::commit_builder::{Committed, CommitBuilder},
    failure::Failure,
};

pub mod cleaning;
pub mod downloads;
pub mod orders;

/// Wakes a worker.
#[derive(Debug, Default)]
pub struct Notify(sync::Notify);

impl Notify {
    /// Says that there is something to do.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until there is.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}

/// Starts all workers; they stop with the server.
pub fn start(app: &Arc<App>) {
    spawn(app, crate::publisher::run(Arc::clone(app)));
    spawn(app, orders::run(Arc::clone(app)));
    spawn(app, downloads::run(Arc::clone(app)));
    spawn(app, cleaning::run(Arc::clone(app)));
}

fn spawn(app: &Arc<App>, work: impl Future<Output = ()> + Send + 'static) {
    let shutdown = app.shutdown.clone();
    app.tasks.spawn(async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = work => {}
        }
    });
}

/// Commits new statistics for a user if a day (UTC) has begun since the last ones.
///
/// # Errors
/// When the database fails.
pub async fn begin_day(app: &App, user_id: &str) -> Result<(), Failure> {
    let now_ms = crate::clock::now_ms();
    let of_today = {
        let mut conn = app.db.read().acquire().await?;
        crate::db::stats::are_of_today(&mut conn, user_id, now_ms).await?
    };
    if of_today {
        return Ok(());
    }
    let mut tx = app.db.begin_write().await?;
    let builder = CommitBuilder::begin(&mut tx, &app.epoch, user_id, now_ms).await?;
    let _: Committed = builder.finish_day().await?;
    tx.commit().await?;
    app.publisher.wake();
    Ok(())
}
