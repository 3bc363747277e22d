//! Random numbers from the browser's own source.

use super::PlatformError;
use super::socket::rejected;

/// A seed for our own generator.
///
/// # Errors
/// The browser has no random source.
pub fn seed() -> Result<u64, PlatformError> {
    bytes().map(u64::from_le_bytes)
}

/// A random UUID (version 4, RFC 9562).
///
/// # Errors
/// The browser has no random source: an id that is not random could collide with another user's mutation.
pub fn uuid() -> Result<String, PlatformError> {
    bytes().map(format_uuid)
}

fn bytes<const N: usize>() -> Result<[u8; N], PlatformError> {
    let window = web_sys::window().ok_or(PlatformError::Unsupported { what: "crypto" })?;
    let crypto = window
        .crypto()
        .map_err(|_| PlatformError::Unsupported { what: "crypto" })?;
    let mut bytes = [0; N];
    crypto
        .get_random_values_with_u8_array(&mut bytes)
        .map_err(|error| rejected("draw random numbers", &error))?;
    Ok(bytes)
}

fn format_uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let n = u128::from_be_bytes(bytes);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        n >> 96,
        (n >> 80) & 0xffff,
        (n >> 64) & 0xffff,
        (n >> 48) & 0xffff,
        n & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        assert_eq!(
            format_uuid([0xff; 16]),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        assert_eq!(format_uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
