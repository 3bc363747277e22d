//! The reference backend: HTTP, the Centrifugo client protocol and SQLite in one process.
//!
//! A request goes `http` (connections, guards) → `api` (reads and answers) → `mutate` and `db` (rules and rows). What
//! a commit did goes from the outbox table through `publisher` to `realtime`, never another way. `work` moves orders
//! and downloads on; `demo` fills and disturbs a demonstration.

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, time::timeout};

pub mod admin;
pub mod api;
pub mod app;
pub mod audio;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod failure;
pub mod http;
pub mod limiter;
pub mod metrics;
pub mod mutate;
pub mod publisher;
pub mod random;
pub mod realtime;
pub mod work;

use app::App;
use config::Config;
use failure::Failure;

/// How long the end of the last requests and sockets is waited for.
const STOP_WAIT: Duration = Duration::from_secs(8);

/// A server that serves.
#[derive(Debug)]
pub struct Running {
    app: Arc<App>,
}

/// Opens the database, publishes what an earlier run has left, and begins to serve.
///
/// # Errors
/// When the database cannot be opened.
pub async fn start(listener: TcpListener, config: Config) -> Result<Running, Failure> {
    let app = Arc::new(App::open(config).await?);
    publisher::publish_waiting(&app, &mut 0).await?;
    work::start(&app);
    let serving = Arc::clone(&app);
    app.tasks
        .spawn(async move { http::accept::run(&serving, listener).await });
    Ok(Running { app })
}

impl Running {
    /// The running server.
    #[must_use]
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stops: no new connections, sockets are told to come back, requests are finished, the database is closed.
    pub async fn stop(self) {
        let app = self.app;
        app.hub.shut_down(app.config.realtime.shutdown_spread);
        app.shutdown.cancel();
        app.tasks.close();
        if timeout(STOP_WAIT, app.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        app.db.close().await;
    }
}
