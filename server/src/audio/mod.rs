//! Audio made from a beat's data: a tune in its key, at its tempo, exactly as long as it says. The same beat always
//! gives the same bytes, so that a file that was deleted can be made again.

use std::{io, io::Write};

use dashboard_protocol::{Beat, DownloadFormat};

pub mod files;
pub mod flac;
pub mod mp3;
pub mod tune;
pub mod wav;

use tune::Tune;

/// Samples a second. One channel, 16 bits.
pub const SAMPLE_RATE: u32 = 44_100;

/// Samples made at a time.
const CHUNK_SAMPLES: usize = 16 * 1024;

/// What takes samples and writes them in its format.
pub trait Encoder {
    /// Takes the next samples.
    ///
    /// # Errors
    /// When writing fails.
    fn encode(&mut self, samples: &[i16]) -> io::Result<()>;

    /// Writes what is left.
    ///
    /// # Errors
    /// When writing fails.
    fn finish(&mut self) -> io::Result<()>;
}

/// Samples in the whole of a beat.
#[must_use]
pub const fn samples_of(beat: &Beat) -> u64 {
    beat.duration_ms * SAMPLE_RATE as u64 / 1000
}

/// Writes the audio of a beat. `progress` is told the share that is done, in percent, and says whether to go on.
///
/// # Errors
/// When writing fails, the format is none, or `progress` says to stop ([`io::ErrorKind::Interrupted`]).
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
        DownloadFormat::Mp3 => Box::new(mp3::Mp3::new(to)?),
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
