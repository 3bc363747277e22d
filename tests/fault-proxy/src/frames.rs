//! Where websocket frames begin and end in what a server sends (RFC 6455, section 5.2).

/// Follows the bytes from a server, from the reply to the handshake on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frames {
    at: At,
    /// How many bytes of the frame that is being cut have passed.
    cutting: Option<u64>,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum At {
    /// The head of the reply; so many bytes of its closing blank line have passed.
    Head(usize),
    /// The beginning of a frame.
    Start,
    /// The second byte of a frame: mask and length.
    Length,
    /// The rest of a long length.
    LongLength { bytes: u8, so_far: u64, mask: u64 },
    /// Mask and payload; so many bytes are left.
    Body(u64),
}

const BLANK_LINE: [u8; 4] = *b"\r\n\r\n";

impl Frames {
    /// At the beginning of the reply to the handshake.
    pub(crate) const fn new() -> Self {
        Self {
            at: At::Head(0),
            cutting: None,
        }
    }

    /// Follows these bytes and tells how many of them may pass: all, or, with a limit, those up to the cut in the first
    /// frame that begins from now on.
    pub(crate) fn follow(&mut self, bytes: &[u8], cut_after: Option<u64>) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            let next = self.at.after(*byte);
            match cut_after {
                None => self.cutting = None,
                Some(limit) => {
                    if self.at == At::Start {
                        self.cutting = Some(0);
                    }
                    if let Some(passed) = &mut self.cutting {
                        if *passed >= limit.max(1) || next == At::Start {
                            return index;
                        }
                        *passed += 1;
                    }
                }
            }
            self.at = next;
        }
        bytes.len()
    }
}

impl At {
    fn after(self, byte: u8) -> Self {
        match self {
            Self::Head(matched) if byte == BLANK_LINE[matched] => {
                if matched + 1 == BLANK_LINE.len() {
                    Self::Start
                } else {
                    Self::Head(matched + 1)
                }
            }
            Self::Head(_) => Self::Head(usize::from(byte == BLANK_LINE[0])),
            Self::Start => Self::Length,
            Self::Length => {
                let mask = if byte & 0x80 == 0 { 0 } else { 4 };
                let long = |bytes| Self::LongLength {
                    bytes,
                    so_far: 0,
                    mask,
                };
                match byte & 0x7f {
                    126 => long(2),
                    127 => long(8),
                    length => Self::body(u64::from(length) + mask),
                }
            }
            Self::LongLength {
                bytes,
                so_far,
                mask,
            } => {
                let so_far = (so_far << 8) | u64::from(byte);
                if bytes == 1 {
                    Self::body(so_far.saturating_add(mask))
                } else {
                    Self::LongLength {
                        bytes: bytes - 1,
                        so_far,
                        mask,
                    }
                }
            }
            Self::Body(left) => Self::body(left - 1),
        }
    }

    const fn body(left: u64) -> Self {
        if left == 0 {
            Self::Start
        } else {
            Self::Body(left)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    fn frame(length: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match length {
            0..126 => frame.push(length as u8),
            126..65_536 => {
                frame.push(126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(vec![b'x'; length]);
        frame
    }

    /// How much of `bytes` passes with a limit, when they come in pieces of `size`.
    fn passes(frames: &mut Frames, bytes: &[u8], size: usize, cut_after: Option<u64>) -> usize {
        let mut passed = 0;
        for piece in bytes.chunks(size) {
            let through = frames.follow(piece, cut_after);
            passed += through;
            if through < piece.len() {
                break;
            }
        }
        passed
    }

    #[test]
    fn the_next_frame_is_cut_at_the_byte_that_was_named_however_the_bytes_come() {
        for length in [5, 125, 126, 300, 70_000] {
            for size in [1, 2, 7, 1000] {
                let mut frames = Frames::new();
                let before = [REPLY, &frame(length)].concat();
                assert_eq!(passes(&mut frames, &before, size, None), before.len());
                assert_eq!(passes(&mut frames, &frame(length), size, Some(4)), 4);
            }
        }
    }

    #[test]
    fn a_frame_under_way_goes_through_and_the_next_one_is_cut() {
        let mut frames = Frames::new();
        let first = frame(10);
        frames.follow(&[REPLY, &first[..6]].concat(), None);
        let rest = [&first[6..], &frame(10)].concat();
        assert_eq!(frames.follow(&rest, Some(3)), first.len() - 6 + 3);
    }

    #[test]
    fn a_cut_lies_inside_the_frame_however_short_that_is() {
        let at_start = || {
            let mut frames = Frames::new();
            frames.follow(REPLY, None);
            frames
        };
        assert_eq!(at_start().follow(&frame(0), Some(100)), 1);
        assert_eq!(at_start().follow(&frame(0), Some(0)), 1);
        assert_eq!(at_start().follow(&frame(3), Some(100)), 4);
    }

    #[test]
    fn the_reply_to_the_handshake_is_no_frame() {
        let mut frames = Frames::new();
        assert_eq!(frames.follow(REPLY, Some(2)), REPLY.len());
        assert_eq!(frames.follow(&frame(9), Some(2)), 2);
    }

    #[test]
    fn a_fault_that_ends_in_time_cuts_nothing() {
        let mut frames = Frames::new();
        frames.follow(REPLY, None);
        let whole = frame(20);
        assert_eq!(frames.follow(&whole[..5], Some(10)), 5);
        assert_eq!(frames.follow(&whole[5..], None), whole.len() - 5);
        assert_eq!(frames.follow(&frame(2), None), 4);
    }
}
