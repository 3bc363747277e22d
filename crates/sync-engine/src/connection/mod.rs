//! The live connection: when to connect, what to say, whom to believe. No input or output is made here.
//!
//! Everything that happens comes in through [`Connection::handle`] and [`Connection::handle_timeout`], with the time; what
//! is to be done comes out of [`Connection::poll_output`]; [`Connection::next_deadline`] names the one alarm to set. Called
//! by [`crate::Core`]. What the events mean for the data is not decided here, nor what a user is shown.
//!
//! Rules that hold in every state:
//!
//! - Events of a socket or a call that was given up are dropped in one place, by its generation or id.
//! - Only a user's own act, or signing in, leaves [`OffReason::SwitchedOff`] and [`ConnectionFault::Terminal`].
//! - At most one socket is open or opening, at most one call for a token is under way.
//! - No input panics: what cannot be read is counted, see [`Counters`].
#![doc = include_str!("table.md")]

mod attempts;
mod auth;
mod backoff;
mod channels;
mod commands;
mod fault;
mod frames;
mod io;
mod liveness;
mod network;
mod pushes;
mod state;
mod subscriptions;
mod timers;
mod token;
mod trace;
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

use backoff::Backoff;
use channels::Channels;
use network::Network;
use timers::{Timer, Timers};
use token::Tokens;
use transport::{Stage, Transport};

use crate::io::PageSignal;
use crate::settings::Settings;
use crate::time::Now;

/// A difference between the two clocks from one call to the next that betrays a sleep, in milliseconds.
const CLOCK_JUMP_MS: u64 = 3000;

/// What the session has under way besides its state.
#[derive(Clone, Debug)]
enum Work {
    /// Nothing.
    Idle,
    /// A try that waits for a token.
    Token,
    /// A socket.
    Socket(Box<Transport>),
}

/// The session. See the module's documentation.
#[derive(Clone, Debug)]
pub struct Connection {
    heartbeat_ms: u64,
    connection_timeout_ms: u64,
    realtime: bool,
    state: State,
    work: Work,
    timers: Timers,
    backoff: Backoff,
    tokens: Tokens,
    /// The call that asks whether the user is still signed in.
    ask: Option<u64>,
    channels: Channels,
    network: Network,
    outputs: VecDeque<ConnectionOutput>,
    counters: Counters,
    /// What ended last.
    cause: Cause,
    signed_in: bool,
    switched_off: bool,
    visible: bool,
    /// A token was rejected as invalid, and the next one is the last try.
    token_renewed: bool,
    /// When the last try began, and whether a sign of a network was its reason.
    attempt_began_at: u64,
    attempt_had_evidence: bool,
    /// If the try fails, another follows soon: something spoke for it meanwhile.
    retry_soon: bool,
    /// When the last probe after a wake signal was sent.
    woken_at: Option<u64>,
    resynced_at: Option<u64>,
    generation: u64,
    last_call: u64,
    clock: Option<Now>,
}

impl Connection {
    /// A session at rest. `seed` spreads its waits apart from those of others.
    #[must_use]
    pub fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            heartbeat_ms: settings.heartbeat_interval_ms,
            connection_timeout_ms: settings.connection_timeout_ms,
            realtime: settings.realtime,
            state: State::Disconnected {
                why: OffReason::SignedOut,
            },
            work: Work::Idle,
            timers: Timers::default(),
            backoff: Backoff::new(settings, seed),
            tokens: Tokens::default(),
            ask: None,
            channels: Channels::default(),
            network: Network::default(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
            cause: Cause::default(),
            signed_in: false,
            switched_off: false,
            visible: true,
            token_renewed: false,
            attempt_began_at: 0,
            attempt_had_evidence: false,
            retry_soon: false,
            woken_at: None,
            resynced_at: None,
            generation: 0,
            last_call: 0,
            clock: None,
        }
    }

    /// Takes what happened, or what somebody wants.
    pub fn handle(&mut self, now: Now, input: ConnectionInput) {
        if self.clock_jumped(now) {
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

    /// Does what is due. Harmless when called early, late or twice.
    pub fn handle_timeout(&mut self, now: Now) {
        let is_late = self.is_late(now);
        if self.clock_jumped(now) {
            self.wake_from_sleep(now);
        } else if is_late && !self.timers.is_running(Timer::Probe) {
            // A clock that runs on through a sleep shows it only by a late alarm.
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

    /// Where the session stands.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Tries begun in the present outage; 0 once the connection has recovered.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        match self.transport() {
            Some(transport) if transport.settled => 0,
            _ => self.backoff.attempt(),
        }
    }

    /// Whether the server accepted the connection and every wanted channel is subscribed: all news arrive.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.is_connected() && self.channels.are_subscribed()
    }

    /// Whether the server accepted the connection and answered for every wanted channel, though it may have rejected
    /// some.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_connected() && self.channels.are_answered()
    }

    /// Whether there is no network: the browser said so, and the server could not be reached.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        matches!(self.network, Network::Offline)
    }

    /// Whether the user switched live updates off.
    #[must_use]
    pub const fn is_switched_off(&self) -> bool {
        self.switched_off
    }

    /// The channels, wanted or not, with their places in their streams.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<SubscriptionView> {
        self.channels.views()
    }

    /// What was counted since the start.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether the server accepted the connection.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected { .. })
    }

    fn generation_is_current(&self, generation: u64) -> bool {
        self.transport()
            .is_some_and(|transport| transport.generation == generation)
    }

    const fn transport(&self) -> Option<&Transport> {
        match &self.work {
            Work::Socket(transport) => Some(transport),
            Work::Idle | Work::Token => None,
        }
    }

    const fn transport_mut(&mut self) -> Option<&mut Transport> {
        match &mut self.work {
            Work::Socket(transport) => Some(transport),
            Work::Idle | Work::Token => None,
        }
    }

    /// The link, if commands can be sent over it now.
    fn ready_transport(&mut self) -> Option<&mut Transport> {
        self.transport_mut()
            .filter(|transport| transport.stage == Stage::Ready)
    }

    /// Whether the alarm rings so late that the page must have been asleep.
    fn is_late(&self, now: Now) -> bool {
        self.next_deadline()
            .is_some_and(|deadline| now.mono_ms >= deadline.saturating_add(CLOCK_JUMP_MS))
    }

    /// Notes the time and tells whether the clocks disagree about how much of it went by.
    fn clock_jumped(&mut self, now: Now) -> bool {
        let Some(last) = self.clock.replace(now) else {
            return false;
        };
        let wall = now.wall_ms.saturating_sub(last.wall_ms);
        let mono = now.mono_ms.saturating_sub(last.mono_ms);
        wall.saturating_sub_unsigned(mono).unsigned_abs() > CLOCK_JUMP_MS
    }

    fn handle_page(&mut self, now: Now, signal: PageSignal) {
        match signal {
            PageSignal::Offline => self.doubt_network(now),
            PageSignal::Hidden => self.visible = false,
            PageSignal::Visible => {
                self.visible = true;
                self.wake(now);
            }
            PageSignal::Online => {
                self.trust_network();
                self.wake(now);
            }
            PageSignal::Focus | PageSignal::Resumed | PageSignal::Restored => self.wake(now),
        }
    }

    fn handle_timer(&mut self, now: Now, timer: Timer) {
        match timer {
            Timer::Retry => self.begin_attempt(now, false),
            Timer::Opening | Timer::Handshake => self.handle_connect_timeout(now),
            Timer::Token => self.handle_token_timeout(now),
            Timer::Ask => self.handle_ask_timeout(),
            Timer::Command => self.handle_command_timeout(now),
            Timer::Silence => self.handle_silence(now),
            Timer::Probe => self.handle_unanswered_probe(now),
            Timer::Measure => self.measure(now),
            Timer::Refresh => self.fetch_token(now),
            Timer::Resubscribe => self.resubscribe(now),
            Timer::OfflineCheck => self.verify_network(now),
            Timer::OfflineProbe => self.handle_unverified_network(),
            Timer::Resync => self.resync(now),
        }
    }

    /// Turns what was queued in this call into frames.
    fn flush(&mut self) {
        let Work::Socket(transport) = &mut self.work else {
            return;
        };
        let generation = transport.generation;
        let frames = transport.take_frames().into_iter();
        self.outputs
            .extend(frames.map(|text| ConnectionOutput::Send { generation, text }));
    }

    const fn next_call(&mut self) -> u64 {
        self.last_call += 1;
        self.last_call
    }
}
