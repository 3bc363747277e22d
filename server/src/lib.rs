//! The reference backend: HTTP, the Centrifugo client protocol and SQLite in one process.
//!
//! A request goes through `http` (connections, middleware) to `api` (handlers), and from there to `mutate` and `db`
//! (rules and rows). `resources` lists what is needed for each resource and each mutation. The events of a commit go
//! from the outbox table through `publisher` to `realtime`; there is no other way. `work` advances orders and
//! downloads. `demo` fills a demonstration, simulates changes and injects faults.

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, time::timeout};

pub mod admin;
pub mod api;
pub mod app;
pub mod audio;
pub mod auth;
pub mod charges;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod failure;
pub mod http;
pub mod ids;
pub mod limiter;
pub mod metrics;
pub mod mutate;
pub mod publisher;
pub mod random;
pub mod realtime;
pub mod resources;
pub mod work;

use app::App;
use config::Config;
use db::outbox;
use failure::Result;

/// How long a stopping server waits for its requests and sockets to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// A running server.
#[derive(Debug)]
pub struct Running {
    app: Arc<App>,
}

/// Opens the database, publishes the events that an earlier run has left, and starts to serve.
///
/// # Errors
/// When the database cannot be opened.
pub async fn start(listener: TcpListener, config: Config) -> Result<Running> {
    let app = Arc::new(App::open(config).await?);
    let mut last = 0;
    publisher::publish_outbox(&app, &mut last).await?;
    outbox::delete(&app.db, last).await?;
    work::start(&app);
    let serving = Arc::clone(&app);
    app.tasks
        .spawn(async move { http::accept::run(&serving, listener).await });
    Ok(Running { app })
}

impl Running {
    /// The state of the server.
    #[must_use]
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stops the server: accepts no more connections, closes the sockets so that clients reconnect, finishes the
    /// requests and closes the database.
    pub async fn stop(self) {
        let app = self.app;
        app.hub.shut_down(app.config.realtime.shutdown_spread);
        app.shutdown.cancel();
        app.tasks.close();
        if timeout(STOP_TIMEOUT, app.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        app.db.close().await;
    }
}
