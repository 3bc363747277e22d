//! The engine's clock, for countdowns.

use yew::prelude::*;

use super::use_ticks::use_ticks;

/// The engine's clock, in milliseconds; renders like `use_clock`. For countdowns to a deadline of the engine, which a
/// jump of the wall clock does not affect.
#[hook]
pub fn use_engine_clock(period_ms: u32) -> u64 {
    use_ticks(period_ms).mono_ms
}
