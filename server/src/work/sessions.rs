//! Closes the sockets of sessions that have ended without this process: by a command of an operator, or by expiry.

use std::{sync::Arc, time::Duration};

use crate::{app::App, auth::session, clock::now_ms, failure::Result, ids::SessionId};

/// How long the sockets of an ended session live at most.
const INTERVAL: Duration = Duration::from_secs(3);

/// Looks for ended sessions until the server stops.
pub async fn run(app: Arc<App>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        if let Err(failure) = close_ended(&app).await {
            tracing::error!(%failure, "looking for ended sessions failed");
        }
    }
}

async fn close_ended(app: &App) -> Result<()> {
    let connected = app.hub.sessions();
    if connected.is_empty() {
        return Ok(());
    }
    let query = "SELECT value FROM json_each(?) WHERE NOT EXISTS \
        (SELECT 1 FROM sessions JOIN people ON people.id = person_id \
        WHERE sessions.id = value AND expires_ms > ? AND NOT disabled)";
    let ended: Vec<String> = sqlx::query_scalar(query)
        .bind(serde_json::to_string(&connected)?)
        .bind(now_ms())
        .fetch_all(app.db.read())
        .await?;
    for session_id in ended.into_iter().map(SessionId::from) {
        session::close_sockets(app, &session_id);
    }
    Ok(())
}
