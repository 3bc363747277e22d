//! The values that the interface shows of the connection. A screen only formats them.

use std::rc::Rc;

use crate::connection::TerminalReason;
use crate::io::ConnectionStatus;
use crate::time::Now;
use crate::view::ErrorView;

/// The state that the user sees. Short interruptions do not show.
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
    /// There is a network, but the server has not answered for a minute, or something else answers in its place.
    Unreachable,
    /// The session has ended.
    SignedOut,
}

impl ShownState {
    /// The value of attributes (`data-state`).
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

/// How updates arrive.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Mode {
    /// Over the live connection.
    Live,
    /// By polling.
    Polling,
    /// Not at all.
    #[default]
    Offline,
}

impl Mode {
    /// The value of attributes (`data-mode`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Polling => "polling",
            Self::Offline => "offline",
        }
    }
}

/// The banner: only for critical states. The later variant is the worse state.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Banner {
    /// Live again after a banner; shown for 4 s.
    Back {
        /// Changes that were loaded since the drop.
        updates: u32,
    },
    /// Live updates are paused.
    Paused,
    /// The server cannot be reached.
    Unreachable,
    /// Something else answers in its place, such as a page to sign in to a network. Only a reload shows it.
    Intercepted,
    /// The device is offline.
    Offline,
    /// The session has ended; cannot be hidden.
    SignedOut,
}

/// The quality of the connection, by its round trip.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Quality {
    /// Up to 150 ms.
    Good,
    /// Up to 400 ms.
    Fair,
    /// Beyond.
    Poor,
}

/// The attempts to connect, as shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AttemptsView {
    /// Attempts of this outage.
    pub count: u32,
    /// Whether one is in flight.
    pub in_flight: bool,
    /// When the next one begins, by the engine's clock; `None` while one is in flight or connected.
    pub next_at_ms: Option<u64>,
}

/// The round trips of the connection, as shown.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RoundTripsView {
    /// The last one, in milliseconds.
    pub last_ms: Option<u32>,
    /// The quality of the connection by them.
    pub quality: Option<Quality>,
    /// The last ones, oldest first, at most 60, in milliseconds.
    pub history_ms: Rc<[u32]>,
}

/// Everything that the interface shows of the connection. It holds no value that ticks: components compute ages and
/// countdowns from its timestamps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectionView {
    /// The status of the connection.
    pub status: ConnectionStatus,
    /// The state that the user sees.
    pub shown: ShownState,
    /// The banner, if there is one.
    pub banner: Option<Banner>,
    /// How updates arrive.
    pub mode: Mode,
    /// Whether there is no live connection by setting.
    pub polls_only: bool,
    /// The attempts to connect.
    pub attempts: AttemptsView,
    /// Whether the user switched live updates off.
    pub switched_off: bool,
    /// When the data on screen were last known to match the server: the oldest time of all resources that the screen shows. `None` if none of them was read yet.
    pub last_heartbeat: Option<Now>,
    /// The interval of polling, while there is polling.
    pub poll_interval_ms: Option<u64>,
    /// The quality of the connection.
    pub round_trips: RoundTripsView,
    /// Why there is no connection, if there is none.
    pub error: Option<ErrorView>,
    /// Why the server said not to come back, if it did. Polling goes on.
    pub terminal: Option<TerminalReason>,
    /// Mutations of the user that wait for the server.
    pub pending_changes: u32,
}

impl ConnectionView {
    /// Whether to offer an attempt at once. Without a live connection by setting, only while polls fail too.
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
