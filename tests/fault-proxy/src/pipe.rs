//! One direction of a connection: what comes in goes out as the fault in force allows.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::frames::Frames;
use crate::order::{Fault, Kind, Rules};

/// Most bytes that wait in one direction; past it the sender has to wait.
const QUEUE_BYTES_MAX: usize = 1024 * 1024;
/// How often a throttled direction lets something through.
const TICK: Duration = Duration::from_millis(50);
const TICKS_PER_S: u64 = 20;

/// Why a connection ends before both of its ends have closed it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// It is reset, by an end or by a fault.
    Reset,
    /// It is cut in the middle of a frame.
    Cut,
}

/// What both directions of a connection obey.
#[derive(Debug)]
pub(crate) struct Gate {
    rules: watch::Receiver<Rules>,
    born: u64,
    kind: Kind,
    /// Whether a byte was swallowed: nothing passes from then on.
    dead: AtomicBool,
}

impl Gate {
    pub(crate) const fn new(rules: watch::Receiver<Rules>, born: u64, kind: Kind) -> Self {
        Self {
            rules,
            born,
            kind,
            dead: AtomicBool::new(false),
        }
    }

    /// What happens to the connection now.
    pub(crate) fn fault(&self) -> Fault {
        self.rules.borrow().fault_for(self.born, self.kind)
    }

    /// Whether the connection is to be reset now.
    pub(crate) fn resets(&self) -> bool {
        resets(self.fault())
    }

    /// Comes back once a later order than that of its birth resets the connection, or the proxy is gone.
    pub(crate) async fn until_reset(&self) {
        let mut rules = self.rules.clone();
        // The end of the proxy is an error, and ends its connections.
        let _ = rules
            .wait_for(|rules| {
                rules.number > self.born && resets(rules.fault_for(self.born, self.kind))
            })
            .await;
    }

    /// Whether bytes are swallowed now.
    pub(crate) fn swallows(&self) -> bool {
        if self.fault() == Fault::BlackHole {
            self.dead.store(true, Ordering::Relaxed);
        }
        self.dead.load(Ordering::Relaxed)
    }
}

const fn resets(fault: Fault) -> bool {
    matches!(fault, Fault::Refuse | Fault::Reset)
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Pipe<'a> {
    gate: &'a Gate,
    from: ReadHalf<'a>,
    to: WriteHalf<'a>,
    /// What waits, each with the time when it may pass.
    queue: VecDeque<(Instant, Vec<u8>)>,
    waiting_bytes: usize,
    /// Where frames begin, if these are the frames that can be cut.
    frames: Option<Frames>,
}

impl<'a> Pipe<'a> {
    pub(crate) fn new(gate: &'a Gate, from: ReadHalf<'a>, to: WriteHalf<'a>) -> Self {
        Self {
            gate,
            from,
            to,
            queue: VecDeque::new(),
            waiting_bytes: 0,
            frames: None,
        }
    }

    /// The same, for what a server says over a websocket.
    pub(crate) fn with_frames(self) -> Self {
        Self {
            frames: Some(Frames::new()),
            ..self
        }
    }

    /// Takes bytes that have come.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        if self.gate.swallows() {
            return;
        }
        let delay = match self.gate.fault() {
            Fault::Latency(delay) => delay,
            _ => Duration::ZERO,
        };
        // Nothing overtakes what came before it.
        let after = self.queue.back().map(|(due, _)| *due);
        let due = after.into_iter().fold(Instant::now() + delay, Instant::max);
        self.queue.push_back((due, bytes.to_vec()));
        self.waiting_bytes += bytes.len();
    }

    /// Passes bytes on until the sender has closed its side and everything has passed.
    pub(crate) async fn run(mut self) -> Result<(), End> {
        let mut buffer = vec![0; 16 * 1024];
        let mut has_ended = false;
        loop {
            let due = self.queue.front().map(|(due, _)| *due);
            tokio::select! {
                read = self.from.read(&mut buffer), if !has_ended && self.waiting_bytes < QUEUE_BYTES_MAX => {
                    match read {
                        Ok(0) => has_ended = true,
                        Ok(count) => self.take(&buffer[..count]),
                        // A reset does not get through a black hole either.
                        Err(_) if self.gate.swallows() => has_ended = true,
                        Err(_) => return Err(End::Reset),
                    }
                }
                () = until(due), if due.is_some() => self.release().await?,
                else => break,
            }
        }
        if !self.gate.swallows() {
            // Fails only if the receiver has gone, which its own direction notices.
            let _ = self.to.shutdown().await;
        }
        Ok(())
    }

    /// Lets the first of what waits pass, or as much of it as may pass now.
    async fn release(&mut self) -> Result<(), End> {
        let Some((_, mut bytes)) = self.queue.pop_front() else {
            return Ok(());
        };
        self.waiting_bytes -= bytes.len();
        if bytes.is_empty() || self.gate.swallows() {
            return Ok(());
        }
        let fault = self.gate.fault();
        if let Fault::Slow { bytes_per_s } = fault {
            let share = usize::try_from(bytes_per_s / TICKS_PER_S).unwrap_or(usize::MAX);
            let rest = bytes.split_off(share.clamp(1, bytes.len()));
            self.put_back(rest);
        }
        let cut_after = match fault {
            Fault::Cut { bytes } => Some(bytes),
            _ => None,
        };
        let passing = self
            .frames
            .as_mut()
            .map_or(bytes.len(), |frames| frames.follow(&bytes, cut_after));
        let sent = self.to.write_all(&bytes[..passing]).await;
        if passing < bytes.len() {
            return Err(End::Cut);
        }
        sent.map_err(|_| End::Reset)
    }

    fn put_back(&mut self, rest: Vec<u8>) {
        self.waiting_bytes += rest.len();
        // Also after the last piece the direction rests, so that small pieces keep the rate too.
        self.queue.push_front((Instant::now() + TICK, rest));
    }
}

/// Waits for a time; for ever if there is none.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
