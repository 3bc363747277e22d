//! Audio made from a beat's data: its tempo, its key and its length.

use dashboard_protocol::{Beat, DownloadFormat};

/// Samples a second, of one channel with 16 bits each.
pub const SAMPLE_RATE: u64 = 44_100;

/// How large the file of a beat is, in bytes, or nearly so for a format that compresses.
#[must_use]
pub const fn size_bytes(beat: &Beat, format: DownloadFormat) -> u64 {
    let pcm = beat.duration_ms * SAMPLE_RATE / 1000 * 2;
    match format {
        DownloadFormat::Mp3 => pcm / 11,
        DownloadFormat::Flac => pcm / 2,
        DownloadFormat::Wav | DownloadFormat::Unknown => pcm + 44,
    }
}
