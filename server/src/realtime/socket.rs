//! One websocket: its incoming and outgoing frames and its timeouts.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use sync_protocol::centrifugo::{PING, close_code};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    client_sender::{ClientSender, End},
    connection::Connection,
};
use crate::{app::App, config::RealtimeTimes, random};

/// The close code of WebSocket for a message that is too large (RFC 6455 section 7.4.1).
const MESSAGE_TOO_BIG: u16 = 1009;

/// How long the client may take to answer a close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves a connection until it ends.
///
/// The socket is boxed, and so is the work that a waiting connection does not do: a future keeps room for each.
pub async fn serve(app: Arc<App>, socket: Box<WebSocket>) {
    let sender = app.hub.sender();
    app.metrics.sockets.increment(1);
    let mut transport = Transport {
        times: app.config.realtime,
        opened_at: Instant::now(),
        next_ping: None,
        pong_due: None,
        connection: Connection::new(Arc::clone(&app), Arc::clone(&sender)),
        sender: Arc::clone(&sender),
        socket,
    };
    let end = transport.run().await;
    app.hub.remove(sender.id);
    if let Some(End::Close(code, reason)) = end {
        tracing::debug!(connection = sender.id, code, "socket closed by the server");
        Box::pin(close(&mut transport.socket, code, reason)).await;
    }
    app.metrics.sockets_ended.increment(1);
}

struct Transport {
    socket: Box<WebSocket>,
    sender: Arc<ClientSender>,
    connection: Connection,
    times: RealtimeTimes,
    opened_at: Instant,
    next_ping: Option<Instant>,
    pong_due: Option<Instant>,
}

impl Transport {
    /// Runs until the connection ends. Returns `None` if the client has disconnected.
    async fn run(&mut self) -> Option<End> {
        loop {
            let deadline = self.next_deadline();
            let step = tokio::select! {
                message = self.socket.recv() => self.handle(message).await,
                () = self.sender.changed() => Ok(()),
                () = sleep_until(deadline) => self.check_timeouts(),
            };
            // Replies that were queued before an end are still sent.
            let written = self.write().await;
            if let Err(end) = step.and(written) {
                return end;
            }
        }
    }

    async fn handle(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<(), Option<End>> {
        match message {
            Some(Ok(Message::Text(text))) => {
                let handled = Box::pin(self.connection.handle_frame(&text)).await;
                handled.map_err(Some)?;
                if !self.connection.awaits_pong {
                    self.pong_due = None;
                }
                Ok(())
            }
            Some(Ok(Message::Binary(_))) => Err(Some(End::Close(
                close_code::BAD_REQUEST,
                "binary frames are not supported",
            ))),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(None),
            Some(Err(error)) => Err(too_big(&error)
                .then_some(End::Close(MESSAGE_TOO_BIG, "message size limit exceeded"))),
        }
    }

    /// The next time at which a timeout is due.
    fn next_deadline(&self) -> Instant {
        let (expiry, _) = self.expiry();
        let ending = self.sender.ending().map(|(at, _)| at);
        let others = [self.next_ping, self.pong_due, ending];
        let earliest = others.into_iter().flatten().fold(expiry, Instant::min);
        // Only the end of a silence is due during it.
        match (self.sender.silent_until(), self.sender.ending()) {
            (Some(_), Some((at, End::AbortConnection))) => at,
            (Some(until), _) => until,
            (None, _) => earliest,
        }
    }

    /// When and how a connection ends whose client does not authenticate, or does not do so again in time.
    fn expiry(&self) -> (Instant, End) {
        match self.connection.expires_at() {
            Some(at) => {
                let end = End::Close(close_code::EXPIRED, "expired");
                (at + self.times.expiry_grace, end)
            }
            None => {
                let end = End::Close(close_code::STALE, "stale");
                (self.opened_at + self.times.stale, end)
            }
        }
    }

    fn check_timeouts(&mut self) -> Result<(), Option<End>> {
        let now = Instant::now();
        if self.sender.silent_until().is_some() {
            return Ok(());
        }
        let (expiry, end) = self.expiry();
        if now >= expiry {
            return Err(Some(end));
        }
        if self.pong_due.is_some_and(|due| now >= due) {
            return Err(Some(End::Close(close_code::NO_PONG, "no pong")));
        }
        if self.next_ping.is_some_and(|due| now >= due) {
            self.next_ping = Some(now + self.times.ping);
            // One ping at a time, because a pong does not name its ping.
            if !self.connection.awaits_pong {
                self.sender.push(Utf8Bytes::from_static(PING));
                self.connection.awaits_pong = true;
                self.pong_due = Some(now + self.times.pong);
            }
        }
        Ok(())
    }

    /// Sends the queued frames, and ends the connection if its end is due.
    async fn write(&mut self) -> Result<(), Option<End>> {
        if self.next_ping.is_none() && self.connection.expires_at().is_some() {
            self.next_ping = Some(Instant::now() + first_ping(self.times.ping));
        }
        // Drain again after each flush, which may have consumed the notification of a new frame.
        while self.drain().await? {
            let flushed = self.socket.flush();
            in_time(self.times.write, &self.sender, flushed).await?;
        }
        match self.sender.ended() {
            Some(End::Close(..)) if self.sender.silent_until().is_some() => Ok(()),
            Some(end) => Err(Some(end)),
            None => Ok(()),
        }
    }

    /// Passes the queued frames to the socket. Returns whether there were any.
    async fn drain(&mut self) -> Result<bool, Option<End>> {
        let mut any = false;
        while self.sender.ended().is_none()
            && let Some(frame) = self.sender.take()
        {
            any = true;
            let written = self.socket.feed(Message::Text(frame));
            in_time(self.times.write, &self.sender, written).await?;
        }
        Ok(any)
    }
}

/// Waits for a write, at most for the time limit or until the connection ends.
async fn in_time(
    limit: Duration,
    sender: &ClientSender,
    write: impl Future<Output = Result<(), axum::Error>>,
) -> Result<(), Option<End>> {
    tokio::pin!(write);
    let late = Instant::now() + limit;
    loop {
        tokio::select! {
            result = &mut write => return result.map_err(|_gone| None),
            () = sender.changed() => {
                if let Some(end) = sender.ended() {
                    return Err(Some(end));
                }
            }
            () = sleep_until(late) => return Err(None),
        }
    }
}

/// The delay of the first ping: a random time in the second half of the interval, so that connections which start
/// together do not get their pings together.
fn first_ping(interval: Duration) -> Duration {
    let half = interval / 2;
    let half_ms = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half + Duration::from_millis(random::below(half_ms))
}

fn too_big(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.to_string().contains("too long"))
}

/// Sends a close frame and waits shortly for the answer, so that the frame is not lost with the connection.
async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    let closing = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // The connection ends now, with or without an answer.
    let _: Result<(), _> = timeout(CLOSE_TIMEOUT, closing).await;
}
