//! Random values from the operating system.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// `N` random bytes.
///
/// # Panics
/// If the operating system has no random source: the server could not create secrets then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut buffer = [0; N];
    getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
    buffer
}

/// A random secret of 256 bits, in characters that a cookie and a flag allow.
#[must_use]
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A random id (UUID version 4).
#[must_use]
pub fn id() -> String {
    Uuid::new_v4().to_string()
}

/// A random number from 0 to `below` - 1, or 0 if `below` is 0.
#[must_use]
pub fn below(below: u64) -> u64 {
    u64::from_le_bytes(bytes::<8>())
        .checked_rem(below)
        .unwrap_or_default()
}
