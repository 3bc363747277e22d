//! Publishes what commits have put into the outbox: in their order, after they are durable, at the start first of
//! all what an earlier run has left.

use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::sync::Notify;

use crate::{app::App, db::outbox, failure::Failure};

/// Wakes the publisher.
#[derive(Debug, Default)]
pub struct Publisher {
    committed: Notify,
}

impl Publisher {
    /// Says that something was committed.
    pub fn wake(&self) {
        self.committed.notify_one();
    }
}

/// Publishes for ever. A failure of the database is logged and tried again with the next commit or after a second.
pub async fn run(app: Arc<App>) {
    let mut last = 0;
    loop {
        let rest = match publish_waiting(&app, &mut last).await {
            Ok(()) => None,
            Err(failure) => {
                tracing::error!(%failure, "publishing failed");
                Some(tokio::time::sleep(std::time::Duration::from_secs(1)))
            }
        };
        match rest {
            Some(rest) => rest.await,
            None => app.publisher.committed.notified().await,
        }
    }
}

/// Publishes all that waits. `last` is the last event that was published, so that one is not published twice when
/// only forgetting it has failed.
///
/// # Errors
/// When the database fails.
pub async fn publish_waiting(app: &App, last: &mut i64) -> Result<(), Failure> {
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
                    tracing::error!(event.id, %error, "an event is not JSON and is left out");
                }
            }
        }
        *last = newest;
        let mut tx = app.db.begin_write().await?;
        outbox::forget(&mut tx, newest).await?;
        tx.commit().await?;
    }
}
