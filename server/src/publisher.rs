//! Publishes the events in the outbox, in the order of their commits and after the commits are durable. The server
//! first publishes the events that an earlier run has left.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::{app::App, failure::Result, work::RETRY_DELAY};

/// The number of rows to publish at a time.
const BATCH_ROWS: i64 = 500;

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
        let waiting: Vec<(i64, String, String)> =
            sqlx::query_as("SELECT id, channel, data FROM outbox WHERE id > ? ORDER BY id LIMIT ?")
                .bind(*last)
                .bind(BATCH_ROWS)
                .fetch_all(app.db.read())
                .await?;
        let Some(newest) = waiting.last().map(|(id, ..)| *id) else {
            return Ok(());
        };
        for (id, channel, data) in waiting {
            match RawValue::from_string(data) {
                Ok(data) => app.metrics.published(app.hub.publish(&channel, data)),
                Err(error) => {
                    tracing::error!(event.id = id, %error, "skipped an event that is not JSON");
                }
            }
        }
        *last = newest;
        let mut tx = app.db.begin_write().await?;
        sqlx::query("DELETE FROM outbox WHERE id <= ?")
            .bind(newest)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
}
