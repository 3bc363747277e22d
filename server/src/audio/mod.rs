//! Generates audio from a beat's data: a tune in its key, at its tempo, of its exact length. The same beat always
//! gives the same bytes, so that the server can encode a deleted file again.

use std::{io, io::Write};

use dashboard_model::{Beat, DownloadFormat};

pub mod files;
pub mod flac;
#[cfg(feature = "mp3")]
pub mod mp3;
pub mod tune;
pub mod wav;

use tune::Tune;

/// Samples per second. The audio has one channel and 16 bits.
pub const SAMPLE_RATE: u32 = 44_100;

/// The bit rate of MP3 files, in kbit/s.
pub const MP3_BITRATE: u32 = 128;

/// The number of samples to generate at a time.
const CHUNK_SAMPLES: usize = 16 * 1024;

/// Writes samples in a file format.
pub trait Encoder {
    /// Encodes the next samples.
    ///
    /// # Errors
    /// When writing fails.
    fn encode(&mut self, samples: &[i16]) -> io::Result<()>;

    /// Writes the rest of the file.
    ///
    /// # Errors
    /// When writing fails.
    fn finish(&mut self) -> io::Result<()>;
}

/// The format of the smallest files that this server can make.
pub const SMALLEST: DownloadFormat = if cfg!(feature = "mp3") {
    DownloadFormat::Mp3
} else {
    DownloadFormat::Flac
};

/// Whether this server can make files of a format.
#[must_use]
pub const fn is_supported(format: DownloadFormat) -> bool {
    match format {
        DownloadFormat::Wav | DownloadFormat::Flac => true,
        DownloadFormat::Mp3 => cfg!(feature = "mp3"),
        DownloadFormat::Unknown => false,
    }
}

/// The number of samples of a beat.
#[must_use]
pub const fn samples_of(beat: &Beat) -> u64 {
    beat.duration_ms * SAMPLE_RATE as u64 / 1000
}

/// Writes the audio of a beat. `progress` gets the completed share in percent and returns whether to continue.
///
/// # Errors
/// When writing fails, the format is unknown, or `progress` returns false ([`io::ErrorKind::Interrupted`]).
pub fn write(
    beat: &Beat,
    format: DownloadFormat,
    to: impl Write + 'static,
    progress: impl Fn(u8) -> bool,
) -> io::Result<()> {
    let total = samples_of(beat);
    let mut encoder: Box<dyn Encoder> = match format {
        DownloadFormat::Wav => Box::new(wav::Wav::new(to, total)?),
        DownloadFormat::Flac => Box::new(flac::Flac::new(to, total)?),
        #[cfg(feature = "mp3")]
        DownloadFormat::Mp3 => Box::new(mp3::Mp3::new(to)?),
        #[cfg(not(feature = "mp3"))]
        DownloadFormat::Mp3 => return Err(io::ErrorKind::Unsupported.into()),
        DownloadFormat::Unknown => return Err(io::ErrorKind::Unsupported.into()),
    };
    let tune = Tune::of(beat);
    let mut chunk = vec![0; CHUNK_SAMPLES];
    let mut done: u64 = 0;
    while done < total {
        let length = usize::try_from(total - done).map_or(CHUNK_SAMPLES, |l| l.min(CHUNK_SAMPLES));
        tune.fill(done, &mut chunk[..length]);
        encoder.encode(&chunk[..length])?;
        done += length as u64;
        let percent = u8::try_from(done * 100 / total).unwrap_or(100);
        if !progress(percent) {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supported_format_can_be_written_and_no_other() {
        let beat = Beat {
            bpm: 120,
            duration_ms: 100,
            key: "A minor".to_owned(),
            ..Beat::default()
        };
        for format in [
            DownloadFormat::Mp3,
            DownloadFormat::Wav,
            DownloadFormat::Flac,
            DownloadFormat::Unknown,
        ] {
            let written = write(&beat, format, io::sink(), |_| true);
            assert_eq!(written.is_ok(), is_supported(format), "{format:?}");
        }
        assert!(is_supported(SMALLEST));
    }
}
