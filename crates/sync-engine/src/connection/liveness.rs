//! How long the server may be silent, and which probes belong to one awakening.

use super::transport::Transport;
use crate::settings::Settings;

/// How late a ping of the server may be before the silence is probed, in milliseconds: more than the pings of a healthy
/// connection differ, so that these cost no probe each.
const PING_LATE_MS: u64 = 500;
/// Longest silence after a missing ping, in milliseconds, without the round trip. The probe gets the rest of it. What was
/// in flight when the connection died may come somewhat later: it is noticed within 2 s after the ping all the same.
const PING_LOST_MS: u64 = 1800;
/// How long a probe after a silence without pings has for its answer, in milliseconds.
const SILENCE_PROBE_MS: u64 = 2000;
/// How much of the measured round trip goes on top of the longest silence at most, in milliseconds: one that was measured
/// while the device stood still must not hide a dead connection for long.
const ROUND_TRIP_MAX_MS: u64 = 2000;
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

    /// How long a transport may be silent, in milliseconds: until it is probed, and until it counts as lost. The pings that
    /// the server announced decide, if they come more often than the settings ask for a heartbeat. The answer to the probe
    /// takes a round trip.
    pub(super) fn silence_limits(&self, transport: &Transport, rtt_ms: u32) -> (u64, u64) {
        let (probe_after, limit) = (self.heartbeat_ms, self.heartbeat_ms + SILENCE_PROBE_MS);
        let (probe_after, limit) = match transport.ping_ms {
            0 => (probe_after, limit),
            ping => (
                probe_after.min(ping + PING_LATE_MS),
                limit.min(ping + PING_LOST_MS),
            ),
        };
        let round_trip_ms = u64::from(rtt_ms).min(ROUND_TRIP_MAX_MS);
        (probe_after, limit + round_trip_ms)
    }

    /// A probe is sent after a wake signal, or to verify that there is a network. The latter is no awakening: a signal right
    /// after it may tell of another network, and gets a probe of its own.
    pub(super) fn note_probe(&mut self, now: u64, verifies: bool) {
        let before_ms = if verifies { AWAKENING_MS } else { 0 };
        self.woken_at = Some(now.saturating_sub(before_ms));
    }

    /// Whether a wake signal belongs to an awakening that was probed already.
    pub(super) fn is_same_awakening(&self, now: u64) -> bool {
        self.woken_at.is_some_and(|at| now < at + AWAKENING_MS)
    }
}
