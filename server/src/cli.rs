//! The command line. The comments of fields and commands are the text of `--help`.

use std::{convert::Infallible, env, ffi::OsStr, net::SocketAddr, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use dashboard_model::OrderStatus;

use crate::{
    config::{self, Config},
    logging::LogFormat,
};

/// The reference backend of the realtime dashboard: HTTP API, realtime server (Centrifugo client protocol) and the
/// built application, in one process with one SQLite file.
///
/// Without a command, it starts the server. Fill an empty store with `user add` and `beats import`, or use `--demo`.
///
/// BACKUP: `dashboard-server backup COPY` copies the database while the server runs, and checks the copy.
///
/// RESTORE: stop the server, replace the database with the copy, delete `FILE-wal` and `FILE-shm`, and start the server
/// once with `--new-epoch`, so that clients drop everything they learned after the backup and all users sign in again. Prepared
/// downloads are stored in `FILE.files` and are created again if they are missing.
#[derive(Debug, Parser)]
#[command(name = "dashboard-server", version, verbatim_doc_comment)]
pub struct Cli {
    /// Log level: error, warn, info, debug or trace
    #[arg(long, global = true, env = "DASHBOARD_LOG", default_value = "info")]
    pub log: tracing::Level,

    /// Form of the log
    #[arg(
        long,
        global = true,
        env = "DASHBOARD_LOG_FORMAT",
        value_enum,
        default_value_t
    )]
    pub log_format: LogFormat,

    /// Address and port to listen on
    #[arg(
        long,
        env = "DASHBOARD_LISTEN",
        default_value = "127.0.0.1:3001",
        value_parser = config::address
    )]
    pub listen: SocketAddr,

    #[arg(
        long,
        env = "DASHBOARD_TRUST_PROXY",
        hide = true,
        num_args = 0..=1,
        default_missing_value = "",
        value_parser = removed
    )]
    trust_proxy: Option<Infallible>,

    /// The configuration of the server.
    #[command(flatten)]
    pub config: Config,

    /// A command to run instead of the server.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// The command line of this process. Ends the process if it is wrong. A variable of the environment without a value is
    /// one that is not set, as env files mean it.
    #[must_use]
    pub fn from_process() -> Self {
        let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
        let command = Self::command().mut_args(|arg| match arg.get_env() {
            Some(name) if is_empty(name) => arg.env(None::<&str>),
            _ => arg,
        });
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

/// Stops a server whose operator relies on a flag that is gone.
fn removed(_: &str) -> Result<Infallible, &'static str> {
    Err(
        "it trusted every caller: name your proxies with --trusted-proxy, such as --trusted-proxy 127.0.0.1",
    )
}

/// A command to run instead of the server.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Manages accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Manages sessions
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Copies the database into a new file, also while a server runs, and checks the copy
    Backup {
        /// The new file
        file: PathBuf,
    },
    /// Manages the catalog
    #[command(subcommand)]
    Beats(BeatsCommand),
    /// Moves orders, as the webhook of a payment provider does; a running server tells the customer
    Order {
        /// What happened to the order
        action: OrderAction,
        /// Number of the order, such as BL-100001
        number: String,
    },
}

/// What an operator does to an order.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum OrderAction {
    /// A pending order is paid
    Pay,
    /// A paid order is completed
    Complete,
    /// A pending order is cancelled
    Cancel,
    /// A paid or completed order is refunded
    Refund,
    /// The payment of a pending order has failed
    Fail,
}

impl From<OrderAction> for OrderStatus {
    fn from(action: OrderAction) -> Self {
        match action {
            OrderAction::Pay => Self::Paid,
            OrderAction::Complete => Self::Completed,
            OrderAction::Cancel => Self::Cancelled,
            OrderAction::Refund => Self::Refunded,
            OrderAction::Fail => Self::PaymentFailed,
        }
    }
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
    /// Sets the password of an account and ends its sessions. Reads the password from standard input (one line)
    Password(Account),
    /// Ends the sessions of an account; nobody can sign in until it is enabled
    Disable(Account),
    /// Lets the user of a disabled account sign in again
    Enable(Account),
    /// Deletes an account with its data
    Delete(Account),
    /// Lists the accounts: address, name, state, when it was added, number of sessions
    List,
}

/// An account.
#[derive(Debug, Args)]
pub struct Account {
    /// Email address of the account
    #[arg(long)]
    pub email: String,
}

/// A command for sessions.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// Lists the newest hundred sessions: id, address, when it began, when it expires
    List {
        /// Only those of the account with this email address
        #[arg(long)]
        email: Option<String>,
    },
    /// Ends a session, or all of an account; a running server closes their sockets within seconds
    End(EndedSessions),
}

/// The sessions to end.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct EndedSessions {
    /// Id of a session
    #[arg(long)]
    pub id: Option<String>,
    /// Email address of an account
    #[arg(long)]
    pub email: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn trusted_proxies_are_networks_or_addresses() {
        let parse = |flags: &[&str]| Cli::try_parse_from([&["dashboard-server"], flags].concat());
        let flags = [
            "--trusted-proxy",
            "127.0.0.1",
            "--trusted-proxy",
            "10.0.0.0/8,::1",
        ];
        let trusted = parse(&flags).expect("valid").config.trusted_proxies;
        let texts: Vec<String> = trusted.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
        for wrong in [
            ["--trusted-proxy", "proxy.test"],
            ["--trusted-proxy", "10.0.0.0/33"],
        ] {
            assert!(parse(&wrong).is_err());
        }
        let removed = parse(&["--trust-proxy"]).expect_err("gone").to_string();
        assert!(removed.contains("--trusted-proxy 127.0.0.1"), "{removed}");
    }

    #[test]
    fn an_origin_is_one_that_a_browser_sends() {
        let parse = |origin: &str| {
            let cli = Cli::try_parse_from(["dashboard-server", "--allow-origin", origin]);
            cli.map(|cli| cli.config.allow_origins)
        };
        for origin in [
            "https://shop.example",
            "http://127.0.0.1:8080",
            "capacitor://localhost",
            "tauri://localhost",
            "app://localhost:3000",
            "chrome-extension://abcdefghijklmnop",
        ] {
            assert_eq!(parse(origin).expect(origin), [origin]);
        }
        for wrong in [
            "",
            "null",
            "file://",
            "http://Shop.example",
            "https://shop.example/",
            "tauri:localhost",
            "tauri://localhost/",
            "tauri://localhost?a",
            "tauri://ada@localhost",
            "Tauri://localhost",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_token_secret_has_32_bytes_and_not_one_less() {
        let parse =
            |secret: &str| Cli::try_parse_from(["dashboard-server", "--token-secret", secret]);
        assert!(parse(&"x".repeat(32)).is_ok());
        assert!(parse(&"x".repeat(31)).is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn the_defaults_are_those_of_the_configuration() {
        let cli = Cli::try_parse_from(["dashboard-server"]).expect("no flag is needed");
        assert_eq!(cli.listen.to_string(), "127.0.0.1:3001");
        let default = Config::new("dashboard.sqlite");
        assert_eq!(format!("{:?}", cli.config), format!("{default:?}"));
    }
}
