//! WAV: RIFF files with uncompressed samples.

use std::io::{self, Write};

use super::{Encoder, SAMPLE_RATE};

/// The number of bytes before the samples.
pub const HEADER_BYTES: u64 = 44;

/// Writes a RIFF file.
#[derive(Debug)]
pub struct Wav<W> {
    to: W,
}

impl<W: Write> Wav<W> {
    /// Starts a file of `samples` samples.
    ///
    /// # Errors
    /// When writing fails, or the file would be too long for this format.
    pub fn new(mut to: W, samples: u64) -> io::Result<Self> {
        let too_long = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let bytes = u32::try_from(samples * 2).map_err(too_long)?;
        let whole = bytes.checked_add(36).ok_or(io::ErrorKind::FileTooLarge)?;
        to.write_all(b"RIFF")?;
        to.write_all(&whole.to_le_bytes())?;
        to.write_all(b"WAVEfmt ")?;
        to.write_all(&16_u32.to_le_bytes())?;
        // Integer samples, one channel.
        to.write_all(&[1, 0, 1, 0])?;
        to.write_all(&SAMPLE_RATE.to_le_bytes())?;
        to.write_all(&(SAMPLE_RATE * 2).to_le_bytes())?;
        // Two bytes per sample, sixteen bits.
        to.write_all(&[2, 0, 16, 0])?;
        to.write_all(b"data")?;
        to.write_all(&bytes.to_le_bytes())?;
        Ok(Self { to })
    }
}

impl<W: Write> Encoder for Wav<W> {
    fn encode(&mut self, samples: &[i16]) -> io::Result<()> {
        let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        self.to.write_all(&bytes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
