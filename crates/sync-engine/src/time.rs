//! Time as the engine sees it: an argument of every call, never asked for.

/// One reading of the two clocks, taken once for each call into the engine.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back; its zero is arbitrary. Deadlines are in it.
    pub mono_ms: u64,
    /// Milliseconds since 1970-01-01T00:00:00Z by the wall clock, which may jump. Shown times are in it, and a
    /// jump against `mono_ms` betrays a sleep.
    pub wall_ms: i64,
}

impl Now {
    /// Both clocks `ms` milliseconds later.
    #[must_use]
    pub const fn after(self, ms: u64) -> Self {
        Self {
            mono_ms: self.mono_ms + ms,
            wall_ms: self.wall_ms + ms as i64,
        }
    }

    /// Milliseconds since an earlier time, by whichever clock says more: one may have been set back, and the other may
    /// stand still while the device sleeps.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        let mono_ms = self.mono_ms.saturating_sub(earlier.mono_ms);
        let wall_ms = self.wall_ms.saturating_sub(earlier.wall_ms);
        mono_ms.max(u64::try_from(wall_ms).unwrap_or(0))
    }
}

/// The earlier of two optional deadlines.
#[must_use]
pub fn earliest(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
