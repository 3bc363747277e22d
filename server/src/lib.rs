//! The reference backend: HTTP, the Centrifugo client protocol and SQLite in one process.
//!
//! A request goes through `http` (connections, middleware) to `api` (handlers), and from there to `mutate` and `db`
//! (rules and rows). `resources` lists what is needed for each resource and each mutation. The events of a commit go
//! from the outbox table through `publisher` to `realtime`; there is no other way. `work` advances orders and
//! downloads. `demo` fills a demonstration, simulates changes and injects faults.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};

pub mod accounts;
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
#[cfg(feature = "demo")]
pub mod demo;
pub mod failure;
pub mod http;
pub mod ids;
pub mod limiter;
pub mod logging;
pub mod metrics;
pub mod mutate;
pub mod publisher;
pub mod random;
pub mod readiness;
pub mod realtime;
pub mod resources;
pub mod work;

use app::App;
use config::Config;
use db::outbox;
use failure::{Failure, Result};

/// How long a stopping server waits for its requests and sockets to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// A running server.
#[derive(Debug)]
pub struct Running {
    app: Arc<App>,
    admin_address: Option<SocketAddr>,
    /// The application that was inside the program. Drop deletes it.
    _application: Option<TempDir>,
}

/// Opens the database, publishes the events that an earlier run has left, and starts to serve.
///
/// # Errors
/// When there is no application in the folder for it, the database cannot be opened, or the address of the metrics is taken.
pub async fn start(listener: TcpListener, mut config: Config) -> Result<Running> {
    let application = match &config.dist {
        Some(dist) => {
            http::statics::check(dist)?;
            None
        }
        None => http::embedded::unpack()?,
    };
    let unpacked = application.as_ref().map(|folder| folder.path().to_owned());
    config.dist = config.dist.or(unpacked);
    // Before the work begins, since a server that cannot listen does not start.
    let admin = match config.admin_listen {
        Some(address) => Some(listen(address, "--admin-listen").await?),
        None => None,
    };
    let app = Arc::new(App::open(config).await?);
    let mut last = 0;
    publisher::publish_outbox(&app, &mut last).await?;
    outbox::delete(&app.db, last).await?;
    work::start(&app);
    let admin_address = match admin {
        Some(listener) => {
            let address = listener.local_addr()?;
            tracing::info!(%address, "the metrics are at /metrics");
            app.tasks
                .spawn(http::admin::run(Arc::clone(&app), listener));
            Some(address)
        }
        None => None,
    };
    let listener = Arc::new(listener);
    let accept = move |app| http::accept::run(app, Arc::clone(&listener));
    work::supervise(&app, "accept", accept);
    Ok(Running {
        app,
        admin_address,
        _application: application,
    })
}

/// Listens on the address that a flag names.
///
/// # Errors
/// When the address is taken, or cannot be used.
pub async fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| {
        let why = format!("cannot listen on {address}: {error}; {flag} names another address");
        Failure::broken(why)
    })
}

impl Running {
    /// The state of the server.
    #[must_use]
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Where the metrics are, if the configuration asks for them.
    #[must_use]
    pub const fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_address
    }

    /// Stops the server: says that it is not ready and gives balancers time to notice, accepts no more connections,
    /// closes the sockets so that clients reconnect, finishes the requests and closes the database.
    pub async fn stop(self) {
        let app = self.app;
        app.readiness.stop();
        sleep(app.config.drain_delay).await;
        app.hub.shut_down(app.config.realtime.shutdown_spread);
        app.shutdown.cancel();
        app.tasks.close();
        if timeout(STOP_TIMEOUT, app.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        app.db.close().await;
    }
}
