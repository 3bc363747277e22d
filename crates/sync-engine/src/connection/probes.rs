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
/// How long a probe after a wake signal has for its answer, in milliseconds.
const WAKE_PROBE_MS: u64 = 2000;

impl Connection {
    /// Sets the timer for the next silence.
    pub(super) fn watch_silence(&mut self) {
        if let Some(transport) = self.transport.as_deref() {
            let (probe_after, _) = self.liveness.silence_limits(transport, self.state.rtt_ms());
            let deadline = transport.last_heard + probe_after;
            self.timers.set(Timer::Silence, deadline);
        }
    }

    /// The transport has been silent for long: probes it, or loses it if it was probed already.
    pub(super) fn handle_silence(&mut self, now: Now) {
        let Some(transport) = self.transport.as_deref() else {
            return;
        };
        let (probe_after, limit) = self.liveness.silence_limits(transport, self.state.rtt_ms());
        let answer_ms = limit - probe_after;
        let heard = transport.last_heard;
        let probed_at = transport.newest_probe_at().filter(|at| *at >= heard);
        if now.mono_ms.saturating_sub(heard) < probe_after {
            self.watch_silence();
            return;
        }
        let Some(probed_at) = probed_at else {
            self.probe(now, false);
            // A throttled timer may ring late; the probe gets its time all the same.
            self.timers.set(Timer::Silence, now.mono_ms + answer_ms);
            return;
        };
        let deadline = probed_at + answer_ms;
        if now.mono_ms < deadline {
            self.timers.set(Timer::Silence, deadline);
        } else {
            self.lose(now, cause_code::NO_PING, "the connection went silent");
        }
    }

    /// Asks for a heartbeat, unless this awakening did already.
    pub(super) fn probe_after_wake(&mut self, now: Now) {
        // A probe that is overdue was sent before a sleep, and its answer may be as old.
        let is_probing = self.timers.deadline(Timer::Probe);
        if !self.is_connected() || is_probing.is_some_and(|until| now.mono_ms < until) {
            return;
        }
        let is_same_awakening = self.liveness.is_same_awakening(now.mono_ms);
        if is_same_awakening && self.network != Network::Verifying {
            return;
        }
        self.liveness
            .note_probe(now.mono_ms, self.network == Network::Verifying);
        self.probe(now, true);
        self.timers.set(Timer::Probe, now.mono_ms + WAKE_PROBE_MS);
    }

    pub(super) fn handle_unanswered_probe(&mut self, now: Now) {
        if self.network == Network::Verifying {
            self.handle_unverified_network();
        }
        self.lose(now, cause_code::NO_ANSWER, "no answer after a wake signal");
    }

    /// Measures the round trip, and plans the next time. Not while the page is hidden.
    pub(super) fn measure(&mut self, now: Now) {
        let probed_at = self
            .transport
            .as_deref()
            .and_then(Transport::newest_probe_at);
        if self.liveness.visible && probed_at.is_none() {
            self.probe(now, false);
        }
        self.timers
            .set(Timer::Measure, now.mono_ms + self.liveness.heartbeat_ms);
    }

    /// Any reply proves the transport, also an error from a server that does not know the method.
    fn probe(&mut self, now: Now, wake: bool) {
        let Some(transport) = self.ready_transport() else {
            return;
        };
        let command = Command {
            rpc: Some(RpcRequest {
                method: RPC_PING.to_owned(),
                data: None,
            }),
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
        // The transport survived the last awakening; the answer to an older probe may have been in flight since before the
        // sleep.
        if wake && self.liveness.woken_at.is_some_and(|at| sent_at >= at) {
            self.timers.stop(Timer::Probe);
        }
    }

    /// Sets the timer for the oldest command that is not answered.
    pub(super) fn watch_commands(&mut self) {
        match self
            .transport
            .as_deref()
            .and_then(Transport::oldest_sent_at)
        {
            Some(sent_at) => self.timers.set(Timer::Command, sent_at + COMMAND_MS),
            None => self.timers.stop(Timer::Command),
        }
    }

    /// A command was not answered in time.
    pub(super) fn handle_command_timeout(&mut self, now: Now) {
        let Some(transport) = self.transport.as_deref_mut() else {
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
