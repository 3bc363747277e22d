//! Cleans up old outcomes, sessions, publications and files.

use std::{sync::Arc, time::Duration};

use sync_protocol::limits;

use crate::{
    app::App,
    audio::files,
    clock::now_ms,
    db::{column_codec::column, downloads},
    failure::Result,
};

/// The interval between two cleanups.
const INTERVAL: Duration = Duration::from_secs(600);

/// Cleans up until the server stops.
pub async fn run(app: Arc<App>) {
    loop {
        app.hub.drop_old();
        if let Err(failure) = clean(&app, now_ms()).await {
            tracing::error!(%failure, "the cleanup failed");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn clean(app: &App, now_ms: i64) -> Result<()> {
    let retention_ms = column(limits::OUTCOME_RETENTION_MS);
    app.db
        .write(move |conn| {
            Box::pin(async move {
                sqlx::query("DELETE FROM verdicts WHERE at_ms < ?")
                    .bind(now_ms.saturating_sub(retention_ms))
                    .execute(&mut *conn)
                    .await?;
                sqlx::query("DELETE FROM sessions WHERE expires_ms <= ?")
                    .bind(now_ms)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await?;
    let folder = app.config.files();
    let age = Duration::from_millis(downloads::FILE_LIFE_MS.unsigned_abs());
    tokio::task::spawn_blocking(move || files::clean(&folder, age)).await??;
    Ok(())
}
