//! Choices made by the fuzzer's bytes.

/// Reads choices from bytes; when they are used up every choice is the first one.
#[derive(Clone, Debug)]
pub struct Picks<'a> {
    bytes: &'a [u8],
}

impl<'a> Picks<'a> {
    /// Choices from these bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether all choices have been made.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A number near zero, near what a JSON number can hold, or anywhere.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=199 => u64::from(small % 40),
            200..=219 => (1 << 53) - u64::from(self.byte()),
            220..=239 => u64::MAX - u64::from(self.byte()),
            _ => (0..8).fold(0, |so_far, _| (so_far << 8) | u64::from(self.byte())),
        }
    }

    /// The rest of the bytes.
    #[must_use]
    pub const fn rest(self) -> &'a [u8] {
        self.bytes
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.bytes.split_first().unwrap_or((&0, &[]));
        self.bytes = rest;
        *first
    }
}
