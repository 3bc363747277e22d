//! What waits to be written to one connection, and how the connection is to end.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use dashboard_protocol::{centrifugo::close_code, limits};
use tokio::{sync::Notify, time::Instant};

/// Bytes that may wait for a slow reader; past it the connection is closed. Centrifugo's default.
const QUEUE_BYTES_MAX: usize = limits::SERVER_FRAME_BYTES_MAX;

/// How a connection ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// With a close frame.
    Close(u16, &'static str),
    /// Without one: the TCP connection is cut.
    AbortConnection,
}

/// The writing side of one connection, shared by all who have something to say to it.
#[derive(Debug)]
pub struct ClientSender {
    /// Number of the connection, unique while the server runs.
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
    /// An outlet without anything to write.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self {
            id,
            state: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Queues a frame. A reader that is too slow for what is queued is closed with 3008, and its queue let go.
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

    /// Takes the next frame, unless the connection is silent.
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

    /// Ends the connection `after` from now, or earlier if it was to end earlier.
    pub fn end(&self, end: End, after: Duration) {
        let at = Instant::now() + after;
        let mut state = self.state();
        if state.end.is_none_or(|(earlier, _)| at < earlier) {
            state.end = Some((at, end));
        }
        drop(state);
        self.wake.notify_one();
    }

    /// How and when the connection is to end.
    #[must_use]
    pub fn ending(&self) -> Option<(Instant, End)> {
        self.state().end
    }

    /// Whether the connection has to end now.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ending().is_some_and(|(at, _)| at <= Instant::now())
    }

    /// Holds all that is to be written until then; `None` lets it go.
    pub fn silence(&self, until: Option<Instant>) {
        self.state().silent_until = until;
        self.wake.notify_one();
    }

    /// Until when nothing is to be written, if that lies ahead.
    #[must_use]
    pub fn silent_until(&self) -> Option<Instant> {
        self.state()
            .silent_until
            .filter(|until| *until > Instant::now())
    }

    /// Waits until something was queued or changed.
    pub async fn woken(&self) {
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
    async fn a_queue_is_kept_up_to_its_limit_and_closed_one_byte_past() {
        let sender = ClientSender::new(1);
        sender.push("x".repeat(QUEUE_BYTES_MAX).into());
        assert!(!sender.has_ended());
        sender.push("y".into());
        assert_eq!(
            sender.ending().map(|(_, end)| end),
            Some(End::Close(close_code::SLOW, "slow"))
        );
        assert!(sender.take().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_outlet_keeps_its_frames_until_the_silence_ends() {
        let sender = ClientSender::new(1);
        sender.silence(Some(Instant::now() + Duration::from_secs(30)));
        sender.push("later".into());
        assert!(sender.take().is_none());
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(sender.take().as_deref(), Some("later"));
    }
}
