//! A connection, a network and a server under one virtual clock. Every event leaves a line in the trace.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sync_protocol::centrifugo::{Command, error_code, messages};
use sync_protocol::{Timestamp, Token};

use crate::connection::{
    ChannelName, Connection, ConnectionInput, ConnectionOutput, Recovery, State,
};
use crate::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use crate::io::{PageSignal, SocketCommand, SocketEvent};
use crate::settings::Settings;
use crate::time::Now;

/// The network's treatment of everything that is sent from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Net {
    /// Everything arrives after the latency.
    Up,
    /// Connections and calls fail at once.
    Refusing,
    /// Everything vanishes silently.
    BlackHole,
}

/// A stream on the server.
#[derive(Debug, Default)]
struct Stream {
    epoch: String,
    /// Offsets from 1 on.
    publications: Vec<String>,
    /// Offsets below this are no longer in the history.
    kept_from: u64,
}

/// The test bench.
pub(crate) struct Sim {
    pub(crate) connection: Connection,
    pub(crate) now: Now,
    pub(crate) net: Net,
    pub(crate) latency_ms: u64,
    /// The answer to the token call, if not a token.
    pub(crate) token_failure: Option<HttpFailure>,
    /// The answer to the session call, if not that a user is signed in.
    pub(crate) session_failure: Option<HttpFailure>,
    /// Error replies to `subscribe`, by channel name.
    pub(crate) rejections: BTreeMap<String, (u32, bool)>,
    /// The reply to `connect` after its id; `{}` vanish with `None`.
    pub(crate) connect_reply: Option<String>,
    /// Seconds between pings; 0 for none.
    pub(crate) ping_s: u64,
    /// How long a token lasts, in milliseconds.
    pub(crate) token_ms: i64,
    pub(crate) trace: Vec<String>,
    pub(crate) outputs: Vec<ConnectionOutput>,
    pub(crate) commands: Vec<Command>,
    /// When attempts opened a socket.
    pub(crate) opened_at: Vec<u64>,
    /// Sockets and calls that the connection holds open, by its outputs.
    held: BTreeSet<u64>,
    calls: BTreeMap<u64, bool>,
    sockets: BTreeSet<u64>,
    subscribed: BTreeSet<(u64, String)>,
    streams: BTreeMap<String, Stream>,
    queue: BTreeMap<(u64, u64), ConnectionInput>,
    /// When the last event of each socket arrives.
    arrivals: BTreeMap<u64, u64>,
    /// When the alarm last rang.
    ringing: Option<u64>,
    sequence: u64,
    next_ping: Option<u64>,
}

pub(crate) fn favorites() -> ChannelName {
    ChannelName::from("dashboard:favorites#ada")
}

pub(crate) fn orders() -> ChannelName {
    ChannelName::from("dashboard:orders#ada")
}

impl Sim {
    pub(crate) fn new() -> Self {
        Self::with(&Settings::default(), 7)
    }

    pub(crate) fn with(settings: &Settings, seed: u64) -> Self {
        let mut sim = Self {
            connection: Connection::new(settings, seed),
            now: Now {
                mono_ms: 5000,
                wall_ms: 1_763_892_000_000,
            },
            net: Net::Up,
            latency_ms: 20,
            token_failure: None,
            session_failure: None,
            rejections: BTreeMap::new(),
            connect_reply: None,
            ping_s: 0,
            token_ms: 600_000,
            trace: Vec::new(),
            outputs: Vec::new(),
            commands: Vec::new(),
            opened_at: Vec::new(),
            held: BTreeSet::new(),
            calls: BTreeMap::new(),
            sockets: BTreeSet::new(),
            subscribed: BTreeSet::new(),
            streams: BTreeMap::new(),
            queue: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            ringing: None,
            sequence: 0,
            next_ping: None,
        };
        sim.announce_pings(10);
        sim
    }

    /// The server pings every so many seconds, and says so to whoever connects; 0 for never.
    pub(crate) fn announce_pings(&mut self, every_s: u32) {
        self.ping_s = u64::from(every_s);
        let reply = format!(r#""client":"c","ping":{every_s},"pong":true"#);
        self.connect_reply = Some(reply);
    }

    /// Signed in, connected, with favorites and orders subscribed.
    pub(crate) fn live() -> Self {
        let mut sim = Self::new();
        sim.go_live();
        sim
    }

    pub(crate) fn go_live(&mut self) {
        self.give(ConnectionInput::Subscribe(favorites()));
        self.give(ConnectionInput::Subscribe(orders()));
        self.give(ConnectionInput::SignedIn);
        self.run(1000);
        assert!(self.connection.is_live(), "{}", self.story());
    }

    /// Gives the connection an input now.
    pub(crate) fn give(&mut self, input: ConnectionInput) {
        self.note(&format!("> {input}"));
        if let ConnectionInput::Http { id, .. } = &input {
            self.calls.remove(id);
        }
        self.connection.handle(self.now, input);
        self.drain();
    }

    pub(crate) fn page(&mut self, signal: PageSignal) {
        self.give(ConnectionInput::Page(signal));
    }

    /// Lets time go by.
    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        loop {
            let event = self.queue.keys().next().map(|(at, _)| *at);
            let next = [event, self.connection.next_deadline(), self.next_ping];
            let Some(at) = next.into_iter().flatten().min().filter(|at| *at <= end) else {
                break;
            };
            let passed = at.saturating_sub(self.now.mono_ms);
            self.now = self.now.after(passed);
            if event == Some(at) {
                let (_, input) = self.queue.pop_first().expect("it was just seen");
                self.give(input);
            } else if self.next_ping == Some(at) {
                self.ping();
            } else {
                self.connection.handle_timeout(self.now);
                self.ringing = Some(self.now.mono_ms);
                self.drain();
            }
        }
        self.now = self.now.after(end - self.now.mono_ms);
    }

    /// The device sleeps: the wall clock goes on, the other stands still, and nothing runs.
    pub(crate) fn suspend(&mut self, ms: i64) {
        self.now.wall_ms += ms;
        self.note(&format!("sleeps for {ms} ms"));
    }

    /// Every open socket dies silently.
    pub(crate) fn kill_sockets(&mut self) {
        self.sockets.clear();
        self.subscribed.clear();
    }

    /// The newest number published on a stream; 0 if none was.
    pub(crate) fn newest(&mut self, channel: &ChannelName) -> u64 {
        let newest = self.stream(channel).publications.last();
        newest.map_or(0, |data| data.parse().expect("numbers are published"))
    }

    /// Whether a number between the two was published on a stream.
    pub(crate) fn skipped(&self, channel: &ChannelName, after: u64, before: u64) -> bool {
        let stream = self.streams.get(&**channel);
        let numbers = stream.into_iter().flat_map(|stream| &stream.publications);
        let mut numbers = numbers.filter_map(|data| data.parse::<u64>().ok());
        numbers.any(|number| after < number && number < before)
    }

    /// Invariants after every event.
    fn check(&self) {
        let story = || self.trace[self.trace.len().saturating_sub(60)..].join("\n");
        assert!(self.held.len() <= 1, "two sockets\n{}", story());
        for is_token in [true, false] {
            let open = self.calls.values().filter(|is| **is == is_token).count();
            assert!(open <= 1, "two calls\n{}", story());
        }
        let deadline = self.connection.next_deadline();
        assert!(
            deadline.is_none_or(|at| at > self.now.mono_ms) || self.is_overdue(),
            "an alarm that rings for ever\n{}",
            story()
        );
        self.connection.assert_consistent();
    }

    /// Whether time jumped over the alarm, which then is about to ring.
    fn is_overdue(&self) -> bool {
        self.ringing.is_none_or(|at| at != self.now.mono_ms)
    }

    /// Cuts every socket, with a close event.
    pub(crate) fn cut(&mut self, code: u16) {
        for generation in std::mem::take(&mut self.sockets) {
            let reason = String::new();
            let event = SocketEvent::Closed { code, reason };
            self.give(ConnectionInput::Socket { generation, event });
        }
    }

    /// The server publishes.
    pub(crate) fn publish(&mut self, channel: &ChannelName, data: &str) {
        let name = channel.to_string();
        let stream = self.stream(&name);
        stream.publications.push(data.to_owned());
        let offset = stream.publications.len();
        let push = format!(
            r#"{{"push":{{"channel":"{name}","pub":{{"data":{data},"offset":{offset}}}}}}}"#
        );
        for (generation, subscribed) in self.subscribed.clone() {
            if subscribed == name {
                self.say(generation, push.clone());
            }
        }
    }

    /// The server ends a subscription.
    pub(crate) fn unsubscribe_by_server(&mut self, channel: &ChannelName, code: u32) {
        let generation = self.generation();
        self.subscribed.remove(&(generation, channel.to_string()));
        self.say_now(&format!(
            r#"{{"push":{{"channel":"{channel}","unsubscribe":{{"code":{code}}}}}}}"#
        ));
    }

    /// The server loses all but the newest part of a stream's history.
    pub(crate) fn forget_history(&mut self, channel: &ChannelName) {
        let stream = self.stream(channel);
        stream.kept_from = stream.publications.len() as u64 + 1;
    }

    /// The server sends a frame over the open socket.
    pub(crate) fn say_now(&mut self, text: &str) {
        let generation = self.generation();
        let event = SocketEvent::Text(text.to_owned());
        self.give(ConnectionInput::Socket { generation, event });
    }

    /// Whether a socket is open.
    pub(crate) fn has_socket(&self) -> bool {
        !self.sockets.is_empty()
    }

    /// The newest open socket.
    pub(crate) fn generation(&self) -> u64 {
        *self.sockets.last().expect("a socket is open")
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.connection.state, State::Connected { .. })
    }

    /// Data of the publications that were handed on.
    pub(crate) fn publications(&self) -> Vec<(String, bool)> {
        let publications = self.outputs.iter().filter_map(|output| match output {
            ConnectionOutput::Publication {
                data, recovered, ..
            } => Some((data.get().to_owned(), *recovered)),
            _ => None,
        });
        publications.collect()
    }

    pub(crate) fn recoveries(&self) -> Vec<Recovery> {
        let recoveries = self.outputs.iter().filter_map(|output| match output {
            ConnectionOutput::Subscribed { recovery, .. } => Some(*recovery),
            _ => None,
        });
        recoveries.collect()
    }

    /// Takes the outputs so far.
    pub(crate) fn take(&mut self) -> Vec<ConnectionOutput> {
        self.commands.clear();
        std::mem::take(&mut self.outputs)
    }

    pub(crate) fn story(&self) -> String {
        self.trace.join("\n")
    }

    fn note(&mut self, line: &str) {
        self.trace.push(format!("{:>8} {line}", self.now.mono_ms));
    }

    fn stream(&mut self, name: &str) -> &mut Stream {
        self.streams
            .entry(name.to_owned())
            .or_insert_with(|| Stream {
                epoch: "e1".to_owned(),
                ..Stream::default()
            })
    }

    fn later(&mut self, ms: u64, input: ConnectionInput) {
        self.sequence += 1;
        let mut at = self.now.mono_ms + ms;
        if let ConnectionInput::Socket { generation, .. } = input {
            // The frames of one socket arrive in order, however the latency changes.
            let last = self.arrivals.entry(generation).or_default();
            at = at.max(*last);
            *last = at;
        }
        self.queue.insert((at, self.sequence), input);
    }

    fn say(&mut self, generation: u64, text: String) {
        if self.net == Net::Up {
            let event = SocketEvent::Text(text);
            self.later(
                self.latency_ms,
                ConnectionInput::Socket { generation, event },
            );
        }
    }

    fn ping(&mut self) {
        self.next_ping = Some(self.now.mono_ms + self.ping_s * 1000);
        if let Some(generation) = self.sockets.last().copied() {
            self.say(generation, "{}".to_owned());
        }
    }

    fn drain(&mut self) {
        let mut outputs = VecDeque::new();
        while let Some(output) = self.connection.poll_output() {
            outputs.push_back(output);
        }
        for output in outputs {
            self.note(&format!("< {output}"));
            self.act(&output);
            self.outputs.push(output);
        }
        self.check();
    }

    fn act(&mut self, output: &ConnectionOutput) {
        let latency = self.latency_ms;
        match output {
            ConnectionOutput::Socket(SocketCommand::Open { generation, .. }) => {
                self.held.insert(*generation);
                self.opened_at.push(self.now.mono_ms);
                let generation = *generation;
                let event = match self.net {
                    Net::Up => SocketEvent::Opened,
                    Net::Refusing => SocketEvent::Failed,
                    Net::BlackHole => return,
                };
                if event == SocketEvent::Opened {
                    self.sockets.insert(generation);
                }
                self.later(2 * latency, ConnectionInput::Socket { generation, event });
            }
            ConnectionOutput::Socket(SocketCommand::Send { generation, text }) => {
                self.hear(*generation, text);
            }
            ConnectionOutput::Socket(SocketCommand::Close { generation, .. }) => {
                self.held.remove(generation);
                self.sockets.remove(generation);
                self.subscribed.retain(|(of, _)| of != generation);
            }
            ConnectionOutput::CancelHttp { id } => {
                self.calls.remove(id);
            }
            ConnectionOutput::Http { id, request } => {
                self.calls.insert(*id, *request == HttpRequest::Token);
                let result = match self.net {
                    Net::Up => self.answer(request),
                    Net::Refusing => Err(HttpFailure::Network),
                    Net::BlackHole => return,
                };
                self.later(2 * latency, ConnectionInput::Http { id: *id, result });
            }
            _ => {}
        }
    }

    fn answer(&self, request: &HttpRequest) -> HttpResult {
        let failure = match request {
            HttpRequest::Token => &self.token_failure,
            _ => &self.session_failure,
        };
        if let Some(failure) = failure {
            return Err(failure.clone());
        }
        Ok(match request {
            HttpRequest::Token => HttpReply::Token(Token {
                token: "jwt".to_owned(),
                expires_at: Timestamp::from_unix_ms(self.now.wall_ms + self.token_ms),
                url: None,
                server_time: Some(Timestamp::from_unix_ms(self.now.wall_ms)),
            }),
            _ => HttpReply::Session(sync_protocol::Session::default()),
        })
    }

    fn hear(&mut self, generation: u64, text: &str) {
        if self.net != Net::Up || !self.sockets.contains(&generation) {
            return;
        }
        let mut replies = Vec::new();
        for line in messages(text) {
            let command: Command = serde_json::from_str(line).expect("the client writes JSON");
            let id = command.id;
            if let Some(result) = self.reply(generation, &command) {
                replies.push(format!(r#"{{"id":{id},{result}}}"#));
            }
            self.commands.push(command);
        }
        if !replies.is_empty() {
            let event = SocketEvent::Text(replies.join("\n"));
            self.later(
                2 * self.latency_ms,
                ConnectionInput::Socket { generation, event },
            );
        }
    }

    fn reply(&mut self, generation: u64, command: &Command) -> Option<String> {
        if command.connect.is_some() {
            let connect = self.connect_reply.clone()?;
            if self.ping_s > 0 {
                self.next_ping = Some(self.now.mono_ms + self.ping_s * 1000);
            }
            return Some(if connect.starts_with("\"error\"") {
                connect
            } else {
                format!(r#""connect":{{{connect}}}"#)
            });
        }
        if let Some(subscribe) = &command.subscribe {
            return Some(self.reply_to_subscribe(generation, subscribe));
        }
        if let Some(unsubscribe) = &command.unsubscribe {
            let key = (generation, unsubscribe.channel.clone());
            self.subscribed.remove(&key);
            return Some(r#""unsubscribe":{}"#.to_owned());
        }
        if command.refresh.is_some() {
            let ttl = self.token_ms / 1000;
            return Some(format!(r#""refresh":{{"expires":true,"ttl":{ttl}}}"#));
        }
        command.rpc.is_some().then(|| r#""rpc":{}"#.to_owned())
    }

    fn reply_to_subscribe(
        &mut self,
        generation: u64,
        request: &sync_protocol::centrifugo::SubscribeRequest,
    ) -> String {
        let name = &request.channel;
        if let Some((code, temporary)) = self.rejections.get(name) {
            return format!(r#""error":{{"code":{code},"message":"no","temporary":{temporary}}}"#);
        }
        if !self.subscribed.insert((generation, name.clone())) {
            let code = error_code::ALREADY_SUBSCRIBED;
            return format!(r#""error":{{"code":{code}}}"#);
        }
        let stream = self.stream(name);
        let (epoch, top) = (stream.epoch.clone(), stream.publications.len() as u64);
        let recovers = request.recover
            && request.epoch == epoch
            && request.offset <= top
            && request.offset + 1 >= stream.kept_from;
        if !recovers {
            return format!(
                r#""subscribe":{{"recoverable":true,"epoch":"{epoch}","offset":{top}}}"#
            );
        }
        let missed: Vec<_> = (request.offset..top)
            .map(|index| {
                let data = &stream.publications[index as usize];
                format!(r#"{{"data":{data},"offset":{}}}"#, index + 1)
            })
            .collect();
        format!(
            r#""subscribe":{{"recoverable":true,"epoch":"{epoch}","offset":{},"recovered":true,"was_recovering":true,"publications":[{}]}}"#,
            request.offset,
            missed.join(",")
        )
    }
}
