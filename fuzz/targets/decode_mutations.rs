//! The reply to `POST /api/mutations`.
#![no_main]

use std::hint::black_box;

use dashboard_fuzz::with_text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    with_text(bytes, |schema, text| {
        black_box(schema.decode_mutations(text));
    });
});
