//! The proxy as a program: `fault-proxy --to 127.0.0.1:3001 [--listen 127.0.0.1:0]`.
//!
//! It writes `listening ADDRESS`, then answers each line of its standard input, see [`fault_proxy::Command`]. It ends
//! with its standard input, so with whoever started it.

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use fault_proxy::{Command, Hold, Order, Proxy};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, stdin, stdout};
use tokio::time::{Instant, sleep_until};

const USAGE: &str = "usage: fault-proxy --to ADDRESS [--listen ADDRESS]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fault-proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (listen, to) = addresses(std::env::args().skip(1))?;
    let proxy = Proxy::start(listen, to).await?;
    say(&format!("listening {}", proxy.address())).await?;
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match line.parse() {
            Ok(Command::Set(order, None)) => {
                proxy.set(order).await;
                "ok".to_owned()
            }
            Ok(Command::Set(order, Some(hold))) => {
                hold_on(&proxy, order, hold).await;
                "ok".to_owned()
            }
            Ok(Command::Counts) => proxy.counts().to_string(),
            Err(error) => format!("error: {error}"),
        };
        say(&answer).await?;
    }
    Ok(())
}

/// Gives an order as often and as long as it is to hold.
async fn hold_on(proxy: &Proxy, order: Order, hold: Hold) {
    let mut begins = Instant::now();
    for _ in 0..hold.times {
        sleep_until(begins).await;
        proxy.set(order).await;
        sleep_until(begins + hold.lasts).await;
        proxy.set(Order::default()).await;
        begins += hold.every;
    }
}

async fn say(line: &str) -> Result<(), Box<dyn Error>> {
    let mut out = stdout();
    out.write_all(format!("{line}\n").as_bytes()).await?;
    Ok(out.flush().await?)
}

fn addresses(
    mut words: impl Iterator<Item = String>,
) -> Result<(SocketAddr, SocketAddr), Box<dyn Error>> {
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut to = None;
    while let Some(word) = words.next() {
        let value = words.next().ok_or(USAGE)?.parse()?;
        match word.as_str() {
            "--listen" => listen = value,
            "--to" => to = Some(value),
            _ => return Err(USAGE.into()),
        }
    }
    Ok((listen, to.ok_or(USAGE)?))
}
