//! Whether the other end is still there: silence, probes, round trips.

use sync_protocol::centrifugo::{Command, RPC_PING, RpcRequest};

use super::Connection;
use super::io::ConnectionOutput;
use super::network::Network;
use super::state::{State, cause_code};
use super::timers::Timer;
use super::transport::{Purpose, Transport};
use crate::time::Now;

/// Longest wait for the answer to a command, in milliseconds.
const COMMAND_MS: u64 = 5000;
/// What a ping of the server may be late by before the silence counts, in milliseconds. The official clients allow as
/// much.
const PING_LATE_MS: u64 = 10_000;
/// How long a probe after a silence has for its answer, in milliseconds.
const SILENCE_PROBE_MS: u64 = 2000;
/// How long a probe after a wake signal has for its answer, in milliseconds.
const WAKE_PROBE_MS: u64 = 2000;
/// Wake signals so soon after a probe belong to the same awakening, in milliseconds: browsers send several.
const AWAKENING_MS: u64 = 250;

impl Connection {
    /// How long the link may be silent, in milliseconds: until it is probed, and until it is given up.
    const fn silence_limits(&self, transport: &Transport) -> (u64, u64) {
        let by_heartbeat = self.heartbeat_ms + SILENCE_PROBE_MS;
        let by_ping = transport.ping_ms + PING_LATE_MS;
        let limit = if transport.ping_ms > 0 && by_ping < by_heartbeat {
            by_ping
        } else {
            by_heartbeat
        };
        (limit - SILENCE_PROBE_MS, limit)
    }

    /// Sets the timer for the next silence.
    pub(super) fn watch_silence(&mut self) {
        if let Some(transport) = self.transport() {
            let (probe_after, _) = self.silence_limits(transport);
            let deadline = transport.last_heard + probe_after;
            self.timers.set(Timer::Silence, deadline);
        }
    }

    /// The link has been silent for long: probe it, and if that was done, give it up.
    pub(super) fn handle_silence(&mut self, now: Now) {
        let Some(transport) = self.transport() else {
            return;
        };
        let (probe_after, limit) = self.silence_limits(transport);
        let heard = transport.last_heard;
        let probed_at = transport.newest_probe_at().filter(|at| *at >= heard);
        if now.mono_ms.saturating_sub(heard) < probe_after {
            self.watch_silence();
            return;
        }
        let Some(probed_at) = probed_at else {
            self.probe(now, false);
            // Throttled timers may bring us here late; the probe gets its time all the same.
            let deadline = (heard + limit).max(now.mono_ms + SILENCE_PROBE_MS);
            self.timers.set(Timer::Silence, deadline);
            return;
        };
        let deadline = probed_at + SILENCE_PROBE_MS;
        if now.mono_ms < deadline {
            self.timers.set(Timer::Silence, deadline);
        } else {
            self.lose(now, cause_code::NO_PING, "the connection went silent");
        }
    }

    /// Asks for a sign of life, unless this awakening did already.
    pub(super) fn probe_after_wake(&mut self, now: Now) {
        // One that is overdue was sent before a sleep, and its answer may be as old.
        let is_probing = self.timers.deadline(Timer::Probe);
        if !self.is_connected() || is_probing.is_some_and(|until| now.mono_ms < until) {
            return;
        }
        let is_same_awakening = self
            .woken_at
            .is_some_and(|at| now.mono_ms < at + AWAKENING_MS);
        if is_same_awakening && self.network != Network::Verifying {
            return;
        }
        self.woken_at = Some(now.mono_ms);
        self.probe(now, true);
        self.timers.set(Timer::Probe, now.mono_ms + WAKE_PROBE_MS);
    }

    pub(super) fn handle_unanswered_probe(&mut self, now: Now) {
        if self.network == Network::Verifying {
            self.handle_unverified_network();
        }
        self.lose(now, cause_code::NO_ANSWER, "no answer after a wake signal");
    }

    /// Measures the round trip, and plans the next time. Not while nobody looks.
    pub(super) fn measure(&mut self, now: Now) {
        let is_probing = self.transport().is_some_and(Transport::is_probing);
        if self.visible && !is_probing {
            self.probe(now, false);
        }
        self.timers
            .set(Timer::Measure, now.mono_ms + self.heartbeat_ms);
    }

    /// Any reply proves the link, also an error from a server that does not know the method.
    fn probe(&mut self, now: Now, wake: bool) {
        let Some(transport) = self.ready_transport() else {
            return;
        };
        let rpc = Some(RpcRequest {
            method: RPC_PING.to_owned(),
            data: None,
        });
        let command = Command {
            rpc,
            ..Command::default()
        };
        transport.command(now.mono_ms, Purpose::Probe { wake }, command);
        self.counters.probes += 1;
        self.watch_commands();
    }

    pub(super) fn handle_probe_answer(&mut self, now: Now, sent_at: u64, wake: bool) {
        let elapsed = now.mono_ms.saturating_sub(sent_at);
        let measured = u32::try_from(elapsed).unwrap_or(u32::MAX);
        if let State::Connected { rtt_ms, .. } = &mut self.state {
            *rtt_ms = Some(measured);
            self.outputs.push_back(ConnectionOutput::Rtt(measured));
        }
        // An answer to an older probe may have been on its way since before the sleep.
        if wake && self.woken_at.is_some_and(|at| sent_at >= at) {
            self.timers.stop(Timer::Probe);
        }
    }

    /// Sets the timer for the oldest command that is not answered.
    pub(super) fn watch_commands(&mut self) {
        match self.transport().and_then(Transport::oldest_sent_at) {
            Some(sent_at) => self.timers.set(Timer::Command, sent_at + COMMAND_MS),
            None => self.timers.stop(Timer::Command),
        }
    }

    /// A command was not answered in time.
    pub(super) fn handle_command_timeout(&mut self, now: Now) {
        let Some(transport) = self.transport_mut() else {
            return;
        };
        transport.forgive_probes();
        let overdue = transport
            .oldest_sent_at()
            .is_some_and(|at| now.mono_ms >= at + COMMAND_MS);
        if overdue {
            self.lose(
                now,
                cause_code::COMMAND_TIMEOUT,
                "a command was not answered",
            );
        } else {
            self.watch_commands();
        }
    }
}
