//! How the server is set up: the command line turned into values, and the times that only tests change.

use std::{path::PathBuf, time::Duration};

/// All that a running server has to be told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The SQLite file; made if it is missing.
    pub database: PathBuf,
    /// The built application, if this process serves it.
    pub dist: Option<PathBuf>,
    /// Origins besides the server's own whose pages may call.
    pub allow_origins: Vec<String>,
    /// Whether there are demo accounts, a catalog, the simulator and fault controls.
    pub demo: bool,
    /// Whether the data get a new epoch, as they must after a restore.
    pub new_epoch: bool,
    /// How long an order stays in each of its steps.
    pub order_step: Duration,
    /// How long it takes to prepare a download.
    pub download_time: Duration,
    /// Secret that signs realtime tokens; one in the database if none is given.
    pub token_secret: Option<String>,
    /// Whether the public address is https, whatever the proxy says.
    pub https: bool,
    /// Whether `X-Forwarded-For` is to be believed.
    pub trust_proxy: bool,
    /// Most TCP connections at a time.
    pub connections_max: usize,
    /// Most websockets of one user at a time.
    pub sockets_per_user_max: usize,
    /// Times of the websocket protocol.
    pub realtime: RealtimeTimes,
}

/// Times of the websocket protocol. The defaults are Centrifugo's.
#[derive(Clone, Copy, Debug)]
pub struct RealtimeTimes {
    /// Between two pings; the first comes at a random moment in the second half of the first interval.
    pub ping: Duration,
    /// How long the answer to a ping may take.
    pub pong: Duration,
    /// How long a connection may go without a `connect` command.
    pub stale: Duration,
    /// How long a frame may take to be written.
    pub write: Duration,
    /// How long after its end a token may still be replaced.
    pub expiry_grace: Duration,
    /// How far apart the sockets are closed at a shutdown.
    pub shutdown_spread: Duration,
}

impl Default for RealtimeTimes {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(25),
            pong: Duration::from_secs(8),
            stale: Duration::from_secs(10),
            write: Duration::from_secs(10),
            expiry_grace: Duration::from_secs(25),
            shutdown_spread: Duration::from_secs(2),
        }
    }
}

impl Config {
    /// The defaults of the command line over one database.
    #[must_use]
    pub fn new(database: impl Into<PathBuf>) -> Self {
        Self {
            database: database.into(),
            dist: None,
            allow_origins: Vec::new(),
            demo: false,
            new_epoch: false,
            order_step: Duration::from_millis(1500),
            download_time: Duration::from_secs(1),
            token_secret: None,
            https: false,
            trust_proxy: false,
            connections_max: 10_000,
            sockets_per_user_max: 100,
            realtime: RealtimeTimes::default(),
        }
    }

    /// Where prepared downloads lie: beside the database.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        let mut name = self.database.clone().into_os_string();
        name.push(".files");
        PathBuf::from(name)
    }
}
