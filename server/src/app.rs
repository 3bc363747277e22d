//! The state that all parts of a running server share.

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[cfg(feature = "demo")]
use crate::demo::{self, faults::Faults};
use crate::{
    audio::files::Encoders,
    auth::{attempts::Attempts, password::Passwords, session_cache::SessionCache, token::Tokens},
    charges::Charges,
    config::Config,
    db::{Db, meta},
    failure::Result,
    http::permits::Permits,
    limiter::LogThrottle,
    metrics::Metrics,
    readiness::Readiness,
    realtime::hub::Hub,
};

/// A running server.
#[derive(Debug)]
pub struct App {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The epoch of all data.
    pub epoch: String,
    /// Signs realtime tokens.
    pub tokens: Tokens,
    /// Checks passwords.
    pub passwords: Passwords,
    /// The sessions of the last second.
    pub sessions: SessionCache,
    /// The channels and the connections.
    pub hub: Hub,
    /// The budgets of failed sign-ins.
    pub sign_in_attempts: Attempts,
    /// What users have cost.
    pub charges: Charges,
    /// The injected faults of the demonstration.
    #[cfg(feature = "demo")]
    pub faults: Faults,
    /// Encode the files of downloads.
    pub encoders: Encoders,
    /// Permits for TCP connections of any kind.
    pub connection_permits: Arc<Permits>,
    /// Permits for HTTP connections, and for requests behind a trusted proxy.
    pub http_permits: Arc<Permits>,
    /// Permits for websockets. A tenth of the connections is left for HTTP.
    pub socket_permits: Arc<Permits>,
    /// The origins whose pages may call, beside the server's own.
    pub allowed_origins: Vec<String>,
    /// Limits how often a rejected origin is logged.
    pub origin_log: LogThrottle,
    /// Whether the server can do its work.
    pub readiness: Readiness,
    /// The metrics.
    pub metrics: Metrics,
    /// All running tasks.
    pub tasks: TaskTracker,
    /// Cancelled when the server has to stop.
    pub shutdown: CancellationToken,
}

impl App {
    /// Opens the database and creates the state. Starts no task.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn open(config: Config) -> Result<Self> {
        let db = Db::open(&config.database).await?;
        let mut tx = db.begin_write().await?;
        let epoch = meta::epoch(&mut tx, config.new_epoch).await?;
        if config.new_epoch {
            // Sessions that ended after the backup would be back.
            sqlx::query("DELETE FROM sessions")
                .execute(&mut *tx)
                .await?;
        }
        let stored_secret = meta::token_secret(&mut tx).await?;
        tx.commit().await?;
        let secret = config.token_secret.clone().unwrap_or(stored_secret);
        let all_max = config.connections_max;
        let app = Self {
            connection_permits: Permits::new("--max-connections", all_max, all_max),
            http_permits: Permits::new(
                "--max-http-per-address",
                usize::MAX,
                config.http_per_address_max,
            ),
            socket_permits: Permits::new(
                "--max-sockets-per-address",
                all_max - all_max / 10,
                config.sockets_per_address_max,
            ),
            tokens: Tokens::new(&secret),
            passwords: Passwords::new()?,
            sessions: SessionCache::default(),
            hub: Hub::default(),
            sign_in_attempts: Attempts::default(),
            charges: Charges::default(),
            #[cfg(feature = "demo")]
            faults: Faults::default(),
            encoders: Encoders::default(),
            allowed_origins: config.origins(),
            origin_log: LogThrottle::default(),
            readiness: Readiness::default(),
            metrics: Metrics::new()?,
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            config,
            db,
            epoch,
        };
        app.db.writer().measure(app.metrics.commits.clone());
        #[cfg(feature = "demo")]
        if app.config.demo {
            demo::fill(&app).await?;
        }
        Ok(app)
    }
}
