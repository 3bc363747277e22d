//! An engine that is signed in and connected, a source of choices, and a schema for decoders, for the fuzz targets.

mod bench;
mod picks;
mod templates;

pub use bench::Bench;
pub use picks::Picks;
pub use templates::{EVENTS, event, frame};

use sync_engine::schema::Schema;

thread_local! {
    static SCHEMA: Schema = dashboard_model::schema();
}

/// Calls a decoder with the bytes as text, if they are text: a socket and an HTTP reply give nothing else.
pub fn with_text(bytes: &[u8], decode: impl FnOnce(&Schema, &str)) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        SCHEMA.with(|schema| decode(schema, text));
    }
}
