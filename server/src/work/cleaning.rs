//! Forgets what is past its time: outcomes, sessions, histories of channels, prepared files.

use std::{sync::Arc, time::Duration};

use dashboard_protocol::limits;

use crate::{
    app::App,
    audio::files,
    auth::session,
    clock::now_ms,
    db::{downloads, outcomes},
    failure::Failure,
};

/// How often.
const INTERVAL: Duration = Duration::from_secs(600);

/// Works for ever.
pub async fn run(app: Arc<App>) {
    loop {
        app.hub.forget_old();
        if let Err(failure) = clean(&app, now_ms()).await {
            tracing::error!(%failure, "cleaning failed");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn clean(app: &App, now_ms: i64) -> Result<(), Failure> {
    let kept_ms = i64::try_from(limits::OUTCOME_RETENTION_MS).unwrap_or(i64::MAX);
    let mut tx = app.db.begin_write().await?;
    outcomes::forget(&mut tx, now_ms.saturating_sub(kept_ms)).await?;
    session::forget_old(&mut tx, now_ms).await?;
    tx.commit().await?;
    let folder = app.config.files();
    let age = Duration::from_millis(downloads::FILE_LIFE_MS.unsigned_abs());
    tokio::task::spawn_blocking(move || files::clean(&folder, age)).await??;
    Ok(())
}
