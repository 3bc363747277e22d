//! Mounts the demonstration: a separate program that assets/loader.js starts at `/demo`, so that a visit to the
//! dashboard does not load it.

#[path = "../start.rs"]
mod start;

use realtime_dashboard::app::demonstration;

fn main() {
    start::start(demonstration.into());
}
