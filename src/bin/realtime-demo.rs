//! Mounts the demonstration: an application of its own, so that nobody who only uses the dashboard loads it.

#[path = "../start.rs"]
mod start;

use realtime_dashboard::app::demonstration;

fn main() {
    start::start(demonstration.into());
}
