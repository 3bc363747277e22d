//! FLAC (RFC 9639) with one channel, 16 bits and blocks of 4096 samples. Each block uses the best of the fixed
//! predictors; Rice codes encode the residual.

use std::io::{self, Write};

use super::{Encoder, SAMPLE_RATE};

/// The number of samples in a block.
const BLOCK: usize = 4096;

/// The number of fixed predictors: their orders are 0 to 4.
const ORDERS: usize = 5;

/// The partitions of a whole block, as a power of two. A shorter last block has one.
const PARTITION_ORDER: u32 = 3;

/// The largest Rice parameter of the short form; 15 is the escape code.
const RICE_MAX: u32 = 14;

/// Writes a FLAC stream.
#[derive(Debug)]
pub struct Flac<W> {
    to: W,
    waiting: Vec<i16>,
    frame: u64,
}

impl<W: Write> Flac<W> {
    /// Starts a stream of `samples` samples.
    ///
    /// # Errors
    /// When writing fails.
    pub fn new(mut to: W, samples: u64) -> io::Result<Self> {
        let mut info = Bits::default();
        info.put(u64::from(u32::from_be_bytes(*b"fLaC")), 32);
        // STREAMINFO with 34 bytes is the only metadata block, and so the last one.
        info.put(0x80, 8);
        info.put(34, 24);
        info.put(BLOCK as u64, 16);
        info.put(BLOCK as u64, 16);
        // The smallest and the largest frame are unknown.
        info.put(0, 24);
        info.put(0, 24);
        info.put(u64::from(SAMPLE_RATE), 20);
        // The channels and the bits, each minus one.
        info.put(0, 3);
        info.put(15, 5);
        info.put(samples, 36);
        // No MD5 of the samples.
        info.put(0, 64);
        info.put(0, 64);
        to.write_all(&info.bytes)?;
        Ok(Self {
            to,
            waiting: Vec::with_capacity(BLOCK),
            frame: 0,
        })
    }

    fn write_frame(&mut self, samples: &[i16]) -> io::Result<()> {
        let mut bits = Bits::default();
        // The sync code, and blocks of a fixed size.
        bits.put(0b1111_1111_1111_1000, 16);
        // The block size follows as 16 bits at the end of the header; 44.1 kHz.
        bits.put(0b0111_1001, 8);
        // One channel, 16 bits.
        bits.put(0b0000_1000, 8);
        put_number(&mut bits, self.frame);
        bits.put(samples.len() as u64 - 1, 16);
        let check = crc8(&bits.bytes);
        bits.put(u64::from(check), 8);
        put_subframe(&mut bits, samples);
        bits.align();
        let check = crc16(&bits.bytes);
        bits.put(u64::from(check), 16);
        self.frame += 1;
        self.to.write_all(&bits.bytes)
    }
}

impl<W: Write> Encoder for Flac<W> {
    fn encode(&mut self, samples: &[i16]) -> io::Result<()> {
        self.waiting.extend_from_slice(samples);
        let waiting = std::mem::take(&mut self.waiting);
        let blocks = waiting.chunks_exact(BLOCK);
        self.waiting = blocks.remainder().to_vec();
        for block in blocks {
            self.write_frame(block)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            self.write_frame(&rest)?;
        }
        self.to.flush()
    }
}

fn put_subframe(bits: &mut Bits, samples: &[i16]) {
    let (order, residual) = predict(samples);
    // A fixed predictor of this order, no wasted bits.
    bits.put(0b0001_0000 | (order as u64) << 1, 8);
    for sample in &samples[..order] {
        bits.put(u64::from(sample.cast_unsigned()), 16);
    }
    let partition_order = if samples.len() == BLOCK {
        PARTITION_ORDER
    } else {
        0
    };
    // Rice codes with parameters of four bits.
    bits.put(0, 2);
    bits.put(u64::from(partition_order), 4);
    let partition = samples.len() >> partition_order;
    // The first partition has no residual for the samples written above.
    let (first, rest) = residual.split_at(partition - order);
    put_partition(bits, first);
    for partition in rest.chunks(partition) {
        put_partition(bits, partition);
    }
}

/// The order with the smallest residual, and that residual.
fn predict(samples: &[i16]) -> (usize, Vec<i32>) {
    let mut residual: Vec<i32> = samples.iter().map(|s| i32::from(*s)).collect();
    let mut best = (0, residual.clone());
    let mut least = size(&residual);
    for order in 1..ORDERS.min(samples.len()) {
        // The residual of an order is the difference of the order before.
        residual = residual.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let this = size(&residual);
        if this < least {
            least = this;
            best = (order, residual.clone());
        }
    }
    best
}

fn size(residual: &[i32]) -> u64 {
    residual.iter().map(|r| u64::from(r.unsigned_abs())).sum()
}

fn put_partition(bits: &mut Bits, residual: &[i32]) {
    let mean = size(residual) * 2 / (residual.len() as u64).max(1);
    let parameter = (u64::BITS - mean.leading_zeros())
        .saturating_sub(1)
        .min(RICE_MAX);
    bits.put(u64::from(parameter), 4);
    for value in residual {
        let folded = ((value << 1) ^ (value >> 31)).cast_unsigned();
        bits.put_zeros(folded >> parameter);
        let low = u64::from(folded) & ((1 << parameter) - 1);
        bits.put(1 << parameter | low, parameter + 1);
    }
}

/// Writes a frame number, which FLAC encodes like a character of UTF-8.
fn put_number(bits: &mut Bits, number: u64) {
    if number < 0x80 {
        bits.put(number, 8);
        return;
    }
    let significant = u64::BITS - number.leading_zeros();
    // The lead byte starts with one more set bit than bytes follow. Each of those has six bits.
    let follow = (1..=6)
        .find(|follow| significant <= 6 * follow + (6 - follow))
        .unwrap_or(6);
    let lead = 0xff_u64 << (7 - follow) & 0xff;
    bits.put(lead | number >> (6 * follow), 8);
    for byte in (0..follow).rev() {
        bits.put(0x80 | (number >> (6 * byte) & 0x3f), 8);
    }
}

/// A buffer of bits, the highest bit first.
#[derive(Debug, Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl Bits {
    /// Writes the low `width` bits of a value, at most 56 of them unless nothing is pending.
    fn put(&mut self, value: u64, width: u32) {
        if width > 32 {
            self.put(value >> 32, width - 32);
            self.put(value & 0xffff_ffff, 32);
            return;
        }
        self.pending = self.pending << width | value;
        self.count += width;
        while self.count >= 8 {
            self.count -= 8;
            let byte = self.pending >> self.count & 0xff;
            self.bytes.push(byte as u8);
        }
        self.pending &= (1 << self.count) - 1;
    }

    fn put_zeros(&mut self, mut count: u32) {
        while count > 0 {
            let now = count.min(32);
            self.put(0, now);
            count -= now;
        }
    }

    fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| {
            crc << 1 ^ if crc & 0x80 == 0 { 0 } else { 0x07 }
        })
    })
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x8005 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standard() {
        // The check values of CRC-8/SMBUS and CRC-16/UMTS for "123456789".
        assert_eq!(crc8(b"123456789"), 0xf4);
        assert_eq!(crc16(b"123456789"), 0xfee8);
    }

    #[test]
    fn frame_numbers_are_encoded_like_utf8() {
        for number in [0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x1_0000, 0x10_ffff] {
            let mut bits = Bits::default();
            put_number(&mut bits, number);
            let character = u32::try_from(number).ok().and_then(char::from_u32);
            let text = character.expect("a character").to_string();
            assert_eq!(bits.bytes, text.as_bytes(), "{number:x}");
        }
    }

    #[test]
    fn a_decoder_returns_the_same_samples() {
        let loud = (0..9001).map(|i| if i % 3 == 0 { i16::MAX } else { i16::MIN });
        let wave = (0..BLOCK * 2 + 7).map(|i| {
            let phase = f64::from(u32::try_from(i).expect("small")) * 0.05;
            #[expect(clippy::cast_possible_truncation, reason = "within 16 bits")]
            let sample = (phase.sin() * 20_000.0) as i16;
            sample
        });
        for samples in [
            loud.collect::<Vec<i16>>(),
            wave.collect(),
            vec![0; BLOCK],
            vec![-1],
            vec![5, -7, 9, 1, 0],
        ] {
            let path = tempfile::NamedTempFile::new().expect("a file");
            let to = path.reopen().expect("the file");
            let mut flac = Flac::new(to, samples.len() as u64).expect("started");
            flac.encode(&samples).expect("encoded");
            flac.finish().expect("finished");
            let mut reader = claxon::FlacReader::open(path.path()).expect("a stream");
            let read: Vec<i32> = reader.samples().map(|s| s.expect("a sample")).collect();
            let expected: Vec<i32> = samples.iter().map(|s| i32::from(*s)).collect();
            assert_eq!(read, expected);
        }
    }
}
