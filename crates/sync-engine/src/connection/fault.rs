//! Which endings are final, and the reason of each.

use sync_protocol::centrifugo::{close_code, error_code};

/// Why the connection stopped.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ConnectionFault {
    /// It made enough attempts. Any sign of a network starts it again, and so does a slow timer.
    Suspended {
        /// When the slow timer rings, by the engine's clock.
        retry_at: u64,
    },
    /// The server said not to come back.
    Terminal(TerminalReason),
}

/// Why the server does not want the connection. The code itself is in the
/// [`StatusChange`](crate::io::StatusChange), for logs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TerminalReason {
    /// The credentials are not accepted: the user's session may be over, which only the server can say.
    Credentials,
    /// Too many channels, connections or errors.
    Limit,
    /// Client and server do not fit, or the application ended the connection by a code of its own.
    Other,
}

impl TerminalReason {
    /// The reason of a close code, if it is final by the documented rule (3500 to 3999, 4500 to 4999).
    #[must_use]
    pub const fn of_close(code: u16) -> Option<Self> {
        if !close_code::is_terminal(code) {
            return None;
        }
        Some(match code {
            // 3507: permission denied.
            close_code::INVALID_TOKEN | close_code::FORCE_DISCONNECT | 3507 => Self::Credentials,
            // 3505: too many channels.
            close_code::CONNECTION_LIMIT | 3505 | close_code::TOO_MANY_ERRORS => Self::Limit,
            _ => Self::Other,
        })
    }

    /// The reason of an error reply to `connect`, if another attempt with the same or a new token cannot help.
    #[must_use]
    pub const fn of_connect_error(code: u32, temporary: bool) -> Option<Self> {
        if is_passing(code, temporary) {
            return None;
        }
        Some(match code {
            error_code::UNAUTHORIZED | error_code::PERMISSION_DENIED | error_code::EXPIRED => {
                Self::Credentials
            }
            error_code::LIMIT_EXCEEDED => Self::Limit,
            _ => Self::Other,
        })
    }
}

/// Whether an error reply passes by itself: client-side codes, those marked temporary, and an expired token.
pub(super) const fn is_passing(code: u32, temporary: bool) -> bool {
    temporary || code < error_code::INTERNAL || code == error_code::TOKEN_EXPIRED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_close_codes_are_final() {
        for code in 1000..=u16::MAX {
            let is_final = (3500..4000).contains(&code) || (4500..5000).contains(&code);
            assert_eq!(TerminalReason::of_close(code).is_some(), is_final, "{code}");
        }
        // Too large a message: outgoing frames are split, so the next connection does better.
        assert_eq!(TerminalReason::of_close(1009), None);
    }

    #[test]
    fn connect_errors_that_pass_are_not_final() {
        for (code, temporary, is_final) in [
            (99, false, false),
            (100, true, false),
            (100, false, true),
            (101, false, true),
            (109, false, false),
            (110, false, true),
            (111, true, false),
            (1999, false, true),
        ] {
            let reason = TerminalReason::of_connect_error(code, temporary);
            assert_eq!(reason.is_some(), is_final, "{code}");
        }
    }
}
