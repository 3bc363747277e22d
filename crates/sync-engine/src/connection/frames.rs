//! The events of a socket, the frames, the replies.

use sync_protocol::centrifugo::{
    Command, ConnectRequest, ConnectResult, PING, RefreshResult, Reply, ReplyError, close_code,
    error_code, messages,
};
use sync_protocol::limits::SERVER_FRAME_BYTES_MAX;

use super::Connection;
use super::calls::Call;
use super::channels::Subscription;
use super::clock::Clock;
use super::fault::{TerminalReason, is_passing};
use super::io::ConnectionOutput;
use super::state::{State, cause_code};
use super::timers::Timer;
use super::transport::{Pending, Purpose, Stage, Transport};
use crate::io::SocketEvent;
use crate::map::MapExt as _;
use crate::time::Now;

/// Longest wait for the server to accept the connection, in milliseconds.
const HANDSHAKE_MS: u64 = 5000;
/// The client's name for itself; Centrifugo allows 16 characters.
const CLIENT_NAME: &str = "sync-engine";
/// Codes that a browser gives when there was no close frame: 1005 and 1006 (RFC 6455 section 7.4.1).
const NO_CLOSE_FRAME: [u16; 2] = [1005, 1006];

impl Connection {
    pub(super) fn handle_socket(&mut self, now: Now, event: SocketEvent) {
        match event {
            SocketEvent::Opened => self.handle_opened(now),
            SocketEvent::Text(text) => self.handle_text(now, &text),
            SocketEvent::Malformed => self.handle_malformed(now),
            SocketEvent::Closed { code, reason } => self.handle_closed(now, code, &reason),
            SocketEvent::Failed => {
                self.lose(now, cause_code::TRANSPORT_CLOSED, "the socket failed");
            }
        }
    }

    /// The socket is open: sends `connect`, and asks for all channels in the same frame.
    fn handle_opened(&mut self, now: Now) {
        let token = self.tokens.token().map(|token| token.token.clone());
        let Some(transport) = self
            .transport
            .as_deref_mut()
            .filter(|transport| transport.stage == Stage::Opening)
        else {
            self.counters.unknown += 1;
            return;
        };
        transport.stage = Stage::Handshake;
        transport.last_heard = now.mono_ms;
        let command = Command {
            connect: Some(ConnectRequest {
                token: token.unwrap_or_default(),
                name: CLIENT_NAME.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            }),
            ..Command::default()
        };
        transport.command(now.mono_ms, Purpose::Connect, command);
        self.timers.stop(Timer::Opening);
        self.timers
            .set(Timer::Handshake, now.mono_ms + HANDSHAKE_MS);
        self.subscribe_all(now);
    }

    pub(super) fn handle_closed(&mut self, now: Now, code: u16, reason: &str) {
        match code {
            close_code::INVALID_TOKEN if self.tokens.renew() => {}
            close_code::EXPIRED => self.tokens.held = None,
            close_code::STATE_INVALIDATED => {
                self.tokens.held = None;
                let all = self.channels.subscriptions.values_mut();
                all.for_each(Subscription::drop_position);
            }
            // The page slept, or was starved, between the opening of its socket and `connect`. It is awake now.
            close_code::STALE if !self.is_connected() => {}
            _ => {
                if let Some(why) = TerminalReason::of_close(code) {
                    self.fail(now, u32::from(code), reason, why);
                    return;
                }
            }
        }
        let code = if NO_CLOSE_FRAME.contains(&code) {
            cause_code::TRANSPORT_CLOSED
        } else {
            u32::from(code)
        };
        self.lose(now, code, reason);
    }

    fn handle_text(&mut self, now: Now, text: &str) {
        if text.len() > SERVER_FRAME_BYTES_MAX {
            self.handle_malformed(now);
            return;
        }
        // Before the frame stops the timer that it is late for, as the answer to `connect` does.
        let is_late = Clock::is_late(now, self.next_deadline());
        let Some(generation) = self.hear(now) else {
            return;
        };
        let mut is_well_formed = true;
        for line in messages(text) {
            match serde_json::from_str::<Reply>(line).ok() {
                Some(reply) => self.handle_reply(now, reply),
                None => {
                    self.counters.malformed += 1;
                    is_well_formed = false;
                }
            }
            // A reply may have ended the connection; the rest of the frame no longer matters.
            if !self.generation_is_current(generation) {
                return;
            }
        }
        self.note_frame(now, is_well_formed, is_late);
    }

    /// A frame that is not parsed at all: it proves the transport, and something may have been lost with it.
    fn handle_malformed(&mut self, now: Now) {
        let is_late = Clock::is_late(now, self.next_deadline());
        if self.hear(now).is_some() {
            self.counters.oversized += 1;
            self.note_frame(now, false, is_late);
        }
    }

    /// A frame arrived. Returns the generation of its transport, if the server may send frames on it yet.
    fn hear(&mut self, now: Now) -> Option<u64> {
        let Some(transport) = self
            .transport
            .as_deref_mut()
            .filter(|transport| transport.stage != Stage::Opening)
        else {
            self.counters.unknown += 1;
            return None;
        };
        transport.last_heard = now.mono_ms;
        let generation = transport.generation;
        self.note_arrival();
        Some(generation)
    }

    /// The effect of a frame on the connection, whatever it holds.
    fn note_frame(&mut self, now: Now, is_well_formed: bool, is_late: bool) {
        if !is_well_formed {
            self.outputs.push_back(ConnectionOutput::Malformed);
        }
        if self.is_connected() {
            // After a sleep, a frame that comes before the alarm or the answer to the probe may have been in flight since
            // before.
            if !self.timers.is_running(Timer::Probe) && !is_late {
                self.outputs.push_back(ConnectionOutput::Heartbeat);
            }
            self.watch_silence();
            if !is_well_formed {
                self.plan_resync(now);
            }
        }
    }

    fn handle_reply(&mut self, now: Now, reply: Reply) {
        if reply.is_ping() {
            self.handle_ping(now);
        } else if reply.id == 0 {
            match reply.push {
                Some(push) => self.handle_push(now, push),
                None => self.counters.unknown += 1,
            }
        } else {
            let answered = self
                .transport
                .as_deref_mut()
                .and_then(|transport| transport.pending.remove(&reply.id));
            match answered {
                Some(pending) => self.handle_answer(now, pending, reply),
                None => self.counters.unknown += 1,
            }
        }
    }

    fn handle_ping(&mut self, now: Now) {
        self.note_heartbeat(now);
        // An answer that the server did not ask for breaks the protocol.
        let is_wanted = |transport: &&mut Transport| transport.pong;
        if let Some(transport) = self.ready_transport().filter(is_wanted) {
            transport.outbox.push(PING.to_owned());
        }
    }

    fn handle_answer(&mut self, now: Now, pending: Pending, reply: Reply) {
        self.watch_commands();
        let Pending { purpose, sent_at } = pending;
        if purpose != Purpose::Connect {
            self.note_heartbeat(now);
        }
        match (purpose, reply.error) {
            (Purpose::Connect, None) => match reply.connect {
                Some(result) => self.handle_accepted(now, &result),
                None => self.lose(
                    now,
                    cause_code::BAD_PROTOCOL,
                    "connect reply without a result",
                ),
            },
            (Purpose::Connect, Some(error)) => self.handle_connect_error(now, &error),
            (Purpose::Probe { wake }, _) => self.handle_probe_answer(now, sent_at, wake),
            (Purpose::Refresh, None) => {
                let RefreshResult { expires, ttl, .. } = reply.refresh.unwrap_or_default();
                self.plan_refresh(now, expires, ttl);
            }
            (Purpose::Refresh, Some(error)) => self.handle_refresh_error(now, &error),
            (Purpose::Subscribe { channel, from }, None) => match reply.subscribe {
                Some(result) => self.handle_subscribed(now, &channel, from, result),
                None => self.lose(
                    now,
                    cause_code::BAD_PROTOCOL,
                    "subscribe reply without a result",
                ),
            },
            (Purpose::Subscribe { channel, .. }, Some(error)) => {
                self.handle_subscribe_error(now, &channel, &error);
            }
            (Purpose::Unsubscribe(channel), _) => self.handle_unsubscribed(now, &channel),
        }
        self.note_settled();
    }

    fn handle_accepted(&mut self, now: Now, result: &ConnectResult) {
        let mono = now.mono_ms;
        let Some(transport) = self.transport.as_deref_mut() else {
            return;
        };
        transport.stage = Stage::Ready;
        transport.ready_at = mono;
        transport.ping_ms = u64::from(result.ping) * 1000;
        transport.pong = result.pong;
        self.counters.connections += 1;
        // Channels that the server chose are not wanted here.
        self.counters.unknown += result.subs.len() as u64;
        self.tokens.renewed = false;
        self.timers.stop(Timer::Handshake);
        // It was in time: the user need not replace it.
        self.timers.stop(Timer::Retry);
        self.plan_refresh(now, result.expires, result.ttl);
        let state = State::Connected {
            since: now,
            rtt_ms: None,
        };
        self.enter(now, state, cause_code::CALLED, "connected");
        if self.clock.is_in_doubt {
            self.call(now, Call::Token);
        }
        // Channels that were asked for during the handshake.
        self.subscribe_all(now);
        self.watch_silence();
        self.measure(now);
    }

    fn handle_connect_error(&mut self, now: Now, error: &ReplyError) {
        if let Some(why) = TerminalReason::of_connect_error(error.code, error.temporary) {
            self.fail(now, error.code, &error.message, why);
            return;
        }
        if error.code == error_code::TOKEN_EXPIRED {
            self.tokens.held = None;
        }
        self.lose(now, error.code, &error.message);
    }

    fn handle_refresh_error(&mut self, now: Now, error: &ReplyError) {
        if is_passing(error.code, error.temporary) {
            self.handle_missing_token(now, None);
        } else {
            // A new connection with a new token finds out whether the user may still be here.
            self.tokens.held = None;
            self.lose(now, error.code, &error.message);
        }
    }

    /// The server did more than accept the connection: the waits may start small again, if the connection lasts a little.
    fn note_heartbeat(&mut self, now: Now) {
        if let Some(transport) = self.ready_transport() {
            transport.proven_at.get_or_insert(now.mono_ms);
        }
        self.note_settled();
    }

    /// The connection has recovered once every wanted channel was answered.
    pub(super) fn note_settled(&mut self) {
        let is_settled = self.is_settled();
        if let Some(transport) = self.ready_transport() {
            transport.settled |= is_settled;
        }
    }
}
