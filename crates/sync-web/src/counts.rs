//! Counts of live browser resources.

use std::cell::Cell;

/// How many browser resources this application holds now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LiveCounts {
    /// Functions that JavaScript can call.
    pub closures: usize,
    /// Timeouts that have not fired.
    pub timers: usize,
    /// Requested animation frames that have not run.
    pub frames: usize,
    /// Event listeners and observers.
    pub listeners: usize,
    /// WebSockets.
    pub sockets: usize,
    /// Calls to the server.
    pub requests: usize,
    /// Channels to the other tabs.
    pub broadcasts: usize,
}

impl LiveCounts {
    /// All of them together.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.closures
            + self.timers
            + self.frames
            + self.listeners
            + self.sockets
            + self.requests
            + self.broadcasts
    }
}

thread_local! {
    static LIVE: Cell<LiveCounts> = Cell::default();
}

/// The resources that are alive now.
#[must_use]
pub fn live_counts() -> LiveCounts {
    LIVE.get()
}

/// The kinds of counted resources.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Broadcast,
    Closure,
    Frame,
    Listener,
    Request,
    Socket,
    Timer,
}

impl Kind {
    const fn slot(self, counts: &mut LiveCounts) -> &mut usize {
        match self {
            Self::Broadcast => &mut counts.broadcasts,
            Self::Closure => &mut counts.closures,
            Self::Frame => &mut counts.frames,
            Self::Listener => &mut counts.listeners,
            Self::Request => &mut counts.requests,
            Self::Socket => &mut counts.sockets,
            Self::Timer => &mut counts.timers,
        }
    }
}

/// Counts one resource from creation to drop. It is a field beside the resource.
#[derive(Debug)]
pub(super) struct Counted(Kind);

impl Counted {
    pub(super) fn new(kind: Kind) -> Self {
        let mut counts = LIVE.get();
        *kind.slot(&mut counts) += 1;
        LIVE.set(counts);
        Self(kind)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = LIVE.get();
        *self.0.slot(&mut counts) -= 1;
        LIVE.set(counts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_resources_are_no_longer_counted() {
        let timer = Counted::new(Kind::Timer);
        let sockets = [Counted::new(Kind::Socket), Counted::new(Kind::Socket)];
        assert_eq!((live_counts().timers, live_counts().sockets), (1, 2));
        drop(timer);
        drop(sockets);
        assert_eq!(live_counts().total(), 0);
    }
}
