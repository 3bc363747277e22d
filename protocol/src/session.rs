//! Signing in, and the token for the realtime connection.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::record::record;

/// Body of `POST /api/session`.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignIn {
    /// The account's address.
    pub email: String,
    /// The password, in the clear; only ever sent over a secured connection.
    pub password: String,
}

impl fmt::Debug for SignIn {
    /// Leaves the password out, so that no log can show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// A user, as far as their own dashboard knows.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct User {
    /// Identity; also the part of a channel name after `#`.
    pub id: String,
    /// The account's address.
    pub email: String,
    /// What to call them.
    pub name: String,
}
record!(User { id, email, name });

/// Reply of `GET` and `POST /api/session`.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Session {
    /// Who is signed in.
    pub user: User,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
}
record!(Session { user, expires_at });

/// Reply of `GET /api/realtime/token`.
#[derive(Clone, Eq, PartialEq, Serialize)]
pub struct Token {
    /// A JWT for the `connect` command. Never part of an address.
    pub token: String,
    /// When it stops being accepted.
    pub expires_at: Timestamp,
    /// Where the realtime server is, if not at the configured place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
record!(Token { token, expires_at } or { url });

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
    fn secrets_do_not_show_in_debug_output() {
        let sign_in = SignIn {
            email: "a@b.test".to_owned(),
            password: "hush".to_owned(),
        };
        let token = Token {
            token: "hush".to_owned(),
            expires_at: Timestamp::default(),
            url: None,
        };
        assert!(!format!("{sign_in:?}{token:?}").contains("hush"));
    }
}
