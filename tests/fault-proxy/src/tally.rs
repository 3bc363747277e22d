//! How many connections there were and are.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Connections of a proxy, counted since its start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Connections that were accepted.
    pub accepted: u64,
    /// Those of them that are open.
    pub open: u64,
    /// Those of them that asked to be a websocket.
    pub websockets: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accepted,
            open,
            websockets,
        } = self;
        write!(f, "accepted {accepted} open {open} websockets {websockets}")
    }
}

/// Keeps the counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    accepted: AtomicU64,
    ended: AtomicU64,
    websockets: AtomicU64,
}

impl Tally {
    /// Counts a connection, from now until the drop of what is returned.
    pub(crate) fn accepted(self: &Arc<Self>) -> Open {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }

    pub(crate) fn counts(&self) -> Counts {
        let ended = self.ended.load(Ordering::Relaxed);
        let accepted = self.accepted.load(Ordering::Relaxed);
        Counts {
            accepted,
            open: accepted.saturating_sub(ended),
            websockets: self.websockets.load(Ordering::Relaxed),
        }
    }
}

/// One connection that is open.
#[derive(Debug)]
pub(crate) struct Open(Arc<Tally>);

impl Open {
    /// It turned out to be a websocket.
    pub(crate) fn is_websocket(&self) {
        self.0.websockets.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}
