//! Tokens for the realtime connection: JSON web tokens (RFC 7519) signed with HS256, in the form that Centrifugo
//! accepts.
//!
//! There is one algorithm. The server only compares the algorithm of a token with it, so that a token cannot choose
//! `none` or the algorithm of another key.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sync_protocol::{Timestamp, Token};

use crate::{
    ids::{SessionId, UserId},
    random,
};

/// How long a token is valid, in milliseconds.
pub const TOKEN_LIFE_MS: i64 = 10 * 60 * 1000;

/// The audience of a token. The server rejects tokens for another one.
const AUDIENCE: &str = "dashboard-realtime";

/// The maximum length of a token, in bytes.
const TOKEN_BYTES_MAX: usize = 4096;

/// Signs and verifies tokens.
pub struct Tokens {
    mac: Hmac<Sha256>,
}

/// The claims of a token.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub jti: SessionId,
    /// When the token expires, in seconds since 1970.
    pub exp: i64,
    /// When the token was issued, in seconds since 1970.
    #[serde(default)]
    pub iat: i64,
    /// From when on the token is valid, in seconds since 1970.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub nbf: i64,
    /// The services that the token is for.
    pub aud: Audience,
}

/// The services that a token is for (RFC 7519 section 4.1.3).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Audience {
    /// One service.
    One(String),
    /// Any of these.
    Several(Vec<String>),
}

/// Why the server rejects a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenError {
    /// The server has issued the token, but it has expired.
    Expired,
    /// The server has not issued the token.
    Invalid,
}

#[derive(Deserialize, Serialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: String,
}

const ALGORITHM: &str = "HS256";

impl Tokens {
    /// Creates a signer with this secret.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let mac = Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        Self { mac }
    }

    /// Issues a token for a session. The token never outlives the session.
    #[must_use]
    pub fn issue(
        &self,
        user_id: &UserId,
        session_id: &SessionId,
        session_expires_ms: i64,
        now_ms: i64,
    ) -> Token {
        let exp = (now_ms + TOKEN_LIFE_MS).min(session_expires_ms) / 1000;
        let claims = Claims {
            sub: user_id.clone(),
            jti: session_id.clone(),
            exp,
            iat: now_ms / 1000,
            nbf: 0,
            aud: Audience::One(AUDIENCE.to_owned()),
        };
        let header = Header {
            alg: ALGORITHM.to_owned(),
            typ: "JWT".to_owned(),
        };
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.mac(signed.as_bytes()).finalize().into_bytes();
        Token {
            token: format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)),
            expires_at: Timestamp::from_unix_ms(exp * 1000),
            url: None,
            server_time: Some(Timestamp::from_unix_ms(now_ms)),
        }
    }

    /// Issues a device token for a browser in which an account has signed in: a random id, and the signature of the id and
    /// the account.
    #[must_use]
    pub fn issue_device(&self, account: &str) -> String {
        let id = random::secret();
        let signature = self.mac(device_text(account, &id).as_bytes()).finalize();
        format!("{id}.{}", URL_SAFE_NO_PAD.encode(signature.into_bytes()))
    }

    /// Whether a device token was issued for this account.
    #[must_use]
    pub fn verify_device(&self, account: &str, token: &str) -> bool {
        let Some((id, signature)) = token.split_once('.') else {
            return false;
        };
        let text = device_text(account, id);
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        self.mac(text.as_bytes()).verify_slice(&signature).is_ok()
    }

    /// Verifies a token and returns its claims.
    ///
    /// # Errors
    /// Why the token is rejected.
    pub fn verify(&self, token: &str, now_ms: i64) -> Result<Claims, TokenError> {
        let claims = self.claims(token).ok_or(TokenError::Invalid)?;
        if claims.nbf > now_ms / 1000 {
            return Err(TokenError::Invalid);
        }
        if claims.exp <= now_ms / 1000 {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed.as_bytes()).verify_slice(&signature).ok()?;
        let header: Header = decode(header)?;
        let claims: Claims = decode(claims)?;
        let is_for_us = match &claims.aud {
            Audience::One(aud) => aud == AUDIENCE,
            Audience::Several(auds) => auds.iter().any(|aud| aud == AUDIENCE),
        };
        (header.alg == ALGORITHM && is_for_us).then_some(claims)
    }

    fn mac(&self, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(message);
        mac
    }
}

impl std::fmt::Debug for Tokens {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Claims {
    /// How long the token is still valid, in milliseconds.
    #[must_use]
    pub fn ttl_ms(&self, now_ms: i64) -> u64 {
        u64::try_from(self.exp * 1000 - now_ms).unwrap_or_default()
    }
}

/// The text that the signature of a device token covers. No realtime token begins with it.
fn device_text(account: &str, id: &str) -> String {
    format!("device:{id}:{account}")
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

fn encode<T: Serialize>(value: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn decode<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_428_000_000;
    const LATER: i64 = NOW + 86_400_000;

    fn tokens() -> Tokens {
        Tokens::new("a secret")
    }

    fn issue(tokens: &Tokens, session_expires_ms: i64) -> Token {
        tokens.issue(&"ada".into(), &"s1".into(), session_expires_ms, NOW)
    }

    fn forged(header: &str, claims: &str, tokens: &Tokens) -> String {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = tokens.mac(signed.as_bytes()).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let Token {
            token,
            expires_at,
            server_time,
            ..
        } = issue(&tokens(), LATER);
        let expires_ms = expires_at.to_unix_ms().expect("a timestamp");
        assert_eq!(expires_ms, NOW + TOKEN_LIFE_MS);
        assert_eq!(server_time, Some(Timestamp::from_unix_ms(NOW)));
        let claims = tokens().verify(&token, NOW).expect("ours");
        assert_eq!((claims.sub.as_str(), claims.jti.as_str()), ("ada", "s1"));
        assert_eq!(claims.ttl_ms(NOW), 600_000);
        assert_eq!(
            tokens().verify(&token, expires_ms),
            Err(TokenError::Expired)
        );
    }

    #[test]
    fn a_token_never_outlives_its_session() {
        let token = issue(&tokens(), NOW + 5000);
        assert_eq!(token.expires_at.to_unix_ms(), Some(NOW + 5000));
    }

    #[test]
    fn forged_tokens_are_rejected() {
        let tokens = tokens();
        let token = issue(&tokens, LATER).token;
        let claims = format!(r#"{{"sub":"ada","jti":"s1","exp":{}}}"#, LATER / 1000);
        let wrong_audience = claims.replace('}', r#","aud":"elsewhere"}"#);
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            URL_SAFE_NO_PAD.encode(&claims)
        );
        let (body, _) = token.rsplit_once('.').expect("three parts");
        for forged in [
            String::new(),
            "a.b.c".to_owned(),
            unsigned,
            format!("{body}."),
            format!("{token}x"),
            issue(&Tokens::new("another secret"), LATER).token,
            forged(r#"{"alg":"none"}"#, &claims, &tokens),
            forged(r#"{"alg":"RS256"}"#, &claims, &tokens),
            forged(r#"{"alg":"HS256"}"#, &wrong_audience, &tokens),
            forged(r#"{"alg":"HS256"}"#, r#"{"sub":"ada","jti":"s1"}"#, &tokens),
            format!("{token}{}", "x".repeat(TOKEN_BYTES_MAX)),
        ] {
            assert_eq!(
                tokens.verify(&forged, NOW),
                Err(TokenError::Invalid),
                "{forged}"
            );
        }
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        let now_s = NOW / 1000;
        for (added, is_valid) in [
            (r#""aud":"dashboard-realtime""#.to_owned(), true),
            (
                r#""aud":["elsewhere","dashboard-realtime"]"#.to_owned(),
                true,
            ),
            (r#""aud":["elsewhere"]"#.to_owned(), false),
            (r#""aud":null"#.to_owned(), false),
            (r#""iat":1"#.to_owned(), false),
            (format!(r#""aud":"dashboard-realtime","nbf":{now_s}"#), true),
            (
                format!(r#""aud":"dashboard-realtime","nbf":{}"#, now_s + 1),
                false,
            ),
        ] {
            let claims = claims.replace('}', &format!(",{added}}}"));
            let token = forged(header, &claims, &tokens);
            assert_eq!(tokens.verify(&token, NOW).is_ok(), is_valid, "{added}");
        }
    }

    #[test]
    fn a_device_is_known_to_the_account_that_signed_in_there() {
        let tokens = tokens();
        let token = tokens.issue_device("ada@demo.test");
        assert!(tokens.verify_device("ada@demo.test", &token));
        assert!(!tokens.verify_device("ben@demo.test", &token));
        assert!(!Tokens::new("another secret").verify_device("ada@demo.test", &token));
        let (id, signature) = token.split_once('.').expect("two parts");
        for forged in [
            "",
            ".",
            id,
            &format!("{id}."),
            &format!("x{id}.{signature}"),
        ] {
            assert!(!tokens.verify_device("ada@demo.test", forged), "{forged}");
        }
    }
}
