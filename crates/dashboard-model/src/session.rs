//! The sign-in request.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Body of `POST /api/session`.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignIn {
    /// The account's address.
    pub email: String,
    /// The password, in the clear; only sent over a secure connection.
    pub password: String,
}

impl fmt::Debug for SignIn {
    /// Omits the password, so that no log can show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        let sign_in = SignIn {
            email: "a@b.test".to_owned(),
            password: "hush".to_owned(),
        };
        assert!(!format!("{sign_in:?}").contains("hush"));
    }
}
