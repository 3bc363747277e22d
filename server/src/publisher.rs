//! Publishes the events in the outbox, in the order of their commits and after the commits are durable. The server
//! first publishes the events that an earlier run has left.

use std::{sync::Arc, time::Duration};

use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::{
    app::App,
    db::outbox,
    failure::Result,
    work::{RETRY_DELAY, commit_or_interval},
};

/// How long published events stay in the outbox, so that deleting them costs few commits. A start after a crash
/// publishes them again, into streams of new epochs.
const DELETE_INTERVAL: Duration = Duration::from_secs(1);

/// Publishes until the server stops. Logs a failure of the database and tries again later.
pub async fn run(app: Arc<App>) {
    let mut commits = app.db.commits();
    let mut last = 0;
    let mut deleted = (0, Instant::now());
    loop {
        let mut published = publish_outbox(&app, &mut last).await;
        if published.is_ok() && last > deleted.0 && deleted.1.elapsed() >= DELETE_INTERVAL {
            published = outbox::delete(&app.db, last).await;
            deleted = (last, Instant::now());
        }
        if let Err(failure) = published {
            tracing::error!(%failure, "publishing failed");
            tokio::time::sleep(RETRY_DELAY).await;
        } else {
            commit_or_interval(&mut commits).await;
        }
    }
}

/// Publishes all events in the outbox after the one with the id `last`, which then is the id of the last one.
///
/// # Errors
/// When the database fails.
pub async fn publish_outbox(app: &App, last: &mut i64) -> Result<()> {
    loop {
        let waiting = outbox::waiting(&app.db, *last).await?;
        let are_all = waiting.len() < outbox::BATCH_ROWS;
        for (id, channel, data) in waiting {
            *last = id;
            match RawValue::from_string(data) {
                Ok(data) => app.metrics.published(app.hub.publish(&channel, data)),
                Err(error) => {
                    tracing::error!(event.id = id, %error, "skipped an event that is not JSON");
                }
            }
        }
        app.readiness.published(*last);
        if are_all {
            return Ok(());
        }
    }
}
