//! What all parts of a running server share.

use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    audio::files,
    auth::{password::Passwords, token::Tokens},
    config::Config,
    db::{Db, meta},
    demo::{self, faults::Faults},
    failure::Failure,
    limiter::{Buckets, Attempts},
    metrics::Metrics,
    publisher::Publisher,
    realtime::hub::Hub,
    work::Notify,
};

/// Mutations a second that a user may send for long, and how many at once.
const MUTATION_RATE: f64 = 200.0;
const MUTATION_BURST: f64 = 500.0;

/// Failed sign-ins in [`SIGN_IN_WINDOW`] for one account from one address.
const SIGN_IN_ATTEMPTS: usize = 10;
const SIGN_IN_WINDOW: Duration = Duration::from_secs(60);

/// A running server.
#[derive(Debug)]
pub struct App {
    /// How it was set up.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Epoch of all data.
    pub epoch: String,
    /// Signs realtime tokens.
    pub tokens: Tokens,
    /// Checks passwords.
    pub passwords: Passwords,
    /// Streams and connections.
    pub hub: Hub,
    /// Publishes what was committed.
    pub publisher: Publisher,
    /// Failed sign-ins by account and address.
    pub sign_in_attempts: Attempts<(String, String)>,
    /// Mutations by user.
    pub mutation_rate: Buckets<String>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Rung when there is an order to move on.
    pub orders_due: Notify,
    /// Rung when there is a download to prepare.
    pub downloads_due: Notify,
    /// Turns of making files.
    pub encoders: Semaphore,
    /// Counters.
    pub metrics: Metrics,
    /// Everything that runs beside the accept loop.
    pub tasks: TaskTracker,
    /// Cancelled when the server is to stop.
    pub shutdown: CancellationToken,
}

impl App {
    /// Opens the database and prepares everything; nothing runs yet.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn open(config: Config) -> Result<Self, Failure> {
        let db = Db::open(&config.database).await?;
        let mut tx = db.begin_write().await?;
        let epoch = meta::epoch(&mut tx, config.new_epoch).await?;
        let kept = meta::token_secret(&mut tx).await?;
        tx.commit().await?;
        let secret = config.token_secret.clone().unwrap_or(kept);
        let app = Self {
            tokens: Tokens::new(&secret),
            passwords: Passwords::new().await?,
            hub: Hub::default(),
            publisher: Publisher::default(),
            sign_in_attempts: Attempts::new(SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW),
            mutation_rate: Buckets::new(MUTATION_RATE, MUTATION_BURST),
            faults: Faults::default(),
            orders_due: Notify::default(),
            downloads_due: Notify::default(),
            encoders: Semaphore::new(files::MADE_AT_A_TIME),
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
}
