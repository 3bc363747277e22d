//! An engine that is signed in and connected, and a source of choices, for the fuzz targets.

mod bench;
mod picks;
mod templates;

pub use bench::Bench;
pub use picks::Picks;
pub use templates::{EVENTS, event, frame};
