//! The queue of frames to one client, and the end of its connection.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use sync_protocol::{centrifugo::close_code, limits};
use tokio::{sync::Notify, time::Instant};

/// The maximum size of the queue of a slow reader, in bytes. Beyond it the server closes the connection. Centrifugo's
/// default.
const QUEUE_BYTES_MAX: usize = limits::SERVER_FRAME_BYTES_MAX;

/// How a connection ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// The server sends a close frame.
    Close(u16, &'static str),
    /// The server aborts the TCP connection without a close frame.
    AbortConnection,
}

/// The sending side of one connection.
#[derive(Debug)]
pub struct ClientSender {
    /// The number of the connection, unique while the server runs.
    pub id: u64,
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Utf8Bytes>,
    bytes: usize,
    end: Option<(Instant, End)>,
    silent_until: Option<Instant>,
}

impl ClientSender {
    /// Creates a sender with an empty queue.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self {
            id,
            state: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Queues a frame. If the queue is too large, drops it and closes the connection with 3008.
    pub fn push(&self, frame: Utf8Bytes) {
        let mut state = self.state();
        if state.end.is_some_and(|(at, _)| at <= Instant::now()) {
            return;
        }
        state.bytes += frame.len();
        state.queue.push_back(frame);
        if state.bytes > QUEUE_BYTES_MAX {
            state.queue.clear();
            state.bytes = 0;
            state.end = Some((Instant::now(), End::Close(close_code::SLOW, "slow")));
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Takes the next frame, unless the connection is silenced.
    #[must_use]
    pub fn take(&self) -> Option<Utf8Bytes> {
        let mut state = self.state();
        if state
            .silent_until
            .is_some_and(|until| until > Instant::now())
        {
            return None;
        }
        let frame = state.queue.pop_front()?;
        state.bytes -= frame.len();
        Some(frame)
    }

    /// Ends the connection `after` from now, unless it already ends earlier.
    pub fn end(&self, end: End, after: Duration) {
        let at = Instant::now() + after;
        let mut state = self.state();
        if state.end.is_none_or(|(earlier, _)| at < earlier) {
            state.end = Some((at, end));
        }
        drop(state);
        self.wake.notify_one();
    }

    /// When and how the connection ends.
    #[must_use]
    pub fn ending(&self) -> Option<(Instant, End)> {
        self.state().end
    }

    /// How the connection must end now, if it must.
    #[must_use]
    pub fn ended(&self) -> Option<End> {
        let (at, end) = self.ending()?;
        (at <= Instant::now()).then_some(end)
    }

    /// Holds all frames back until then, or releases them (`None`).
    pub fn silence(&self, until: Option<Instant>) {
        self.state().silent_until = until;
        self.wake.notify_one();
    }

    /// The end of the silence, if it is in the future.
    #[must_use]
    pub fn silent_until(&self) -> Option<Instant> {
        self.state()
            .silent_until
            .filter(|until| *until > Instant::now())
    }

    /// Waits until a frame is queued, or the end or the silence changes.
    pub async fn changed(&self) {
        self.wake.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_is_closed_one_byte_beyond_the_limit_of_its_queue() {
        let sender = ClientSender::new(1);
        sender.push("x".repeat(QUEUE_BYTES_MAX).into());
        assert_eq!(sender.ended(), None);
        sender.push("y".into());
        assert_eq!(
            sender.ending().map(|(_, end)| end),
            Some(End::Close(close_code::SLOW, "slow"))
        );
        assert!(sender.take().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_silenced_sender_keeps_its_frames_until_the_silence_ends() {
        let sender = ClientSender::new(1);
        sender.silence(Some(Instant::now() + Duration::from_secs(30)));
        sender.push("later".into());
        assert!(sender.take().is_none());
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(sender.take().as_deref(), Some("later"));
    }
}
