//! The command line. The comments of fields and commands are the text of `--help`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// The reference backend of the realtime dashboard: HTTP API, realtime server (Centrifugo client protocol) and the
/// built application, in one process with one SQLite file.
///
/// Without a command, it starts the server. Fill an empty store with `user add` and `beats import`, or use `--demo`.
///
/// BACKUP: `sqlite3 FILE ".backup COPY"` copies the database while the server runs.
///
/// RESTORE: stop the server, replace the database with the copy, delete `FILE-wal` and `FILE-shm`, and start the server
/// once with `--new-epoch`, so that clients drop everything they learned after the backup. Prepared downloads are stored
/// in `FILE.files` and are created again if they are missing.
#[derive(Debug, Parser)]
#[command(name = "dashboard-server", version, verbatim_doc_comment)]
pub struct Cli {
    /// SQLite file; created if it does not exist
    #[arg(
        long,
        global = true,
        env = "DASHBOARD_DATABASE",
        default_value = "dashboard.sqlite"
    )]
    pub database: PathBuf,

    /// Log level: error, warn, info, debug or trace
    #[arg(long, global = true, env = "DASHBOARD_LOG", default_value = "info")]
    pub log: tracing::Level,

    /// The flags of the server.
    #[command(flatten)]
    pub serve: Serve,

    /// A command to run instead of the server.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The flags of the server.
#[derive(Args, Debug)]
pub struct Serve {
    /// Address and port to listen on
    #[arg(long, env = "DASHBOARD_LISTEN", default_value = "127.0.0.1:3001")]
    pub listen: SocketAddr,

    /// Folder of the built application; without it, only the APIs are served
    #[arg(long, env = "DASHBOARD_DIST")]
    pub dist: Option<PathBuf>,

    /// Another origin whose pages may call the server, such as `http://127.0.0.1:8080`; can be repeated
    #[arg(
        long = "allow-origin",
        env = "DASHBOARD_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    pub allow_origins: Vec<String>,

    /// Add demo accounts (ada@demo.test and ben@demo.test, password demo-demo-demo), a catalog, a simulator and fault
    /// controls under /api/demo
    #[arg(long, env = "DASHBOARD_DEMO")]
    pub demo: bool,

    /// Start a new epoch; needed once after a restore, so that clients drop data that is newer than the backup
    #[arg(long)]
    pub new_epoch: bool,

    /// Time an order spends in each step (pending, processing, paid), in milliseconds
    #[arg(long, env = "DASHBOARD_ORDER_STEP_MS", default_value_t = 1500)]
    pub order_step_ms: u64,

    /// Secret for signing realtime tokens (HS256); by default, one is generated and stored in the database
    #[arg(long, env = "DASHBOARD_TOKEN_SECRET", hide_env_values = true)]
    pub token_secret: Option<String>,

    /// The public address uses https: cookies are Secure and browsers get an HSTS header. Also assumed for requests
    /// with `X-Forwarded-Proto: https`
    #[arg(long, env = "DASHBOARD_HTTPS")]
    pub https: bool,

    /// Trust `X-Forwarded-For` from the proxy when limiting sign-in attempts
    #[arg(long, env = "DASHBOARD_TRUST_PROXY")]
    pub trust_proxy: bool,

    /// Maximum number of TCP connections; must be below the limit of open files
    #[arg(long, env = "DASHBOARD_MAX_CONNECTIONS", default_value_t = 10_000)]
    pub max_connections: usize,

    /// Maximum number of realtime connections per user
    #[arg(
        long = "max-connections-per-person",
        env = "DASHBOARD_MAX_CONNECTIONS_PER_PERSON",
        default_value_t = 100
    )]
    pub max_connections_per_user: usize,
}

/// A command to run instead of the server.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Manages accounts
    User {
        /// The command.
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manages the catalog
    Beats {
        /// The command.
        #[command(subcommand)]
        command: BeatsCommand,
    },
}

/// A command for accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds an account. Reads the password from standard input (one line), to keep it out of the process list
    Add {
        /// Email address to sign in with
        #[arg(long)]
        email: String,
        /// Name of the user
        #[arg(long)]
        name: String,
    },
}

/// A command for the catalog.
#[derive(Debug, Subcommand)]
pub enum BeatsCommand {
    /// Imports beats from a file; beats with a known id are updated. The file contains a JSON array of
    /// {id, title, artist, genre, bpm, key, duration_ms, prices: {basic, premium, unlimited}, plays}, each price
    /// {amount, currency} with the amount in minor units and one currency per beat
    Import {
        /// JSON file
        file: PathBuf,
    },
}

impl Cli {
    /// Converts the command line to the configuration of the server.
    #[must_use]
    pub fn config(self) -> Config {
        let serve = self.serve;
        Config {
            dist: serve.dist,
            allow_origins: serve.allow_origins,
            demo: serve.demo,
            new_epoch: serve.new_epoch,
            order_step: Duration::from_millis(serve.order_step_ms),
            token_secret: serve.token_secret,
            https: serve.https,
            trust_proxy: serve.trust_proxy,
            connections_max: serve.max_connections,
            sockets_per_user_max: serve.max_connections_per_user,
            ..Config::new(self.database)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_configuration() {
        let cli = Cli::try_parse_from(["dashboard-server"]).expect("no flag is needed");
        assert_eq!(cli.serve.listen.to_string(), "127.0.0.1:3001");
        let config = cli.config();
        let default = Config::new("dashboard.sqlite");
        assert_eq!(format!("{config:?}"), format!("{default:?}"));
    }
}
