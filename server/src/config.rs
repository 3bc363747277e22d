//! The configuration of the server: the flags of the command line, with comments that are the text of `--help`, and
//! durations that only tests change.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use ipnet::IpNet;
use url::{Position, Url};

use crate::{auth::origin::Scheme, http::public_url::PublicUrl};

/// The configuration of a server.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// SQLite file; created if it does not exist
    #[arg(
        long,
        global = true,
        env = "DASHBOARD_DATABASE",
        default_value = "dashboard.sqlite"
    )]
    pub database: PathBuf,

    /// Folder of the built application; without it, only the APIs are served
    #[arg(long, env = "DASHBOARD_DIST")]
    pub dist: Option<PathBuf>,

    /// Where browsers reach the server, such as `https://shop.example` or `https://shop.example/store/`: pages of this
    /// origin may call, with https cookies are Secure and browsers get an HSTS header, and the path is taken away
    #[arg(long, env = "DASHBOARD_PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,

    /// Another origin whose pages may call the server, such as `http://127.0.0.1:8080`; can be repeated
    #[arg(
        long = "allow-origin",
        env = "DASHBOARD_ALLOW_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ',',
        value_parser = origin
    )]
    pub allow_origins: Vec<String>,

    /// Add demo accounts (ada@demo.test and ben@demo.test, password demo-demo-demo), a catalog, a simulator and fault
    /// controls under /api/demo
    #[cfg_attr(feature = "demo", arg(long, env = "DASHBOARD_DEMO"))]
    #[cfg_attr(not(feature = "demo"), arg(skip))]
    pub demo: bool,

    /// Start a new epoch; needed once after a restore, so that clients drop data that is newer than the backup;
    /// ends all sessions
    #[arg(long)]
    pub new_epoch: bool,

    /// With --demo, the time an order spends in each step (pending, processing, paid), in milliseconds
    #[arg(
        long = "order-step-ms",
        env = "DASHBOARD_ORDER_STEP_MS",
        value_name = "ORDER_STEP_MS",
        default_value = "1500",
        value_parser = milliseconds
    )]
    pub order_step: Duration,

    /// The minimum time to prepare a download.
    #[arg(skip = Duration::from_secs(1))]
    pub download_time: Duration,

    /// Secret of at least 32 bytes for signing realtime tokens (HS256); by default, one is generated and stored in the database
    #[arg(
        long,
        env = "DASHBOARD_TOKEN_SECRET",
        hide_env_values = true,
        value_parser = secret
    )]
    pub token_secret: Option<String>,

    /// Secret of at least 32 bytes that signs the payment provider's calls of /api/payments/webhook; without it, there is no such call
    #[arg(
        long,
        env = "DASHBOARD_PAYMENT_SECRET",
        hide_env_values = true,
        value_parser = secret
    )]
    pub payment_secret: Option<String>,

    /// The public address uses https: cookies are Secure and browsers get an HSTS header. Also assumed for requests
    /// with `X-Forwarded-Proto: https`
    #[arg(long, env = "DASHBOARD_HTTPS")]
    pub https: bool,

    /// Address or network of a proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, such as `127.0.0.1` or
    /// `10.0.0.0/8`; can be repeated
    #[arg(
        long = "trusted-proxy",
        env = "DASHBOARD_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Maximum number of TCP connections; must be below the limit of open files
    #[arg(
        long = "max-connections",
        env = "DASHBOARD_MAX_CONNECTIONS",
        value_name = "MAX_CONNECTIONS",
        default_value = "10000",
        value_parser = count
    )]
    pub connections_max: usize,

    /// Maximum number of HTTP connections of one address (IPv6: of one /64), or of requests at a time if a trusted proxy
    /// passes them on
    #[arg(
        long = "max-http-per-address",
        env = "DASHBOARD_MAX_HTTP_PER_ADDRESS",
        value_name = "MAX_HTTP_PER_ADDRESS",
        default_value = "1000",
        value_parser = count
    )]
    pub http_per_address_max: usize,

    /// Maximum number of realtime connections of one address (IPv6: of one /64), signed in or not
    #[arg(
        long = "max-sockets-per-address",
        env = "DASHBOARD_MAX_SOCKETS_PER_ADDRESS",
        value_name = "MAX_SOCKETS_PER_ADDRESS",
        default_value = "2000",
        value_parser = count
    )]
    pub sockets_per_address_max: usize,

    /// Maximum number of realtime connections per user
    #[arg(
        long = "max-connections-per-person",
        env = "DASHBOARD_MAX_CONNECTIONS_PER_PERSON",
        value_name = "MAX_CONNECTIONS_PER_USER",
        default_value = "100",
        value_parser = count
    )]
    pub sockets_per_user_max: usize,

    /// Address and port of the metrics (/metrics), which ask for no sign-in: keep it inside. By default, there are none
    #[arg(
        long = "admin-listen",
        env = "DASHBOARD_ADMIN_LISTEN",
        value_name = "ADDRESS",
        value_parser = address
    )]
    pub admin_listen: Option<SocketAddr>,

    /// How long a server that was asked to stop goes on while /api/ready says so, in milliseconds: as long as a balancer
    /// takes to notice
    #[arg(
        long = "drain-delay-ms",
        env = "DASHBOARD_DRAIN_DELAY_MS",
        value_name = "DRAIN_DELAY_MS",
        default_value = "0",
        value_parser = milliseconds
    )]
    pub drain_delay: Duration,

    /// How long a write may make no progress before the connection ends.
    #[arg(skip = WRITE_TIMEOUT)]
    pub write_timeout: Duration,

    /// The timeouts of the websocket protocol.
    #[arg(skip)]
    pub realtime: RealtimeTimes,
}

/// The minimum length of a secret for signing, in bytes.
const SECRET_BYTES_MIN: usize = 32;

/// The default of nginx. A player that pauses a file requests the rest again.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// An address and a port to listen on.
pub(crate) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let parsed = text.parse();
    parsed.map_err(|_| "it must be an IP address and a port, such as 127.0.0.1:3001")
}

/// An origin, which is compared byte by byte with what browsers send. Web views and extensions have schemes of their own.
fn origin(text: &str) -> Result<String, String> {
    if let Ok(url) = Url::parse(text)
        && !matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && text
            == format!(
                "{}://{}",
                url.scheme(),
                &url[Position::BeforeHost..Position::AfterPort]
            )
    {
        return Ok(text.to_owned());
    }
    let PublicUrl { origin, .. } = text.parse()?;
    if origin == text {
        return Ok(origin);
    }
    Err(format!("it must be written as browsers do: {origin}"))
}

/// A network, or an address alone.
fn network(text: &str) -> Result<IpNet, &'static str> {
    let parsed = text
        .parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    parsed.map_err(|_| "it must be an address or a network, such as 127.0.0.1 or 10.0.0.0/8")
}

/// A limit: zero would let nobody in.
fn count(text: &str) -> Result<usize, &'static str> {
    let parsed = text.parse().ok().filter(|count| *count > 0);
    parsed.ok_or("it must be a number from 1 on, such as 1000")
}

/// RFC 7518 section 3.2 asks for a key as long as the hash.
fn secret(text: &str) -> Result<String, &'static str> {
    match text.len() {
        SECRET_BYTES_MIN.. => Ok(text.to_owned()),
        _ => Err("it must have at least 32 bytes"),
    }
}

fn milliseconds(text: &str) -> Result<Duration, &'static str> {
    let parsed = text.parse().map(Duration::from_millis);
    parsed.map_err(|_| "it must be a number of milliseconds, such as 1500")
}

/// The timeouts of the websocket protocol. The defaults are those of Centrifugo, but pings come more often: clients notice a
/// dead connection soon after the first one that is missing.
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
            ping: Duration::from_secs(10),
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
            public_url: None,
            allow_origins: Vec::new(),
            demo: false,
            new_epoch: false,
            order_step: Duration::from_millis(1500),
            download_time: Duration::from_secs(1),
            token_secret: None,
            payment_secret: None,
            https: false,
            trusted_proxies: Vec::new(),
            connections_max: 10_000,
            http_per_address_max: 1_000,
            sockets_per_address_max: 2_000,
            admin_listen: None,
            drain_delay: Duration::ZERO,
            write_timeout: WRITE_TIMEOUT,
            sockets_per_user_max: 100,
            realtime: RealtimeTimes::default(),
        }
    }

    /// The scheme that browsers use, if the configuration says so.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        if self.https {
            return Some(Scheme::Https);
        }
        self.public_url.as_ref().map(|url| url.scheme)
    }

    /// The origins whose pages may call, beside that of the address that a request names.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let public = self.public_url.iter().map(|url| &url.origin);
        public.chain(&self.allow_origins).cloned().collect()
    }

    /// How long an order stays in each of its steps, in milliseconds. `None` without the demonstration: it advances
    /// when a payment provider or an operator says so.
    #[must_use]
    pub fn order_step_ms(&self) -> Option<i64> {
        let step_ms = i64::try_from(self.order_step.as_millis());
        self.demo.then(|| step_ms.unwrap_or(i64::MAX))
    }

    /// The folder of prepared downloads, beside the database.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.database.with_added_extension("files")
    }
}
