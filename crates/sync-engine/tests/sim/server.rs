//! The server as clients meet it over the wire: connections, subscriptions, pings, tokens, close codes.
//!
//! It is strict: whatever a client may not do by the protocol is recorded as broken, and fails the run.

use std::collections::{BTreeMap, BTreeSet};

use dashboard_model::catalog::CatalogEvent;
use dashboard_model::{CatalogUpdates, Event, Resource};
use sync_engine::http::HttpRequest;
use sync_engine::random::Random;
use sync_engine::schema::{Feed, Schema, Topic};
use sync_protocol::centrifugo::{
    Command, SubscribeRequest, close_code, error_code, messages, unsubscribe_code,
};
use sync_protocol::limits::CLIENT_FRAME_BYTES_MAX;

use crate::channels::Channels;
use crate::users::{Answer, NAMES, Users};

/// A socket: the client's index, and its generation there.
pub(crate) type Socket = (usize, u64);

/// After the end of its token a connection is closed only so much later, in milliseconds.
const EXPIRED_CLOSE_MS: u64 = 25_000;
/// Longest wait for a pong, in milliseconds.
const PONG_MS: u64 = 8000;

/// What differs from server to server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Seconds between pings; 0 for none.
    pub(crate) ping_s: u64,
    /// Whether pings have to be answered.
    pub(crate) pong: bool,
    /// How long a token lasts.
    pub(crate) token_ms: u64,
    /// Publications that a stream keeps.
    pub(crate) history: usize,
    /// For how long.
    pub(crate) history_ms: u64,
    /// Whether a subscription is rejected for a short time now and then.
    pub(crate) rejects: bool,
    /// Whether the method that clients probe with is known.
    pub(crate) knows_probe: bool,
}

impl Rules {
    /// Longest time until a client with the default settings notices that an idle connection is dead, in milliseconds: 2 s
    /// after a missing ping, or after a silence of 30 s where there are none.
    pub(crate) const fn noticed_ms(&self) -> u64 {
        match self.ping_s {
            0 => 32_000,
            ping_s => ping_s * 1000 + 2000,
        }
    }
}

/// Something that the server does later.
#[derive(Clone, Debug)]
pub(crate) enum Chore {
    Ping(Socket),
    CheckPong(Socket, u64),
    Expire(Socket),
    Publish(String, String),
    /// The position check finds that a subscriber missed a publication.
    Insufficient(Socket, String),
}

/// What the server does now.
#[derive(Debug)]
pub(crate) enum Out {
    Say(Socket, String),
    HangUp(Socket, u16),
    Later(u64, Chore),
}

/// What a commit made of a resource.
pub(crate) struct Committed {
    pub(crate) at: u64,
    pub(crate) user: usize,
    pub(crate) epoch: String,
    pub(crate) resource: Resource,
    pub(crate) version: u64,
}

/// A connection.
#[derive(Default)]
pub(crate) struct Connection {
    session: u64,
    user: usize,
    pub(crate) accepted: bool,
    last_id: u32,
    pub(crate) subscribed: BTreeSet<String>,
    pinged_at: Option<u64>,
    expires_at: u64,
    /// The next publication does not reach it.
    pub(crate) loses_next: bool,
}

/// The server.
pub(crate) struct Server {
    schema: Schema,
    pub(crate) rules: Rules,
    pub(crate) users: Users,
    pub(crate) channels: Channels,
    pub(crate) connections: BTreeMap<Socket, Connection>,
    random: Random,
    /// Until when it is down.
    pub(crate) up_at: u64,
    pub(crate) out: Vec<Out>,
    /// Rules that clients broke.
    pub(crate) broken: Vec<String>,
    /// All commits by resource, as they were made.
    pub(crate) commits: Vec<Committed>,
    /// When what was committed last is published, so that the order holds.
    published_at: u64,
    /// Connections that were closed because their token had ended, or a ping was not answered.
    pub(crate) lapsed: Vec<(Socket, u16)>,
}

impl Server {
    pub(crate) fn new(rules: Rules, seed: u64) -> Self {
        Self {
            schema: dashboard_model::schema(),
            rules,
            users: Users::new(rules.token_ms),
            channels: Channels::new(rules.history, rules.history_ms),
            connections: BTreeMap::new(),
            random: Random::new(seed),
            up_at: 0,
            out: Vec::new(),
            broken: Vec::new(),
            commits: Vec::new(),
            published_at: 0,
            lapsed: Vec::new(),
        }
    }

    pub(crate) const fn is_up(&self, now: u64) -> bool {
        now >= self.up_at
    }

    /// Answers a call and plans what it makes public.
    pub(crate) fn answer(&mut self, now: u64, session: u64, request: &HttpRequest) -> Answer {
        let answer = self.users.answer(now, session, request);
        if let Some(owner) = self.users.owner(session) {
            self.make_public(now, owner, &answer.events);
        }
        answer
    }

    /// Events of a commit go out soon, in order; now and then the parts of one commit at different times.
    pub(crate) fn make_public(&mut self, now: u64, user: usize, events: &[Event]) {
        let apart = self.random.up_to(9) == 0;
        let delay = [0, 5, 20, 120][self.random.up_to(3) as usize];
        self.published_at = self.published_at.max(now + delay);
        for event in events {
            self.commits.push(Committed {
                at: now,
                user,
                epoch: event.epoch.clone(),
                resource: event.resource,
                version: event.version,
            });
            if apart {
                self.published_at += self.random.up_to(60);
            }
            let channel = event.resource.channel(NAMES[user]);
            let data = serde_json::to_string(event).expect("events are JSON");
            let chore = Chore::Publish(channel, data);
            self.out.push(Out::Later(self.published_at, chore));
        }
    }

    /// The catalog changes.
    pub(crate) fn change_catalog(&mut self, event: &CatalogEvent) {
        let data = serde_json::to_string(event).expect("events are JSON");
        let chore = Chore::Publish(CatalogUpdates::CHANNEL.to_owned(), data);
        self.out.push(Out::Later(0, chore));
    }

    pub(crate) fn dialled(&mut self, socket: Socket) {
        self.connections.insert(socket, Connection::default());
    }

    pub(crate) fn hung_up(&mut self, socket: Socket) {
        self.connections.remove(&socket);
    }

    /// Closes a connection.
    pub(crate) fn hang_up(&mut self, socket: Socket, code: u16) {
        if self.connections.remove(&socket).is_some() {
            self.out.push(Out::HangUp(socket, code));
        }
    }

    /// Ends a sign-in: rejects its tokens and closes its connections.
    pub(crate) fn end_session(&mut self, session: u64) {
        self.users.end_session(session);
        let of_it = self.connections.iter();
        let of_it: Vec<_> = of_it
            .filter(|(_, connection)| connection.accepted && connection.session == session)
            .map(|(socket, _)| *socket)
            .collect();
        for socket in of_it {
            self.hang_up(socket, close_code::FORCE_DISCONNECT);
        }
    }

    /// Goes down and comes back, with or without the history of its streams.
    pub(crate) fn restart(&mut self, now: u64, down_ms: u64, keeps_history: bool) {
        let code = [close_code::SHUTDOWN, 1006, 1001][self.random.up_to(2) as usize];
        let all: Vec<_> = self.connections.keys().copied().collect();
        for socket in all {
            self.hang_up(socket, code);
        }
        if !keeps_history {
            self.channels.forget();
        }
        // A server that is down already does not come back sooner.
        self.up_at = self.up_at.max(now + down_ms);
    }

    /// A frame from a client.
    pub(crate) fn heard(&mut self, now: u64, socket: Socket, text: &str) {
        if text.len() > CLIENT_FRAME_BYTES_MAX {
            self.broken.push(format!("a frame of {} bytes", text.len()));
        }
        let mut replies = Vec::new();
        for line in messages(text) {
            let Ok(command) = serde_json::from_str::<Command>(line) else {
                self.broken.push(format!("not a command: {line}"));
                continue;
            };
            if let Some(reply) = self.command(now, socket, &command) {
                replies.push(reply);
            }
        }
        if !replies.is_empty() && self.connections.contains_key(&socket) {
            self.out.push(Out::Say(socket, replies.join("\n")));
        }
    }

    fn command(&mut self, now: u64, socket: Socket, command: &Command) -> Option<String> {
        let connection = self.connections.get_mut(&socket)?;
        let id = command.id;
        if id == 0 {
            if connection.pinged_at.take().is_none() || !self.rules.pong {
                self.broken.push("a pong that was not asked for".to_owned());
            }
            return None;
        }
        if id <= connection.last_id {
            self.broken
                .push(format!("command {id} after {}", connection.last_id));
        }
        connection.last_id = id;
        let result = if let Some(connect) = &command.connect {
            self.connect(now, socket, &connect.token)?
        } else if connection.accepted {
            self.serve(now, socket, command)?
        } else {
            // What was sent together with a connect that was rejected.
            return None;
        };
        Some(format!(r#"{{"id":{id},{result}}}"#))
    }

    fn connect(&mut self, now: u64, socket: Socket, token: &str) -> Option<String> {
        let Some((session, end)) = self.users.read_token(token) else {
            self.hang_up(socket, close_code::INVALID_TOKEN);
            return None;
        };
        if end <= now {
            return Some(error(error_code::TOKEN_EXPIRED, false));
        }
        let user = self.users.owner(session)?;
        let connection = self.connections.get_mut(&socket)?;
        if connection.accepted {
            self.broken.push("connected twice".to_owned());
        }
        connection.accepted = true;
        (connection.session, connection.user) = (session, user);
        connection.expires_at = end;
        let Rules { ping_s, pong, .. } = self.rules;
        if ping_s > 0 {
            let first = now + ping_s * 500 + self.random.up_to(ping_s * 500);
            self.out.push(Out::Later(first, Chore::Ping(socket)));
        }
        self.expire_later(socket, end);
        let ttl = (end - now).div_ceil(1000);
        Some(format!(
            r#""connect":{{"client":"c","version":"1","expires":true,"ttl":{ttl},"ping":{ping_s},"pong":{pong}}}"#
        ))
    }

    fn expire_later(&mut self, socket: Socket, end: u64) {
        let at = end + EXPIRED_CLOSE_MS;
        self.out.push(Out::Later(at, Chore::Expire(socket)));
    }

    fn serve(&mut self, now: u64, socket: Socket, command: &Command) -> Option<String> {
        if let Some(subscribe) = &command.subscribe {
            return self.subscribe(now, socket, subscribe);
        }
        let connection = self.connections.get_mut(&socket)?;
        if let Some(unsubscribe) = &command.unsubscribe {
            connection.subscribed.remove(&unsubscribe.channel);
            return Some(r#""unsubscribe":{}"#.to_owned());
        }
        if command.rpc.is_some() {
            return Some(if self.rules.knows_probe {
                r#""rpc":{}"#.to_owned()
            } else {
                error(error_code::METHOD_NOT_FOUND, false)
            });
        }
        if let Some(refresh) = &command.refresh {
            return self.refresh(now, socket, &refresh.token);
        }
        self.broken.push(format!("not offered: {command:?}"));
        None
    }

    fn refresh(&mut self, now: u64, socket: Socket, token: &str) -> Option<String> {
        let Some((_, end)) = self.users.read_token(token) else {
            self.hang_up(socket, close_code::INVALID_TOKEN);
            return None;
        };
        if end <= now {
            self.hang_up(socket, close_code::EXPIRED);
            return None;
        }
        self.connections.get_mut(&socket)?.expires_at = end;
        self.expire_later(socket, end);
        let ttl = (end - now).div_ceil(1000);
        Some(format!(r#""refresh":{{"expires":true,"ttl":{ttl}}}"#))
    }

    fn subscribe(
        &mut self,
        now: u64,
        socket: Socket,
        request: &SubscribeRequest,
    ) -> Option<String> {
        let connection = self.connections.get_mut(&socket)?;
        let user = request.channel.split_once('#').map(|(_, user)| user);
        match self.schema.topic(&request.channel) {
            Some(Topic::Resource(_)) if user != Some(NAMES[connection.user]) => {
                self.broken
                    .push(format!("asked for {} as another", request.channel));
                return Some(error(error_code::PERMISSION_DENIED, false));
            }
            Some(_) => {}
            None => return Some(error(error_code::UNKNOWN_CHANNEL, false)),
        }
        if self.rules.rejects && self.random.up_to(40) == 0 {
            return Some(error(error_code::INTERNAL, true));
        }
        if !connection.subscribed.insert(request.channel.clone()) {
            self.broken
                .push(format!("subscribed to {} twice", request.channel));
            return Some(error(error_code::ALREADY_SUBSCRIBED, false));
        }
        Some(self.channels.subscribe(now, request))
    }

    /// Does what is due.
    pub(crate) fn do_chore(&mut self, now: u64, chore: Chore) {
        match chore {
            Chore::Ping(socket) => self.ping(now, socket),
            Chore::CheckPong(socket, sent_at) => {
                let connection = self.connections.get(&socket);
                if connection.is_some_and(|connection| connection.pinged_at == Some(sent_at)) {
                    self.lapse(socket, close_code::NO_PONG);
                }
            }
            Chore::Expire(socket) => {
                let connection = self.connections.get(&socket);
                let is_over = connection
                    .is_some_and(|connection| connection.expires_at + EXPIRED_CLOSE_MS <= now);
                if is_over {
                    self.lapse(socket, close_code::EXPIRED);
                }
            }
            Chore::Publish(channel, data) => self.publish(now, &channel, &data),
            Chore::Insufficient(socket, channel) => {
                self.unsubscribe(socket, &channel, unsubscribe_code::INSUFFICIENT_STATE)
            }
        }
    }

    fn lapse(&mut self, socket: Socket, code: u16) {
        self.lapsed.push((socket, code));
        self.hang_up(socket, code);
    }

    fn ping(&mut self, now: u64, socket: Socket) {
        let Rules { ping_s, pong, .. } = self.rules;
        let Some(connection) = self.connections.get_mut(&socket) else {
            return;
        };
        if pong {
            connection.pinged_at = Some(now);
            self.out
                .push(Out::Later(now + PONG_MS, Chore::CheckPong(socket, now)));
        }
        self.out.push(Out::Say(socket, "{}".to_owned()));
        self.out
            .push(Out::Later(now + ping_s * 1000, Chore::Ping(socket)));
    }

    fn publish(&mut self, now: u64, channel: &str, data: &str) {
        let push = self.channels.publish(now, channel, data);
        for (socket, connection) in &mut self.connections {
            if !connection.subscribed.contains(channel) {
                continue;
            }
            if std::mem::take(&mut connection.loses_next) {
                let chore = Chore::Insufficient(*socket, channel.to_owned());
                let at = now + 500 + self.random.up_to(20_000);
                self.out.push(Out::Later(at, chore));
            } else {
                self.out.push(Out::Say(*socket, push.clone()));
            }
        }
    }

    /// Ends a subscription with a code.
    pub(crate) fn unsubscribe(&mut self, socket: Socket, channel: &str, code: u32) {
        let connection = self.connections.get_mut(&socket);
        if connection.is_some_and(|connection| connection.subscribed.remove(channel)) {
            let push = format!(
                r#"{{"push":{{"channel":"{channel}","unsubscribe":{{"code":{code},"reason":"lost"}}}}}}"#
            );
            self.out.push(Out::Say(socket, push));
        }
    }
}

fn error(code: u32, temporary: bool) -> String {
    format!(r#""error":{{"code":{code},"message":"no","temporary":{temporary}}}"#)
}
