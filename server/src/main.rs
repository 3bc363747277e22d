//! The server binary. It parses the command line, then starts the server or runs a command.

use std::{
    error::Error,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use dashboard_server::{
    accounts::{self, Change},
    admin,
    cli::{Account, BeatsCommand, Cli, Command, EndedSessions, SessionsCommand, UserCommand},
    db::backup::backup,
    listen,
    logging::{self, AUDIT},
};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::from_process();
    let logging = logging::start(cli.log, cli.log_format);
    let ran = match logging {
        Ok(()) => run(cli).await,
        Err(error) => Err(error.into()),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(mut cli: Cli) -> Result<(), Box<dyn Error + Send + Sync>> {
    match cli.command.take() {
        None => serve(cli).await,
        Some(Command::User(command)) => user(&cli.config.database, command).await,
        Some(Command::Sessions(command)) => sessions(&cli.config.database, command).await,
        Some(Command::Backup { file }) => {
            backup(&cli.config.database, &file).await?;
            Ok(writeln!(io::stdout(), "Wrote {}", file.display())?)
        }
        Some(Command::Beats(BeatsCommand::Import { file })) => {
            let count = admin::import_beats(&cli.config.database, &file).await?;
            Ok(writeln!(io::stdout(), "Imported {count} beats")?)
        }
        Some(Command::Order { action, number }) => {
            admin::move_order(&cli.config.database, &number, action.into()).await?;
            Ok(writeln!(io::stdout(), "Moved {number}")?)
        }
    }
}

async fn user(database: &Path, command: UserCommand) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (email, change, done) = match command {
        UserCommand::Add { email, name } => {
            admin::add_user(database, &email, &name, read_password()?).await?;
            tracing::info!(target: AUDIT, account = email, "Added by a command");
            return Ok(writeln!(io::stdout(), "Added {email}")?);
        }
        UserCommand::List => return print(&accounts::users(database).await?),
        UserCommand::Password(Account { email }) => (
            email,
            Change::Password(read_password()?),
            "Changed the password of",
        ),
        UserCommand::Disable(Account { email }) => (email, Change::Disable, "Disabled"),
        UserCommand::Enable(Account { email }) => (email, Change::Enable, "Enabled"),
        UserCommand::Delete(Account { email }) => (email, Change::Delete, "Deleted"),
    };
    changed(database, &email, change, done).await
}

async fn sessions(
    database: &Path,
    command: SessionsCommand,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    match command {
        SessionsCommand::List { email } => {
            print(&accounts::sessions(database, email.as_deref()).await?)
        }
        SessionsCommand::End(EndedSessions {
            email: Some(email), ..
        }) => {
            changed(
                database,
                &email,
                Change::EndSessions,
                "Ended the sessions of",
            )
            .await
        }
        SessionsCommand::End(EndedSessions { id, .. }) => {
            let id = id.unwrap_or_default();
            accounts::end_session(database, &id).await?;
            tracing::info!(target: AUDIT, session = id, "Ended by a command");
            Ok(writeln!(io::stdout(), "Ended {id}")?)
        }
    }
}

async fn changed(
    database: &Path,
    email: &str,
    change: Change,
    done: &str,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    accounts::change(database, email, change).await?;
    tracing::info!(target: AUDIT, account = email, "{done} by a command");
    Ok(writeln!(io::stdout(), "{done} {email}")?)
}

fn read_password() -> io::Result<String> {
    let mut password = String::new();
    io::stdin().read_line(&mut password)?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

fn print(lines: &[String]) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

async fn serve(cli: Cli) -> Result<(), Box<dyn Error + Send + Sync>> {
    let listener = listen(cli.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let running = dashboard_server::start(listener, cli.config).await?;
    // Scripts wait for this line.
    writeln!(io::stdout(), "listening on http://{address}")?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}
