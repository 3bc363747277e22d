//! The live connection: when to connect, what to send, which answers to trust. It makes no input or output of its own.
//!
//! Every input goes through [`Connection::handle`] and [`Connection::handle_timeout`], with the time; outputs come out of
//! [`Connection::poll_output`]; [`Connection::next_deadline`] is the one alarm to set. Called by [`crate::Core`]. Other
//! parts decide the effect of events on the data, and the words on the screen.
//!
//! Rules that hold in every state:
//!
//! - Events of a closed socket or an aborted call are dropped in one function each, by generation or id.
//! - Only an action of the user, or signing in, leaves [`OffReason::SwitchedOff`] and [`ConnectionFault::Terminal`].
//! - At most one socket is open or opening, and at most one call for a token is in flight.
//! - No input panics: malformed input is counted, see [`Counters`].
#![doc = include_str!("table.md")]

mod attempts;
mod auth;
mod calls;
mod channels;
mod clock;
mod commands;
mod connecting;
mod fault;
mod frames;
mod intent;
mod io;
mod liveness;
mod network;
mod probes;
mod state;
mod subscriptions;
mod timers;
mod token;
mod transport;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

pub use channels::ChannelName;
pub use fault::{ConnectionFault, TerminalReason};
pub use io::{
    ConnectionInput, ConnectionOutput, Counters, Recovery, SubscriptionState, SubscriptionView,
};
pub use state::{CAUSE_BYTES_MAX, Cause, OffReason, State, cause_code};

use attempts::Attempts;
use calls::{Call, Calls};
use channels::{Channels, Phase};
use clock::Clock;
use intent::Intent;
use liveness::Liveness;
use network::Network;
use timers::{Timer, Timers};
use token::Tokens;
use transport::{Stage, Transport};

use crate::io::{PageSignal, SocketCommand};
use crate::settings::Settings;
use crate::time::Now;

/// The connection. See the module's documentation.
///
/// Each part owns its data; the methods here and in the files beside only let the parts work together.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(crate) state: State,
    /// The socket, of an attempt or of the connection.
    transport: Option<Box<Transport>>,
    /// Whether the attempt in flight waits for a token, before there is a socket.
    awaits_token: bool,
    pub(crate) intent: Intent,
    attempts: Attempts,
    tokens: Tokens,
    calls: Calls,
    pub(crate) channels: Channels,
    network: Network,
    liveness: Liveness,
    clock: Clock,
    timers: Timers,
    outputs: VecDeque<ConnectionOutput>,
    /// Counts since the start.
    pub(crate) counters: Counters,
}

impl Connection {
    /// A connection at rest. `seed` spreads its waits apart from those of others.
    #[must_use]
    pub fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            state: State::default(),
            transport: None,
            awaits_token: false,
            intent: Intent::new(settings),
            attempts: Attempts::new(settings, seed),
            tokens: Tokens::default(),
            calls: Calls::default(),
            channels: Channels::default(),
            network: Network::default(),
            liveness: Liveness::new(settings),
            clock: Clock::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// How far the server's clock is ahead of this device's, in milliseconds; 0 as long as that is unknown.
    pub(crate) const fn clock_offset_ms(&self) -> i64 {
        self.clock.offset_ms
    }

    /// Handles an event, or a request of the user.
    pub fn handle(&mut self, now: Now, input: ConnectionInput) {
        if self.clock.has_jumped(now) {
            self.wake_from_sleep(now);
        }
        match input {
            ConnectionInput::SignedIn => self.sign_in(now),
            ConnectionInput::SignedOut => self.sign_out(now),
            ConnectionInput::Connect => self.connect(now),
            ConnectionInput::Disconnect => self.disconnect(now),
            ConnectionInput::Reconnect => self.reconnect(now),
            ConnectionInput::Page(signal) => self.handle_page(now, signal),
            ConnectionInput::Socket { generation, event } => {
                if self.generation_is_current(generation) {
                    self.handle_socket(now, event);
                } else {
                    self.counters.stale += 1;
                }
            }
            ConnectionInput::Http { id, result } => self.handle_http(now, id, result),
            ConnectionInput::HttpAnswered => self.handle_http_answered(now),
            ConnectionInput::Unauthenticated => self.ask_session(now),
            ConnectionInput::Subscribe(channel) => self.subscribe(now, &channel),
            ConnectionInput::Unsubscribe(channel) => self.unsubscribe(now, &channel),
        }
        self.flush();
    }

    /// Does everything that is due. Harmless when called early, late or twice.
    pub fn handle_timeout(&mut self, now: Now) {
        let is_late = Clock::is_late(now, self.next_deadline());
        if self.clock.has_jumped(now) {
            self.wake_from_sleep(now);
        } else if is_late && !self.timers.is_running(Timer::Probe) {
            // A clock that runs on through a sleep betrays it only by a late alarm.
            self.probe_after_wake(now);
        }
        while let Some(timer) = self.timers.take_due(now.mono_ms) {
            self.handle_timer(now, timer);
        }
        self.flush();
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<ConnectionOutput> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] is wanted, by [`Now::mono_ms`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        self.timers.next()
    }

    /// Attempts begun in the present outage; 0 once the connection has recovered.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        match self.transport.as_deref() {
            Some(transport) if transport.settled => 0,
            _ => self.attempts.count,
        }
    }

    /// Whether the server accepted the connection and every wanted channel is subscribed: all events arrive.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.is_connected() && self.channels.all_wanted(|phase| phase == Phase::Subscribed)
    }

    /// Whether the server accepted the connection and answered for every wanted channel, though it may have rejected
    /// some.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let is_answered = |phase| matches!(phase, Phase::Subscribed | Phase::Rejected);
        self.is_connected() && self.channels.all_wanted(is_answered)
    }

    /// Whether a channel waits for the server's answer.
    pub(crate) fn is_subscribing(&self) -> bool {
        !self
            .channels
            .all_wanted(|phase| phase != Phase::Subscribing)
    }

    /// Whether there is no network: the browser said so, and the server could not be reached.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        matches!(self.network, Network::Offline)
    }

    /// Whether the server accepted the connection.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected { .. })
    }

    fn generation_is_current(&self, generation: u64) -> bool {
        self.transport
            .as_deref()
            .is_some_and(|transport| transport.generation == generation)
    }

    /// The transport, if the server has accepted it.
    fn ready_transport(&mut self) -> Option<&mut Transport> {
        self.transport
            .as_deref_mut()
            .filter(|transport| transport.stage == Stage::Ready)
    }

    fn handle_page(&mut self, now: Now, signal: PageSignal) {
        match signal {
            PageSignal::Offline => self.doubt_network(now),
            PageSignal::Hidden => self.liveness.visible = false,
            PageSignal::Visible => {
                self.liveness.visible = true;
                self.wake(now);
            }
            PageSignal::Online => {
                self.trust_network();
                // Browsers say so somewhat before it is true: the attempts that follow come as fast as at first.
                self.attempts.restart();
                self.wake(now);
            }
            PageSignal::Focus | PageSignal::Resumed | PageSignal::Restored => self.wake(now),
        }
    }

    fn handle_timer(&mut self, now: Now, timer: Timer) {
        match timer {
            Timer::Retry => self.begin_attempt(now),
            Timer::Opening | Timer::Handshake => {
                self.lose(now, cause_code::CONNECT_TIMEOUT, "no answer in time");
            }
            Timer::Token => self.handle_token_timeout(now),
            Timer::Session => self.handle_session_timeout(),
            Timer::Command => self.handle_command_timeout(now),
            Timer::Silence => self.handle_silence(now),
            Timer::Probe => self.handle_unanswered_probe(now),
            Timer::Measure => self.measure(now),
            Timer::Refresh => self.call(now, Call::Token),
            Timer::Resubscribe => self.resubscribe(now),
            Timer::OfflineCheck => self.verify_network(now),
            Timer::OfflineProbe => self.handle_unverified_network(),
            Timer::Resync => self.resync(now),
        }
    }

    /// Sends the commands that were queued in this call.
    fn flush(&mut self) {
        let Some(transport) = &mut self.transport else {
            return;
        };
        let generation = transport.generation;
        for text in transport.take_frames() {
            let command = SocketCommand::Send { generation, text };
            self.outputs.push_back(ConnectionOutput::Socket(command));
        }
    }
}
