//! The command line. What is written here is what `--help` says.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::config::Config;

/// The reference backend of the realtime dashboard: HTTP interface, realtime server (Centrifugo client protocol) and
/// the built application, in one process over one SQLite file.
///
/// Without a command it serves. An empty store is filled by `user add` and `beats import`; `--demo` brings both.
///
/// BACKUP: `sqlite3 FILE ".backup COPY"` copies the database while the server runs. RESTORE: stop the server, put the
/// copy in the database's place, remove `FILE-wal` and `FILE-shm`, and start once with `--new-epoch`: clients then
/// throw away what they know of the time after the backup. Prepared downloads lie in `FILE.files` and are made anew if
/// they are missing.
#[derive(Debug, Parser)]
#[command(name = "dashboard-server", version, verbatim_doc_comment)]
pub struct Cli {
    /// The SQLite file; made if it is missing
    #[arg(
        long,
        global = true,
        env = "DASHBOARD_DATABASE",
        default_value = "dashboard.sqlite"
    )]
    pub database: PathBuf,

    /// How much to log: error, warn, info, debug or trace
    #[arg(long, global = true, env = "DASHBOARD_LOG", default_value = "info")]
    pub log: tracing::Level,

    /// How to serve, when no command is given.
    #[command(flatten)]
    pub serve: Serve,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags of serving.
#[derive(Args, Debug)]
pub struct Serve {
    /// Address and port to listen on
    #[arg(long, env = "DASHBOARD_LISTEN", default_value = "127.0.0.1:3001")]
    pub listen: SocketAddr,

    /// Folder of the built application; without it only the interfaces are served
    #[arg(long, env = "DASHBOARD_DIST")]
    pub dist: Option<PathBuf>,

    /// Origin whose pages may call besides the server's own, such as `http://127.0.0.1:8080`; can be repeated
    #[arg(
        long = "allow-origin",
        env = "DASHBOARD_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    pub allow_origins: Vec<String>,

    /// Demo accounts (ada@demo.test and ben@demo.test, password demo-demo-demo), a catalog, a simulator and fault
    /// controls under /api/demo
    #[arg(long, env = "DASHBOARD_DEMO")]
    pub demo: bool,

    /// Give the data a new epoch; needed once after a restore, so that clients forget what the backup does not know
    #[arg(long)]
    pub new_epoch: bool,

    /// How long an order stays in each step (pending, processing, paid), in milliseconds
    #[arg(long, env = "DASHBOARD_ORDER_STEP_MS", default_value_t = 1500)]
    pub order_step_ms: u64,

    /// Secret that signs realtime tokens (HS256); without it one is made and kept in the database
    #[arg(long, env = "DASHBOARD_TOKEN_SECRET", hide_env_values = true)]
    pub token_secret: Option<String>,

    /// The public address is https: cookies are Secure and browsers are told to insist. Also assumed for requests
    /// that a proxy marks with `X-Forwarded-Proto: https`
    #[arg(long, env = "DASHBOARD_HTTPS")]
    pub https: bool,

    /// Believe `X-Forwarded-For` of the proxy in front when limiting sign-in tries
    #[arg(long, env = "DASHBOARD_TRUST_PROXY")]
    pub trust_proxy: bool,

    /// Most TCP connections at a time; the limit of open files must be above it
    #[arg(long, env = "DASHBOARD_MAX_CONNECTIONS", default_value_t = 10_000)]
    pub max_connections: usize,

    /// Most realtime connections of one person at a time
    #[arg(
        long,
        env = "DASHBOARD_MAX_CONNECTIONS_PER_PERSON",
        default_value_t = 100
    )]
    pub max_connections_per_person: usize,
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Accounts
    User {
        /// What to do with them.
        #[command(subcommand)]
        command: UserCommand,
    },
    /// The catalog
    Beats {
        /// What to do with it.
        #[command(subcommand)]
        command: BeatsCommand,
    },
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds an account. The password is read from standard input (one line), so that it is in no process list
    Add {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// What to call the person
        #[arg(long)]
        name: String,
    },
}

/// What to do with the catalog.
#[derive(Debug, Subcommand)]
pub enum BeatsCommand {
    /// Adds the beats of a file, or changes those whose ids are known. The file holds a JSON array of
    /// {id, title, artist, genre, bpm, key, duration_ms, prices: {basic, premium, unlimited}, plays}, each price
    /// {amount, currency} with the amount in minor units and one currency for a beat
    Import {
        /// The file
        file: PathBuf,
    },
}

impl Cli {
    /// The command line as the server's configuration.
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
            sockets_per_person_max: serve.max_connections_per_person,
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
    fn defaults_are_those_of_the_configuration() {
        let cli = Cli::try_parse_from(["dashboard-server"]).expect("no flag is needed");
        assert_eq!(cli.serve.listen.to_string(), "127.0.0.1:3001");
        let config = cli.config();
        let default = Config::new("dashboard.sqlite");
        assert_eq!(format!("{config:?}"), format!("{default:?}"));
    }
}
