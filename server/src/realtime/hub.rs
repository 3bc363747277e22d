//! All streams and all connections. One lock, held for short: the reply to a subscription is queued under the same
//! lock as publications, so that it always comes before them and none falls between.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use dashboard_protocol::{
    Channel,
    centrifugo::{
        HistoryRequest, HistoryResult, Push, Reply, ReplyError, StreamPosition, SubscribeRequest,
        error_code,
    },
    limits,
};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{
    client_sender::{End, ClientSender},
    stream::Stream,
};
use crate::random;

/// How long a stream that keeps nothing is remembered, so that coming back to it still recovers.
const STREAM_IDLE: Duration = Duration::from_secs(3600);

/// Bit of a subscription's `flag`: answer with an error rather than `recovered: false`.
const FLAG_REJECT_UNRECOVERED: u64 = 2;

/// All streams and connections.
#[derive(Debug, Default)]
pub struct Hub {
    state: Mutex<State>,
    last_id: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    streams: HashMap<String, Channelled>,
    clients: HashMap<u64, Client>,
    /// Connections by user, so that admitting one does not look at all.
    counts: HashMap<String, usize>,
    closing: bool,
}

#[derive(Debug, Default)]
struct Channelled {
    stream: Stream,
    subscribers: HashMap<u64, Arc<ClientSender>>,
}

#[derive(Debug)]
struct Client {
    sender: Arc<ClientSender>,
    user_id: String,
    session_id: String,
    channels: HashSet<String>,
}

impl Hub {
    /// An outlet for a new connection. It belongs to nobody until it is admitted.
    pub fn sender(&self) -> Arc<ClientSender> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(ClientSender::new(id))
    }

    /// Admits a connection for a user; false when they have too many.
    pub fn admit(
        &self,
        sender: &Arc<ClientSender>,
        user_id: &str,
        session_id: &str,
        sockets_max: usize,
    ) -> bool {
        let mut state = self.state();
        let count = state.counts.get(user_id).copied().unwrap_or_default();
        if count >= sockets_max {
            return false;
        }
        state.counts.insert(user_id.to_owned(), count + 1);
        if state.closing {
            sender.end(SHUTDOWN, Duration::ZERO);
        }
        let client = Client {
            sender: Arc::clone(sender),
            user_id: user_id.to_owned(),
            session_id: session_id.to_owned(),
            channels: HashSet::new(),
        };
        state.clients.insert(sender.id, client);
        true
    }

    /// Forgets a connection and its subscriptions.
    pub fn leave(&self, sender_id: u64) {
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
            if let Some(channelled) = state.streams.get_mut(&channel) {
                channelled.subscribers.remove(&sender_id);
            }
        }
    }

    /// Joins a channel and queues the reply. Returns whether a recovery was tried and whether it worked.
    ///
    /// # Errors
    /// The error that the command is to be answered with.
    pub fn subscribe(
        &self,
        sender: &Arc<ClientSender>,
        command_id: u32,
        request: &SubscribeRequest,
    ) -> Result<Option<bool>, ReplyError> {
        let mut state = self.state();
        let State {
            streams, clients, ..
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
        let channelled = streams.entry(request.channel.clone()).or_default();
        let result = if request.recover {
            channelled.stream.recover(&StreamPosition {
                offset: request.offset,
                epoch: request.epoch.clone(),
            })
        } else {
            channelled.stream.join()
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
        sender.push(text(&reply));
        channelled.subscribers.insert(sender.id, Arc::clone(sender));
        client.channels.insert(request.channel.clone());
        Ok(recovered)
    }

    /// Leaves a channel; nothing happens if it was not joined.
    pub fn unsubscribe(&self, sender_id: u64, channel: &str) {
        let mut state = self.state();
        if let Some(client) = state.clients.get_mut(&sender_id) {
            client.channels.remove(channel);
        }
        if let Some(channelled) = state.streams.get_mut(channel) {
            channelled.subscribers.remove(&sender_id);
        }
    }

    /// Reads the history of a channel that the connection may subscribe to.
    ///
    /// # Errors
    /// The error that the command is to be answered with.
    pub fn history(
        &self,
        sender_id: u64,
        request: &HistoryRequest,
    ) -> Result<HistoryResult, ReplyError> {
        let mut state = self.state();
        let Some(client) = state.clients.get(&sender_id) else {
            return Err(error(error_code::UNAUTHORIZED, "unauthorized"));
        };
        check_channel(&request.channel, &client.user_id)?;
        let channelled = state.streams.entry(request.channel.clone()).or_default();
        Ok(channelled.stream.history(request))
    }

    /// Publishes to a channel and returns how many connections it went to.
    pub fn publish(&self, channel: &str, data: Box<RawValue>) -> usize {
        let mut state = self.state();
        let channelled = state.streams.entry(channel.to_owned()).or_default();
        let publication = channelled.stream.append(data);
        if channelled.subscribers.is_empty() {
            return 0;
        }
        // Encoded once; the queues share the bytes.
        let frame = text(&Reply {
            push: Some(Push {
                channel: channel.to_owned(),
                publication: Some(publication),
                ..Push::default()
            }),
            ..Reply::default()
        });
        for sender in channelled.subscribers.values() {
            sender.push(frame.clone());
        }
        channelled.subscribers.len()
    }

    /// Ends all connections of a session.
    pub fn end_session(&self, session_id: &str, end: End) {
        for client in self.state().clients.values() {
            if client.session_id == session_id {
                client.sender.end(end, Duration::ZERO);
            }
        }
    }

    /// The outlets of all connections of a user.
    #[must_use]
    pub fn senders_of(&self, user_id: &str) -> Vec<Arc<ClientSender>> {
        let state = self.state();
        let of_user = state
            .clients
            .values()
            .filter(|client| client.user_id == user_id);
        of_user.map(|client| Arc::clone(&client.sender)).collect()
    }

    /// Tells all connections to come back, spread over `spread`; later ones at once.
    pub fn shut_down(&self, spread: Duration) {
        let mut state = self.state();
        state.closing = true;
        // Few connections need no spreading: about a millisecond for each.
        let spread_ms = u64::try_from(spread.as_millis()).unwrap_or(u64::MAX);
        let spread_ms = spread_ms.min(state.clients.len() as u64);
        for client in state.clients.values() {
            let after = Duration::from_millis(random::below(spread_ms));
            client.sender.end(SHUTDOWN, after);
        }
    }

    /// Connections now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state().clients.len()
    }

    /// Forgets what the streams need no longer keep.
    pub fn forget_old(&self) {
        let now = Instant::now();
        self.state().streams.retain(|_, channelled| {
            channelled.stream.forget_old(now);
            !channelled.subscribers.is_empty() || !channelled.stream.is_idle(now, STREAM_IDLE)
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How connections end when the server stops: they are to come back.
const SHUTDOWN: End = End::Close(
    dashboard_protocol::centrifugo::close_code::SHUTDOWN,
    "shutdown",
);

/// Whether a user may join a channel.
fn check_channel(name: &str, user_id: &str) -> Result<(), ReplyError> {
    if name.is_empty() || name.len() > limits::CHANNEL_BYTES_MAX {
        return Err(error(error_code::BAD_REQUEST, "bad request"));
    }
    match Channel::parse(name) {
        None => Err(error(error_code::UNKNOWN_CHANNEL, "unknown channel")),
        Some(Channel::CatalogUpdates) => Ok(()),
        Some(Channel::Dashboard { user, .. }) if user == user_id => Ok(()),
        Some(Channel::Dashboard { .. }) => {
            Err(error(error_code::PERMISSION_DENIED, "permission denied"))
        }
    }
}

/// An error that trying again does not mend.
#[must_use]
pub fn error(code: u32, message: &str) -> ReplyError {
    ReplyError {
        code,
        message: message.to_owned(),
        temporary: false,
    }
}

/// A reply as a frame.
#[must_use]
pub fn text(reply: &Reply) -> axum::extract::ws::Utf8Bytes {
    // The shapes of the protocol have only text keys, so that encoding them cannot fail.
    serde_json::to_string(reply).unwrap_or_default().into()
}
