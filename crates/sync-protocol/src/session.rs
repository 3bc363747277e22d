//! The session, and the token for the realtime connection.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The header by which a call names the user whose data it is about. A server whose session belongs to another user
/// answers with 409 and the code `other_user`: somebody else has signed in elsewhere in the same browser.
pub const EXPECTED_USER_HEADER: &str = "x-expected-user";

/// A user, as their own application sees them.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct User {
    /// Identity; also the part of a channel name after `#`.
    pub id: String,
    /// The account's email address.
    pub email: String,
    /// The display name.
    pub name: String,
}

/// Reply of `GET` and `POST /api/session`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Session {
    /// The signed-in user.
    pub user: User,
    /// When the session expires.
    pub expires_at: Timestamp,
}

/// Reply of `GET /api/realtime/token`.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Token {
    /// A JWT for the `connect` command. Never part of a URL.
    pub token: String,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The address of the realtime server, if it differs from the configured one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The server's clock when it made the token: the client corrects its own clock by it where it shows ages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Timestamp>,
}

impl fmt::Debug for Token {
    /// Omits the token, so that no log can show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let token = Token {
            token: "hush".to_owned(),
            expires_at: Timestamp::default(),
            url: None,
            server_time: None,
        };
        assert!(!format!("{token:?}").contains("hush"));
    }
}
