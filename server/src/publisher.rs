//! Publishes the events in the outbox, in the order of their commits and after the commits are durable. The server
//! first publishes the events that an earlier run has left.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::{app::App, db::outbox, failure::Result, work::RETRY_DELAY};

/// Publishes until the server stops. Logs a failure of the database and tries again later.
pub async fn run(app: Arc<App>) {
    let mut last = 0;
    loop {
        match publish_outbox(&app, &mut last).await {
            Ok(()) => app.committed.notified().await,
            Err(failure) => {
                tracing::error!(%failure, "publishing failed");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// Publishes all events in the outbox. `last` is the id of the last published event. It prevents that an event is
/// published twice if the server could not delete it.
///
/// # Errors
/// When the database fails.
pub async fn publish_outbox(app: &App, last: &mut i64) -> Result<()> {
    loop {
        let waiting = {
            let mut conn = app.db.read().acquire().await?;
            outbox::after(&mut conn, *last).await?
        };
        let Some(newest) = waiting.last().map(|event| event.id) else {
            return Ok(());
        };
        for event in waiting {
            match RawValue::from_string(event.data) {
                Ok(data) => app.metrics.published(app.hub.publish(&event.channel, data)),
                Err(error) => {
                    tracing::error!(event.id, %error, "skipped an event that is not JSON");
                }
            }
        }
        *last = newest;
        let mut tx = app.db.begin_write().await?;
        outbox::delete(&mut tx, newest).await?;
        tx.commit().await?;
    }
}
