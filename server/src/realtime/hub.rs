//! All channels and all connections, under one lock. The hub queues the reply to a subscription under the same lock
//! as publications, so that the reply comes before them and none is lost in between.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use serde_json::value::RawValue;
use sync_protocol::{
    centrifugo::{
        HistoryRequest, HistoryResult, Push, Reply, ReplyError, StreamPosition, SubscribeRequest,
        close_code, error_code,
    },
    limits,
};
use tokio::time::Instant;

use super::{
    channel::Channel,
    client_sender::{ClientSender, End},
    stream::Stream,
};
use crate::{
    ids::{SessionId, UserId},
    random,
};

/// How long the hub keeps an empty stream, so that a client that returns can still recover.
const STREAM_IDLE: Duration = Duration::from_secs(3600);

/// A bit of a subscription's `flag`: answer with an error instead of `recovered: false`.
const FLAG_REJECT_UNRECOVERED: u64 = 2;

/// All channels and connections.
#[derive(Debug, Default)]
pub struct Hub {
    state: Mutex<State>,
    last_id: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    channels: HashMap<String, ChannelState>,
    clients: HashMap<u64, Client>,
    /// The number of connections by user, so that the hub need not count them for each new one.
    counts: HashMap<UserId, usize>,
    closing: bool,
}

#[derive(Debug, Default)]
struct ChannelState {
    stream: Stream,
    subscribers: HashMap<u64, Arc<ClientSender>>,
}

#[derive(Debug)]
struct Client {
    sender: Arc<ClientSender>,
    user_id: UserId,
    session_id: SessionId,
    channels: HashSet<String>,
}

impl Hub {
    /// Creates the sender of a new connection. It has no user before [`Self::admit`].
    pub fn sender(&self) -> Arc<ClientSender> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(ClientSender::new(id))
    }

    /// Admits a connection of a user. Returns false if the user has too many.
    pub fn admit(
        &self,
        sender: &Arc<ClientSender>,
        user_id: &UserId,
        session_id: &SessionId,
        sockets_max: usize,
    ) -> bool {
        let mut state = self.state();
        let count = state.counts.get(user_id).copied().unwrap_or_default();
        if count >= sockets_max {
            return false;
        }
        state.counts.insert(user_id.clone(), count + 1);
        if state.closing {
            sender.end(SHUTDOWN, Duration::ZERO);
        }
        let client = Client {
            sender: Arc::clone(sender),
            user_id: user_id.clone(),
            session_id: session_id.clone(),
            channels: HashSet::new(),
        };
        state.clients.insert(sender.id, client);
        true
    }

    /// Moves a connection to another session of its user, with which it ends from now on.
    pub fn set_session(&self, sender_id: u64, session_id: &SessionId) {
        if let Some(client) = self.state().clients.get_mut(&sender_id) {
            client.session_id = session_id.clone();
        }
    }

    /// Removes a connection and its subscriptions.
    pub fn remove(&self, sender_id: u64) {
        let mut state = self.state();
        let Some(client) = state.clients.remove(&sender_id) else {
            return;
        };
        if let Some(count) = state.counts.get_mut(&client.user_id) {
            *count -= 1;
            if *count == 0 {
                state.counts.remove(&client.user_id);
            }
        }
        for channel in client.channels {
            if let Some(channel) = state.channels.get_mut(&channel) {
                channel.subscribers.remove(&sender_id);
            }
        }
    }

    /// Subscribes to a channel and queues the reply. Returns whether a recovery was successful, or `None` without
    /// one.
    ///
    /// # Errors
    /// The error for the reply.
    pub fn subscribe(
        &self,
        sender: &Arc<ClientSender>,
        command_id: u32,
        request: &SubscribeRequest,
    ) -> Result<Option<bool>, ReplyError> {
        let mut state = self.state();
        let State {
            channels, clients, ..
        } = &mut *state;
        let Some(client) = clients.get_mut(&sender.id) else {
            return Err(error(error_code::UNAUTHORIZED, "unauthorized"));
        };
        if client.channels.contains(&request.channel) {
            return Err(error(error_code::ALREADY_SUBSCRIBED, "already subscribed"));
        }
        check_channel(&request.channel, &client.user_id)?;
        if client.channels.len() >= limits::CHANNELS_PER_CONNECTION_MAX {
            return Err(error(error_code::LIMIT_EXCEEDED, "limit exceeded"));
        }
        let channel = channels.entry(request.channel.clone()).or_default();
        let result = if request.recover {
            channel.stream.recover(&StreamPosition {
                offset: request.offset,
                epoch: request.epoch.clone(),
            })
        } else {
            channel.stream.subscribe()
        };
        let recovered = result.was_recovering.then_some(result.recovered);
        if recovered == Some(false) && request.flag & FLAG_REJECT_UNRECOVERED != 0 {
            return Err(error(
                error_code::UNRECOVERABLE_POSITION,
                "unrecoverable position",
            ));
        }
        let reply = Reply {
            id: command_id,
            subscribe: Some(result),
            ..Reply::default()
        };
        sender.push(encode(&reply));
        channel.subscribers.insert(sender.id, Arc::clone(sender));
        client.channels.insert(request.channel.clone());
        Ok(recovered)
    }

    /// Unsubscribes from a channel. Does nothing if the connection is not subscribed.
    pub fn unsubscribe(&self, sender_id: u64, channel: &str) {
        let mut state = self.state();
        if let Some(client) = state.clients.get_mut(&sender_id) {
            client.channels.remove(channel);
        }
        if let Some(channel) = state.channels.get_mut(channel) {
            channel.subscribers.remove(&sender_id);
        }
    }

    /// Reads the history of a channel that the connection may subscribe to.
    ///
    /// # Errors
    /// The error for the reply.
    pub fn history(
        &self,
        sender_id: u64,
        request: &HistoryRequest,
    ) -> Result<HistoryResult, ReplyError> {
        let mut state = self.state();
        let Some(client) = state.clients.get(&sender_id) else {
            return Err(error(error_code::UNAUTHORIZED, "unauthorized"));
        };
        if client.sender.ended().is_some() {
            // Such as a client that asks for more than it reads.
            return Err(error(error_code::LIMIT_EXCEEDED, "limit exceeded"));
        }
        check_channel(&request.channel, &client.user_id)?;
        let channel = state.channels.entry(request.channel.clone()).or_default();
        let history = channel.stream.history(request);
        // Others publish while the result is copied.
        drop(state);
        Ok(history.into())
    }

    /// Publishes to a channel. Returns the number of connections that receive the publication.
    pub fn publish(&self, name: &str, data: Box<RawValue>) -> usize {
        let mut state = self.state();
        let channel = state.channels.entry(name.to_owned()).or_default();
        let publication = channel.stream.append(data);
        if channel.subscribers.is_empty() {
            return 0;
        }
        // The hub encodes the frame once. The queues share the bytes.
        let frame = encode(&Reply {
            push: Some(Push {
                channel: name.to_owned(),
                publication: Some((*publication).clone()),
                ..Push::default()
            }),
            ..Reply::default()
        });
        for sender in channel.subscribers.values() {
            sender.push(frame.clone());
        }
        channel.subscribers.len()
    }

    /// Ends all connections of a session.
    pub fn end_session(&self, session_id: &SessionId, end: End) {
        for client in self.state().clients.values() {
            if client.session_id == *session_id {
                client.sender.end(end, Duration::ZERO);
            }
        }
    }

    /// The sessions of all connections.
    #[must_use]
    pub fn sessions(&self) -> HashSet<SessionId> {
        let state = self.state();
        let clients = state.clients.values();
        clients.map(|client| client.session_id.clone()).collect()
    }

    /// The senders of all connections of a user.
    #[must_use]
    pub fn senders_of(&self, user_id: &UserId) -> Vec<Arc<ClientSender>> {
        let state = self.state();
        let of_user = state
            .clients
            .values()
            .filter(|client| client.user_id == *user_id);
        of_user.map(|client| Arc::clone(&client.sender)).collect()
    }

    /// Closes all connections within the period `spread`, and new ones at once, so that clients reconnect.
    pub fn shut_down(&self, spread: Duration) {
        let mut state = self.state();
        state.closing = true;
        // About a millisecond for each connection, so that few connections close quickly.
        let spread_ms = u64::try_from(spread.as_millis()).unwrap_or(u64::MAX);
        let spread_ms = spread_ms.min(state.clients.len() as u64);
        for client in state.clients.values() {
            let after = Duration::from_millis(random::below(spread_ms));
            client.sender.end(SHUTDOWN, after);
        }
    }

    /// The number of connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state().clients.len()
    }

    /// Drops old publications and idle channels.
    pub fn drop_old(&self) {
        let now = Instant::now();
        self.state().channels.retain(|_, channel| {
            channel.stream.drop_old(now);
            !channel.subscribers.is_empty() || !channel.stream.is_idle(now, STREAM_IDLE)
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How connections end when the server stops. Clients reconnect after this code.
const SHUTDOWN: End = End::Close(close_code::SHUTDOWN, "shutdown");

/// Checks that a user may subscribe to a channel.
fn check_channel(name: &str, user_id: &UserId) -> Result<(), ReplyError> {
    if name.is_empty() || name.len() > limits::CHANNEL_BYTES_MAX {
        return Err(error(error_code::BAD_REQUEST, "bad request"));
    }
    match Channel::parse(name) {
        None => Err(error(error_code::UNKNOWN_CHANNEL, "unknown channel")),
        Some(Channel::Catalog) => Ok(()),
        Some(Channel::Personal { user_id: owner, .. }) if owner == user_id.as_str() => Ok(()),
        Some(Channel::Personal { .. }) => {
            Err(error(error_code::PERMISSION_DENIED, "permission denied"))
        }
    }
}

/// A permanent error.
#[must_use]
pub fn error(code: u32, message: &str) -> ReplyError {
    ReplyError {
        code,
        message: message.to_owned(),
        temporary: false,
    }
}

/// Encodes a reply as a frame.
#[must_use]
pub fn encode(reply: &Reply) -> Utf8Bytes {
    // The types of the protocol have only string keys, so that their encoding cannot fail.
    serde_json::to_string(reply).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_whose_queue_overflowed_reads_no_more_history() {
        let hub = Hub::default();
        let (user_id, session_id) = (UserId::from("ada"), SessionId::from("s"));
        let sender = hub.sender();
        assert!(hub.admit(&sender, &user_id, &session_id, 1));
        let request = HistoryRequest {
            channel: "market:beats".to_owned(),
            limit: -1,
            ..HistoryRequest::default()
        };
        let data = format!("\"{}\"", "x".repeat(400_000));
        hub.publish(&request.channel, RawValue::from_string(data).expect("JSON"));
        let mut answered = 0;
        let error = loop {
            match hub.history(sender.id, &request) {
                Ok(history) => {
                    let history = Some(history);
                    sender.push(encode(&Reply {
                        history,
                        ..Reply::default()
                    }));
                }
                Err(error) => break error,
            }
            answered += 1;
            assert!(answered < 500, "the history has no end");
        };
        assert_eq!(answered, 3);
        assert_eq!(error.code, error_code::LIMIT_EXCEEDED);
    }
}
