//! The server binary. It parses the command line, then starts the server or runs a command.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use dashboard_server::{
    admin,
    cli::{BeatsCommand, Cli, Command, UserCommand},
    logging::{self, AUDIT},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
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
        Some(Command::User(UserCommand::Add { email, name })) => {
            let mut password = String::new();
            io::stdin().read_line(&mut password)?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            admin::add_user(&cli.config.database, &email, &name, password).await?;
            tracing::info!(target: AUDIT, account = email, "user added by a command");
            Ok(writeln!(io::stdout(), "Added {email}")?)
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

async fn serve(cli: Cli) -> Result<(), Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind(cli.listen).await?;
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
