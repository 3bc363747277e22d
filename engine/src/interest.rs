//! Which streams and resources the screen needs, counted, with a grace before one is let go.

use std::collections::BTreeSet;

use dashboard_protocol::Resource;

/// What one holder on the screen needs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Interest {
    /// Resources, each with its stream.
    pub resources: BTreeSet<Resource>,
    /// The catalog's stream.
    pub market: bool,
    /// How often to poll for these, in milliseconds, if not as the settings say.
    pub poll_interval_ms: Option<u64>,
}
