//! The configuration of the server: the values of the command line, and durations that only tests change.

use std::{path::PathBuf, time::Duration};

/// The configuration of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The SQLite file. The server creates it if it does not exist.
    pub database: PathBuf,
    /// The folder of the built application, if this process serves it.
    pub dist: Option<PathBuf>,
    /// Other origins whose pages may call the server.
    pub allow_origins: Vec<String>,
    /// Whether there are demo accounts, a catalog, the simulator and fault controls.
    pub demo: bool,
    /// Whether the data get a new epoch. A restore needs one.
    pub new_epoch: bool,
    /// How long an order stays in each of its steps.
    pub order_step: Duration,
    /// The minimum time to prepare a download.
    pub download_time: Duration,
    /// The secret that signs realtime tokens. By default, the server uses the one in the database.
    pub token_secret: Option<String>,
    /// Whether the public address is https, regardless of the proxy.
    pub https: bool,
    /// Whether to trust `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// The maximum number of TCP connections.
    pub connections_max: usize,
    /// The maximum number of websockets per user.
    pub sockets_per_user_max: usize,
    /// The timeouts of the websocket protocol.
    pub realtime: RealtimeTimes,
}

/// The timeouts of the websocket protocol. The defaults are those of Centrifugo.
#[derive(Clone, Copy, Debug)]
pub struct RealtimeTimes {
    /// The interval between two pings. The first ping comes at a random time in the second half of the first
    /// interval.
    pub ping: Duration,
    /// How long a client may take to answer a ping.
    pub pong: Duration,
    /// How long a connection may stay open without a `connect` command.
    pub stale: Duration,
    /// How long the write of a frame may take.
    pub write: Duration,
    /// How long after its expiry a client may still replace a token.
    pub expiry_grace: Duration,
    /// The period over which a shutdown spreads the closing of the sockets.
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
    /// The default configuration for a database.
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

    /// How long an order stays in each of its steps, in milliseconds.
    #[must_use]
    pub fn order_step_ms(&self) -> i64 {
        i64::try_from(self.order_step.as_millis()).unwrap_or(i64::MAX)
    }

    /// The folder of prepared downloads, beside the database.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        let mut name = self.database.clone().into_os_string();
        name.push(".files");
        PathBuf::from(name)
    }
}
