//! Randomness from the operating system, and the ids made of it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// `N` random bytes.
///
/// # Panics
/// If the operating system has no randomness to give: nothing secret could be made then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut buffer = [0; N];
    getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
    buffer
}

/// A secret of 256 bits that fits into a cookie or a flag.
#[must_use]
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A random id (UUID version 4).
#[must_use]
pub fn id() -> String {
    Uuid::new_v4().to_string()
}

/// A number from 0 up to and without `below`; 0 if that is 0.
#[must_use]
pub fn below(below: u64) -> u64 {
    u64::from_le_bytes(bytes::<8>())
        .checked_rem(below)
        .unwrap_or_default()
}
