//! Tokens for the realtime connection: JSON web tokens (RFC 7519) signed with HS256, as Centrifugo reads them.
//!
//! One algorithm, named here and nowhere else: what a token says about its algorithm is only compared, so that neither
//! `none` nor another key's algorithm can be smuggled in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long a token is accepted, in milliseconds.
pub const TOKEN_LIFE_MS: i64 = 10 * 60 * 1000;

/// Who the token is for; one that names another audience is rejected.
const AUDIENCE: &str = "dashboard-realtime";

/// Longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 4096;

/// Signs and checks tokens.
pub struct Tokens {
    mac: Hmac<Sha256>,
}

/// What a token says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Claims {
    /// Who it is for: the user's id.
    pub sub: String,
    /// The sign-in that it belongs to.
    pub jti: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made, in seconds since 1970.
    #[serde(default)]
    pub iat: i64,
    /// Which service it is for, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenError {
    /// It is ours, but its time is up.
    Expired,
    /// It is not ours.
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
    /// Signs with this secret.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let mac = Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        Self { mac }
    }

    /// A token for a sign-in, and when it ends in milliseconds since 1970. It never outlives the session.
    #[must_use]
    pub fn issue(
        &self,
        user_id: &str,
        session_id: &str,
        session_expires_ms: i64,
        now_ms: i64,
    ) -> (String, i64) {
        let exp = (now_ms + TOKEN_LIFE_MS).min(session_expires_ms) / 1000;
        let claims = Claims {
            sub: user_id.to_owned(),
            jti: session_id.to_owned(),
            exp,
            iat: now_ms / 1000,
            aud: Some(AUDIENCE.to_owned()),
        };
        let header = Header {
            alg: ALGORITHM.to_owned(),
            typ: "JWT".to_owned(),
        };
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.mac(signed.as_bytes()).finalize().into_bytes();
        (
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)),
            exp * 1000,
        )
    }

    /// What a token says, if it is ours and its time is not up.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn verify(&self, token: &str, now_ms: i64) -> Result<Claims, TokenError> {
        let claims = self.read(token).ok_or(TokenError::Invalid)?;
        if claims.exp <= now_ms / 1000 {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    fn read(&self, token: &str) -> Option<Claims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed.as_bytes()).verify_slice(&signature).ok()?;
        let header: Header = unpart(header)?;
        let claims: Claims = unpart(claims)?;
        let for_us = claims.aud.as_deref().is_none_or(|aud| aud == AUDIENCE);
        (header.alg == ALGORITHM && for_us).then_some(claims)
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
    /// How long it is still accepted, in milliseconds.
    #[must_use]
    pub fn ttl_ms(&self, now_ms: i64) -> u64 {
        u64::try_from(self.exp * 1000 - now_ms).unwrap_or_default()
    }
}

fn part<T: Serialize>(value: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn unpart<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
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
    fn a_token_is_read_back_until_it_ends() {
        let (token, expires_ms) = tokens().issue("ada", "s1", LATER, NOW);
        assert_eq!(expires_ms, NOW + TOKEN_LIFE_MS);
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
        assert_eq!(tokens().issue("ada", "s1", NOW + 5000, NOW).1, NOW + 5000);
    }

    #[test]
    fn forged_tokens_are_refused() {
        let tokens = tokens();
        let (token, _) = tokens.issue("ada", "s1", LATER, NOW);
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
            Tokens::new("another secret")
                .issue("ada", "s1", LATER, NOW)
                .0,
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
        let plain = forged(r#"{"alg":"HS256","typ":"JWT"}"#, &claims, &tokens);
        assert!(tokens.verify(&plain, NOW).is_ok());
    }
}
