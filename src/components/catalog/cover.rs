//! A generated picture for a beat without one.

use yew::prelude::*;

/// Bars of a cover.
const BARS: u64 = 7;

/// Colour pairs of covers.
const TINTS: u64 = 6;

/// Draws a few bars of sound; the id determines their heights and colours. Decoration only.
pub fn cover(beat_id: &str) -> Html {
    let hash = hash(beat_id);
    let path: String = (0..BARS)
        .map(|bar| {
            let half = 2 + (hash >> (bar * 4)) % 8;
            format!("M{} {}v{}", 4 + bar * 4, 16 - half, half * 2)
        })
        .collect();
    html! {
        <span class="cover" data-tint={(hash / 7 % TINTS).to_string()} aria-hidden="true">
            <svg class="icon" viewBox="0 0 32 32"><path d={path} /></svg>
        </span>
    }
}

/// FNV-1a, 64 bit: stable across builds, unlike the standard library's hasher.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
