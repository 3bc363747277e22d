//! The state of the connection, as one value that carries only the data of that state.

use super::fault::ConnectionFault;
use crate::status::ConnectionStatus;
use crate::time::Now;

/// The state of the connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// No connection, and none is wanted.
    Disconnected {
        /// Why none is wanted.
        why: OffReason,
    },
    /// The first connection is being made.
    Connecting {
        /// Number of the attempt, from 1.
        attempt: u32,
    },
    /// The server accepted the connection.
    Connected {
        /// Since when.
        since: Now,
        /// The last round trip, in milliseconds, once one was measured.
        rtt_ms: Option<u32>,
    },
    /// A connection, or the first attempt for one, was lost and is made again.
    Reconnecting {
        /// Attempts begun in this outage.
        attempt: u32,
        /// When the next one begins, by the engine's clock; `None` while one is in flight.
        retry_at: Option<u64>,
        /// Why the last one ended.
        why: Cause,
    },
    /// Stopped: for good until somebody acts, or suspended.
    Error {
        /// Which of the two, and why.
        why: ConnectionFault,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Disconnected {
            why: OffReason::SignedOut,
        }
    }
}

impl State {
    /// Why no connection is wanted, if none is.
    #[must_use]
    pub const fn off_reason(&self) -> Option<OffReason> {
        match self {
            Self::Disconnected { why } => Some(*why),
            _ => None,
        }
    }

    /// The last round trip, in milliseconds; 0 if none was measured.
    pub(super) const fn rtt_ms(&self) -> u32 {
        match self {
            Self::Connected {
                rtt_ms: Some(rtt_ms),
                ..
            } => *rtt_ms,
            _ => 0,
        }
    }

    /// The status that the interface shows.
    #[must_use]
    pub const fn status(&self) -> ConnectionStatus {
        match self {
            Self::Disconnected { .. } => ConnectionStatus::Disconnected,
            Self::Connecting { .. } => ConnectionStatus::Connecting,
            Self::Connected { .. } => ConnectionStatus::Connected,
            Self::Reconnecting { .. } => ConnectionStatus::Reconnecting,
            Self::Error { .. } => ConnectionStatus::Error,
        }
    }

    /// Whether an attempt is in flight.
    #[must_use]
    pub const fn is_attempting(&self) -> bool {
        matches!(
            self,
            Self::Connecting { .. } | Self::Reconnecting { retry_at: None, .. }
        )
    }

    /// Whether attempts are suspended.
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        matches!(
            self,
            Self::Error {
                why: ConnectionFault::Suspended { .. }
            }
        )
    }
}

/// Why no connection is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OffReason {
    /// The settings say that there is no live connection.
    Disabled,
    /// The server said 401: the user's session is over.
    SessionEnded,
    /// Nobody is signed in.
    SignedOut,
    /// The user switched live updates off.
    SwitchedOff,
}

/// Why a connection, or an attempt for one, ended. For logs, never shown to a user as it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cause {
    /// The close or error code as the server gave it, or one of [`cause_code`].
    pub code: u32,
    /// As text, at most [`CAUSE_BYTES_MAX`] bytes.
    pub reason: String,
}

/// Longest reason that is kept, in bytes. A close frame has room for 123 (RFC 6455 section 5.5).
pub const CAUSE_BYTES_MAX: usize = 128;

impl Cause {
    /// A cause; a longer reason is cut.
    #[must_use]
    pub fn new(code: u32, reason: &str) -> Self {
        let end = reason.floor_char_boundary(CAUSE_BYTES_MAX);
        Self {
            code,
            reason: reason[..end].to_owned(),
        }
    }
}

/// Codes of causes on the client's side. As far as they exist there, those of the official JavaScript client.
pub mod cause_code {
    /// Somebody asked for it.
    pub const CALLED: u32 = 0;
    /// The socket closed without a code, or could not be opened.
    pub const TRANSPORT_CLOSED: u32 = 1;
    /// The connection was silent for too long.
    pub const NO_PING: u32 = 2;
    /// A command was not answered in time.
    pub const COMMAND_TIMEOUT: u32 = 3;
    /// The socket did not open, or the server did not accept the connection, in time.
    pub const CONNECT_TIMEOUT: u32 = 4;
    /// The probe after a wake signal was not answered.
    pub const NO_ANSWER: u32 = 5;
    /// There was no token to connect with.
    pub const NO_TOKEN: u32 = 6;
    /// The server sent something that makes no sense here.
    pub const BAD_PROTOCOL: u32 = 7;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let long = "ä".repeat(CAUSE_BYTES_MAX);
        let cause = Cause::new(1, &long[..]);
        assert_eq!(cause.reason.len(), CAUSE_BYTES_MAX);
        let odd = format!("x{long}");
        assert_eq!(Cause::new(1, &odd).reason.len(), CAUSE_BYTES_MAX - 1);
    }
}
