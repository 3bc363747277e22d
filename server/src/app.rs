//! The state that all parts of a running server share.

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    audio::files::Encoders,
    auth::{attempts::Attempts, password::Passwords, token::Tokens},
    config::Config,
    db::{Db, meta},
    demo::{self, faults::Faults},
    failure::{Failure, Result},
    http::permits::Permits,
    ids::UserId,
    limiter::{Buckets, LogThrottle},
    metrics::Metrics,
    realtime::hub::Hub,
};

/// The sustained number of mutations per second of a user, and the burst.
const MUTATION_RATE: f64 = 200.0;
const MUTATION_BURST: f64 = 500.0;

/// The mutations that a user may make over days, so that nobody fills the disk: a burst, then one per second.
const MUTATION_BUDGET_RATE: f64 = 1.0;
const MUTATION_BUDGET: f64 = 50_000.0;

/// The sustained cost of reads per second of a user, and the burst. A visit costs about 30.
const READ_RATE: f64 = 100.0;
const READ_BURST: f64 = 1000.0;

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
    /// The channels and the connections.
    pub hub: Hub,
    /// The budgets of failed sign-ins.
    pub sign_in_attempts: Attempts,
    mutation_rate: Buckets<UserId>,
    mutation_budget: Buckets<UserId>,
    read_rate: Buckets<UserId>,
    /// The injected faults of the demonstration.
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
    /// The counters.
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
            hub: Hub::default(),
            sign_in_attempts: Attempts::default(),
            mutation_rate: Buckets::new(MUTATION_RATE, MUTATION_BURST),
            mutation_budget: Buckets::new(MUTATION_BUDGET_RATE, MUTATION_BUDGET),
            read_rate: Buckets::new(READ_RATE, READ_BURST),
            faults: Faults::default(),
            encoders: Encoders::default(),
            allowed_origins: config.origins(),
            origin_log: LogThrottle::default(),
            metrics: Metrics::default(),
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            config,
            db,
            epoch,
        };
        if app.config.demo {
            demo::fill(&app).await?;
        }
        Ok(app)
    }

    /// Charges a user for mutations. Most cost 1.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn charge_mutations(&self, user_id: &UserId, cost: u32) -> Result<()> {
        // Whatever fits into a request must be possible once.
        let cost = f64::from(cost).min(MUTATION_BURST);
        self.mutation_rate
            .take(user_id.clone(), cost)
            .and_then(|()| self.mutation_budget.take(user_id.clone(), cost))
            .map_err(Failure::rate_limited)
    }

    /// Charges a user for reads. A call that reads next to nothing costs 1, a page of 50 rows too.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn charge_reads(&self, user_id: &UserId, cost: usize) -> Result<()> {
        let cost = u32::try_from(cost).map_or(READ_BURST, f64::from);
        self.read_rate
            .take(user_id.clone(), cost.min(READ_BURST))
            .map_err(Failure::rate_limited)
    }
}
