//! The words and values that the interface reads about the connection. A screen only formats them.

use std::rc::Rc;

use crate::connection::TerminalReason;
use crate::io::ConnectionStatus;
use crate::view::ErrorView;

/// What the user is shown. Short interruptions do not show.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ShownState {
    /// First load.
    #[default]
    Starting,
    /// Everything arrives as it happens.
    Live,
    /// The connection has been gone for some seconds.
    Reconnecting,
    /// It has been gone for longer, or the user switched it off.
    Paused,
    /// Polling works, the live connection does not.
    Delayed,
    /// The device has no network.
    Offline,
    /// There is a network, but the store has not answered for a minute.
    Unreachable,
    /// The session has ended.
    SignedOut,
}

impl ShownState {
    /// The word for attributes (`data-state`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Paused => "paused",
            Self::Delayed => "delayed",
            Self::Offline => "offline",
            Self::Unreachable => "unreachable",
            Self::SignedOut => "signed-out",
        }
    }
}

/// How news arrive.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Mode {
    /// Over the live connection.
    Live,
    /// By asking every so often.
    Polling,
    /// Not at all.
    #[default]
    Offline,
}

impl Mode {
    /// The word for attributes (`data-mode`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Polling => "polling",
            Self::Offline => "offline",
        }
    }
}

/// The banner: only for what is critical.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Banner {
    /// Live updates are paused.
    Paused,
    /// The device is offline.
    Offline,
    /// The store cannot be reached.
    Unreachable,
    /// The session has ended; cannot be hidden.
    SignedOut,
    /// Live again after a banner; shown for 4 s.
    Back {
        /// Changes that were loaded since the drop.
        updates: u32,
    },
}

/// How good the link is, by its round trip.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Quality {
    /// Up to 150 ms.
    Good,
    /// Up to 400 ms.
    Fair,
    /// Beyond.
    Poor,
}

/// Everything that the interface reads about the connection. It holds no value that ticks: ages and countdowns are
/// made from its moments where they are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectionView {
    /// The session as it is.
    pub status: ConnectionStatus,
    /// What the user is shown.
    pub shown: ShownState,
    /// The banner, if there is one.
    pub banner: Option<Banner>,
    /// How news arrive.
    pub mode: Mode,
    /// Tries of this outage.
    pub attempts: u32,
    /// When the next try begins, by the engine's clock; `None` while trying or connected.
    pub retry_at_ms: Option<u64>,
    /// Whether a try is under way.
    pub attempting: bool,
    /// Whether the user switched live updates off.
    pub switched_off: bool,
    /// When there was last a connection, by the wall clock.
    pub last_connected_at_ms: Option<i64>,
    /// When the server last proved that what is on screen is right, by the wall clock: the oldest proof of all that the
    /// screen shows. `None` if nothing of it was read yet.
    pub last_heartbeat_at_ms: Option<i64>,
    /// How often polling asks, while it does.
    pub poll_interval_ms: Option<u64>,
    /// The last round trip, in milliseconds.
    pub rtt_ms: Option<u32>,
    /// How good the link is.
    pub quality: Option<Quality>,
    /// The last round trips, oldest first, at most 60.
    pub rtt_history_ms: Rc<[u32]>,
    /// Why there is no connection, if there is none.
    pub error: Option<ErrorView>,
    /// What the server meant when it said not to come back, if it did. Polling goes on.
    pub terminal: Option<TerminalReason>,
    /// Changes of the user that wait for the server.
    pub pending_changes: u32,
}

impl ConnectionView {
    /// Whether the user is offered to try at once. Where there is no live connection by setting, only while polls
    /// do not work either.
    #[must_use]
    pub const fn offers_retry(&self) -> bool {
        match self.status {
            _ if self.switched_off => false,
            ConnectionStatus::Connected => false,
            ConnectionStatus::Disconnected => matches!(
                self.shown,
                ShownState::Offline
                    | ShownState::Paused
                    | ShownState::Reconnecting
                    | ShownState::Unreachable
            ),
            ConnectionStatus::Connecting
            | ConnectionStatus::Reconnecting
            | ConnectionStatus::Error => !matches!(self.shown, ShownState::SignedOut),
        }
    }
}
