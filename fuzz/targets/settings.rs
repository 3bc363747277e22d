//! The settings block of a page: every value in it, and the warnings about it.
#![no_main]

use std::hint::black_box;

use dashboard_fuzz::with_text;
use libfuzzer_sys::fuzz_target;
use sync_engine::settings::{Settings, page_pairs};

fuzz_target!(|bytes: &[u8]| {
    with_text(bytes, |_, text| match page_pairs(text) {
        Ok(pairs) => {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
            let (settings, warnings) = Settings::from_pairs("VITE_", pairs);
            black_box(settings);
            for warning in warnings {
                black_box(warning.to_string());
            }
        }
        Err(warning) => {
            black_box(warning.to_string());
        }
    });
});
