//! MPEG layer 3 at a constant 128 kbit/s.
//!
//! The encoder is a crate under the LGPL, an exception that was made on 2026-11-24 for this server only: it is a
//! library of its own, unchanged, and no part of the application that browsers load. It works on frames of 1152
//! samples; the last one is filled up with silence.

use std::io::{self, Write};

use shine_rs::{Mp3Encoder, Mp3EncoderConfig, StereoMode};

use super::{Encoder, SAMPLE_RATE};

/// Thousand bits a second.
pub const BITRATE: u32 = 128;

/// Writes MPEG frames.
pub struct Mp3<W> {
    to: W,
    encoder: Mp3Encoder,
}

impl<W: Write> Mp3<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When the encoder refuses its settings.
    pub fn new(to: W) -> io::Result<Self> {
        let config = Mp3EncoderConfig::new()
            .sample_rate(SAMPLE_RATE)
            .bitrate(BITRATE)
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
