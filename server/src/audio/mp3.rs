//! MPEG layer 3 at a constant 128 kbit/s.
//!
//! The encoder is a crate under the LGPL, see `NOTICE.md`. That is an exception of 2026-11-24 for this server only: the crate is a
//! separate, unchanged library and not part of the application that browsers load. It encodes frames of 1152 samples
//! and fills the last one with silence.

use std::io::{self, Write};

use shine_rs::{Mp3Encoder, Mp3EncoderConfig, StereoMode};

use super::{Encoder, MP3_BITRATE, SAMPLE_RATE};

/// Writes MPEG frames.
pub struct Mp3<W> {
    to: W,
    encoder: Mp3Encoder,
}

impl<W: Write> Mp3<W> {
    /// Starts a file.
    ///
    /// # Errors
    /// When the encoder rejects its settings.
    pub fn new(to: W) -> io::Result<Self> {
        let config = Mp3EncoderConfig::new()
            .sample_rate(SAMPLE_RATE)
            .bitrate(MP3_BITRATE)
            .channels(1)
            .stereo_mode(StereoMode::Mono);
        let encoder = Mp3Encoder::new(config).map_err(io::Error::other)?;
        Ok(Self { to, encoder })
    }
}

impl<W: Write> Encoder for Mp3<W> {
    fn encode(&mut self, samples: &[i16]) -> io::Result<()> {
        let frames = self.encoder.encode_interleaved(samples);
        for frame in frames.map_err(io::Error::other)? {
            self.to.write_all(&frame)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let rest = self.encoder.finish().map_err(io::Error::other)?;
        self.to.write_all(&rest)?;
        self.to.flush()
    }
}

impl<W> std::fmt::Debug for Mp3<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mp3").finish_non_exhaustive()
    }
}
