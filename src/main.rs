//! Mounts the dashboard.

mod start;

use realtime_dashboard::app::dashboard;

fn main() {
    start::start(dashboard.into());
}
