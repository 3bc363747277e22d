//! The settings: names, defaults, ranges.

/// Settings that the engine obeys.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Longest wait between tries in the first minute of an outage is the smaller of this and 4 s (milliseconds).
    pub reconnect_interval_ms: u64,
    /// Tries after the first minute of an outage before the session is parked.
    pub max_retries: u32,
    /// Longest silence before the client probes the link (milliseconds).
    pub heartbeat_interval_ms: u64,
    /// Longest wait for a socket to open (milliseconds).
    pub connection_timeout_ms: u64,
    /// Whether there is a live connection at all; otherwise polling is the only mode.
    pub realtime: bool,
    /// How often to poll while it is needed (milliseconds).
    pub poll_interval_ms: u64,
    /// How long medium events are gathered (milliseconds).
    pub debounce_ms: u64,
    /// Most events in one batch.
    pub batch_size: usize,
    /// Rows of a page.
    pub page_size: usize,
    /// Where the socket is; empty for the page's own origin.
    pub ws_url: String,
    /// Where the API is.
    pub api_base_url: String,
    /// Whether things may move on screen.
    pub animations: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reconnect_interval_ms: 5000,
            max_retries: 10,
            heartbeat_interval_ms: 30_000,
            connection_timeout_ms: 15_000,
            realtime: true,
            poll_interval_ms: 15_000,
            debounce_ms: 100,
            batch_size: 256,
            page_size: 50,
            ws_url: String::new(),
            api_base_url: "/api".to_owned(),
            animations: true,
        }
    }
}
