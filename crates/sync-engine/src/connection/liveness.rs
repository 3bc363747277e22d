//! How long the server may be silent, and which probes belong to one awakening.

use super::transport::Transport;
use crate::settings::Settings;

/// How late a ping of the server may be before the silence counts, in milliseconds. The official clients allow as much.
const PING_LATE_MS: u64 = 10_000;
/// How long a probe after a silence has for its answer, in milliseconds.
pub(super) const SILENCE_PROBE_MS: u64 = 2000;
/// Wake signals so soon after a probe belong to the same awakening, in milliseconds: browsers send several.
const AWAKENING_MS: u64 = 250;

/// When to ask whether the server is still there.
#[derive(Clone, Debug)]
pub(super) struct Liveness {
    /// Between two measurements of the round trip, in milliseconds.
    pub(super) heartbeat_ms: u64,
    /// Whether the page is shown.
    pub(super) visible: bool,
    /// When the last probe after a wake signal was sent; `None` once the transport is gone, or a sleep has made its probes
    /// worthless.
    pub(super) woken_at: Option<u64>,
}

impl Liveness {
    pub(super) const fn new(settings: &Settings) -> Self {
        Self {
            heartbeat_ms: settings.heartbeat_interval_ms,
            visible: true,
            woken_at: None,
        }
    }

    /// How long a transport may be silent, in milliseconds: until it is probed, and until it counts as lost.
    pub(super) const fn silence_limits(&self, transport: &Transport) -> (u64, u64) {
        let by_heartbeat = self.heartbeat_ms + SILENCE_PROBE_MS;
        let by_ping = transport.ping_ms + PING_LATE_MS;
        let limit = if transport.ping_ms > 0 && by_ping < by_heartbeat {
            by_ping
        } else {
            by_heartbeat
        };
        (limit - SILENCE_PROBE_MS, limit)
    }

    /// Whether a wake signal belongs to an awakening that was probed already.
    pub(super) fn is_same_awakening(&self, now: u64) -> bool {
        self.woken_at.is_some_and(|at| now < at + AWAKENING_MS)
    }
}
