//! The replies of `/api/session` and `/api/realtime/token`, and the problem of any call.
#![no_main]

use std::hint::black_box;

use dashboard_fuzz::with_text;
use libfuzzer_sys::fuzz_target;
use sync_protocol::{Problem, Session, Token};

fuzz_target!(|bytes: &[u8]| {
    with_text(bytes, |_, text| {
        black_box(serde_json::from_str::<Session>(text).ok());
        black_box(serde_json::from_str::<Token>(text).ok());
        black_box(serde_json::from_str::<Problem>(text).ok());
    });
});
