//! The settings block of a page: every value in it, and the warnings about it.
#![no_main]

use std::hint::black_box;

use dashboard_fuzz::with_text;
use libfuzzer_sys::fuzz_target;
use sync_engine::settings::{layered, page_pairs, resolve_ws_url};

fuzz_target!(|bytes: &[u8]| {
    with_text(bytes, |_, text| match page_pairs(text) {
        Ok(pairs) => {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
            let (settings, warnings) = layered([], [], pairs);
            black_box(resolve_ws_url(&settings, "https://shop.example").ok());
            for warning in warnings {
                black_box(warning.to_string());
            }
        }
        Err(warning) => {
            black_box(warning.to_string());
        }
    });
});
