//! A generated picture for a beat without one.

use yew::prelude::*;

/// Pictures of some bars of sound in `styles/catalog.css`.
const BARS: u64 = 8;

/// Colour pairs in `styles/catalog.css`.
const TINTS: u64 = 6;

/// Draws a few bars of sound; the id determines which, and their colours. Decoration only.
pub fn cover(beat_id: &str) -> Html {
    let hash = hash(beat_id);
    let (bars, tint) = (hash % BARS, hash / BARS % TINTS);
    html! { <span class={format!("cover cover-bars-{bars} cover-tint-{tint}")} /> }
}

/// FNV-1a, 64 bit: stable across builds, unlike the standard library's hasher.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
