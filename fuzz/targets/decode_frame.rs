//! Every line of a frame: replies and pushes of the server.
#![no_main]

use std::hint::black_box;

use dashboard_fuzz::with_text;
use libfuzzer_sys::fuzz_target;
use sync_protocol::centrifugo::{Reply, messages};

fuzz_target!(|bytes: &[u8]| {
    with_text(bytes, |_, text| {
        for line in messages(text) {
            black_box(serde_json::from_str::<Reply>(line).ok());
        }
    });
});
