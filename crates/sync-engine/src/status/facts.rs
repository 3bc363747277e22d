//! Facts about the connection, before anything is decided about showing them.

use crate::connection::{ConnectionFault, OffReason, State, TerminalReason};
use crate::view::{ErrorKind, ErrorView};

/// The facts about the connection at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The connection's state.
    pub connection: State,
    /// Whether all events arrive and all missed data have been read.
    pub live: bool,
    /// Whether there is verifiably no network.
    pub offline: bool,
    /// Whether the user switched live updates off.
    pub switched_off: bool,
    /// Whether it is known that nobody is signed in.
    pub nobody: bool,
    /// Whether the last poll of this outage succeeded.
    pub poll_works: bool,
    /// Without a live connection by setting: whether a poll is in flight, and when the next one begins.
    pub polling: bool,
    /// See [`Facts::polling`]; by the engine's clock.
    pub poll_at: Option<u64>,
    /// The interval of polling, while there is polling, in milliseconds.
    pub poll_interval_ms: Option<u64>,
    /// Attempts of this outage.
    pub attempts: u32,
    /// Mutations of the user that wait for the server.
    pub pending_changes: u32,
    /// Changes from the server applied since the start, to count those since a drop.
    pub changes_applied: u64,
}

impl Facts {
    /// Whether the server ended the user's session.
    pub(super) fn session_ended(&self) -> bool {
        self.connection.off_reason() == Some(OffReason::SessionEnded)
    }

    /// Whether nobody is signed in, and nothing ended.
    pub(super) fn signed_out(&self) -> bool {
        self.connection.off_reason() == Some(OffReason::SignedOut)
    }

    /// Whether no updates are wanted: by the user, or without a sign-in.
    pub(super) fn is_off(&self) -> bool {
        self.switched_off || self.signed_out() || self.session_ended()
    }

    /// Why the server does not want the connection, if it said so.
    pub(super) const fn terminal(&self) -> Option<TerminalReason> {
        match self.connection {
            State::Error {
                why: ConnectionFault::Terminal(reason),
            } => Some(reason),
            _ => None,
        }
    }

    /// Whether an attempt is in flight.
    pub(super) const fn is_attempting(&self) -> bool {
        self.connection.is_attempting() || self.polling
    }

    /// When the next attempt begins, if one is planned.
    pub(super) const fn retry_at(&self) -> Option<u64> {
        match self.connection {
            State::Reconnecting { retry_at, .. } => retry_at,
            State::Error {
                why: ConnectionFault::Suspended { retry_at },
            } => Some(retry_at),
            _ => self.poll_at,
        }
    }

    /// The error behind the state, if there is one.
    pub(super) fn error(&self, is_unreachable: bool) -> Option<ErrorView> {
        let kind = match self.terminal() {
            _ if self.session_ended() => ErrorKind::Authentication,
            Some(TerminalReason::Limit) => ErrorKind::Limit,
            Some(_) => ErrorKind::Realtime,
            None if is_unreachable => ErrorKind::Network,
            None => return None,
        };
        Some(ErrorView::new(kind))
    }
}
