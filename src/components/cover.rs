//! A small picture for a beat that has none.

use stylist::yew::use_style;
use yew::prelude::*;

use super::sheet::sheet;

/// Properties of [`Cover`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct CoverProps {
    /// The beat's id: the same beat always looks the same.
    pub seed: AttrValue,
}

/// Bars of a cover.
const BARS: u64 = 7;

/// Colour pairs of covers.
const TINTS: u64 = 6;

/// Draws a few bars of sound whose heights and colours come from the seed. Decoration only.
#[component]
pub fn Cover(props: &CoverProps) -> Html {
    let style = use_style(sheet!(
        r#"
        display: grid;
        place-items: center;
        flex: none;
        inline-size: 2.5rem;
        block-size: 2.5rem;
        border-radius: var(--r-1);
        background: light-dark(#e7e5fb, #27244d);
        color: light-dark(#4a3fd0, #aaa3ff);

        &[data-tint="1"] { background: light-dark(#dff1ea, #16332a); color: light-dark(#0d7a53, #6fd6ae); }
        &[data-tint="2"] { background: light-dark(#fbe9dc, #3a2415); color: light-dark(#b4530c, #f6ab6c); }
        &[data-tint="3"] { background: light-dark(#fbe4ec, #3b1827); color: light-dark(#b8235f, #f58fb8); }
        &[data-tint="4"] { background: light-dark(#e0eefb, #142b44); color: light-dark(#1c68b3, #7fbcf7); }
        &[data-tint="5"] { background: light-dark(#f4efd6, #322b10); color: light-dark(#7d6608, #dcc45a); }
        "#
    ));
    let hash = hash(&props.seed);
    let path: String = (0..BARS)
        .map(|bar| {
            let half = 2 + (hash >> (bar * 4)) % 8;
            format!("M{} {}v{}", 4 + bar * 4, 16 - half, half * 2)
        })
        .collect();
    html! {
        <span class={style} data-tint={(hash / 7 % TINTS).to_string()} aria-hidden="true">
            <svg viewBox="0 0 32 32" width="32" height="32" fill="none">
                <path d={path} stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
            </svg>
        </span>
    }
}

/// FNV-1a, 64 bit: stable over builds, unlike the standard library's hasher.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
