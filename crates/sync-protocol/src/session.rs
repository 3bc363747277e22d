//! Signing in, and the token for the realtime connection.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A user, as far as their own application knows.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct User {
    /// Identity; also the part of a channel name after `#`.
    pub id: String,
    /// The account's address.
    pub email: String,
    /// What to call them.
    pub name: String,
}

/// Reply of `GET` and `POST /api/session`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Session {
    /// Who is signed in.
    pub user: User,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
}

/// Reply of `GET /api/realtime/token`.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Token {
    /// A JWT for the `connect` command. Never part of an address.
    pub token: String,
    /// When it stops being accepted.
    pub expires_at: Timestamp,
    /// Where the realtime server is, if not at the configured place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl fmt::Debug for Token {
    /// Leaves the token out, so that no log can show it.
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
        };
        assert!(!format!("{token:?}").contains("hush"));
    }
}
