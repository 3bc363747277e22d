//! The token for the connection: held, expiring, renewed.

use sync_protocol::Token;

use crate::time::Now;

/// How long before its end a token is no longer used for a new connection, in milliseconds.
const MARGIN_MS: u64 = 5000;
/// The assumed lifetime of a token whose end makes no sense by the known clock, in milliseconds. The server decides
/// anyway: after a token is rejected as expired, another one is fetched.
const DOUBTFUL_LIFETIME_MS: u64 = 60_000;
/// A lifetime beyond this makes no sense, in milliseconds: a day.
const LIFETIME_MAX_MS: i64 = 86_400_000;

/// A token in use.
#[derive(Clone, Debug)]
pub(super) struct Held {
    token: Token,
    /// When it ends, by the engine's clock.
    expires_at: u64,
}

/// The token in use.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    pub(super) held: Option<Held>,
    /// A token was rejected as invalid, and the next one is the last attempt: until it is accepted, or the user starts anew.
    pub(super) renewed: bool,
}

impl Tokens {
    /// Whether there is a token that can be used for a new connection.
    pub(super) fn is_usable(&self, now: u64) -> bool {
        let held = self.held.as_ref();
        held.is_some_and(|held| now + MARGIN_MS < held.expires_at)
    }

    /// The token, whether it has ended or not.
    pub(super) fn token(&self) -> Option<&Token> {
        self.held.as_ref().map(|held| &held.token)
    }

    /// Uses a new token. `now` has the server's clock, as far as that is known.
    pub(super) fn hold(&mut self, now: Now, token: Token) {
        let lifetime = token
            .expires_at
            .to_unix_ms()
            .map(|end| end.saturating_sub(now.wall_ms))
            .filter(|lifetime| (1..=LIFETIME_MAX_MS).contains(lifetime))
            .map_or(DOUBTFUL_LIFETIME_MS, i64::unsigned_abs);
        self.held = Some(Held {
            token,
            expires_at: now.mono_ms + lifetime,
        });
    }

    /// The server said how long the token lasts from now on, which beats any clock of this device.
    pub(super) const fn set_lifetime(&mut self, now: u64, ttl_ms: u64) {
        if let Some(held) = &mut self.held {
            held.expires_at = now + ttl_ms;
        }
    }

    /// The server rejected the token as invalid. Returns whether another one may help: not twice in a row.
    pub(super) fn renew(&mut self) -> bool {
        if self.renewed {
            return false;
        }
        self.renewed = true;
        self.held = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use sync_protocol::Timestamp;

    use super::*;

    fn check(expires_in_ms: i64, usable_until: u64) {
        let now = Now {
            mono_ms: 1000,
            wall_ms: 1_700_000_000_000,
        };
        let mut tokens = Tokens::default();
        tokens.hold(
            now,
            Token {
                token: "t".to_owned(),
                expires_at: Timestamp::from_unix_ms(now.wall_ms + expires_in_ms),
                url: None,
                server_time: None,
            },
        );
        assert!(tokens.is_usable(1000 + usable_until - MARGIN_MS - 1));
        assert!(!tokens.is_usable(1000 + usable_until - MARGIN_MS));
    }

    #[test]
    fn a_token_is_used_until_shortly_before_its_end() {
        check(600_000, 600_000);
    }

    #[test]
    fn a_wrong_clock_does_not_spoil_a_new_token() {
        check(-3_600_000, DOUBTFUL_LIFETIME_MS);
        check(90 * 86_400_000, DOUBTFUL_LIFETIME_MS);
    }
}
