//! A page of a query.
#![no_main]

use std::hint::black_box;

use dashboard_fuzz::with_text;
use dashboard_model::Catalog;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    with_text(bytes, |schema, text| {
        black_box(schema.decode_items(schema.query_id::<Catalog>(), text));
    });
});
