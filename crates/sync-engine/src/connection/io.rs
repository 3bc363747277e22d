//! The inputs and outputs of the connection.

use serde_json::value::RawValue;
use sync_protocol::centrifugo::StreamPosition;

use super::channels::ChannelName;
use crate::http::{HttpRequest, HttpResult};
use crate::io::{PageSignal, SocketCommand, SocketEvent, StatusChange};

/// An event, or a request of the user.
#[derive(Clone, Debug)]
pub enum ConnectionInput {
    /// A user is signed in: connect.
    SignedIn,
    /// Nobody is signed in any more: stop and forget everything.
    SignedOut,
    /// The user wants live updates.
    Connect,
    /// The user wants none until [`ConnectionInput::Connect`] or [`ConnectionInput::Reconnect`].
    Disconnect,
    /// The user wants an attempt at once, and a new connection if there is one.
    Reconnect,
    /// The page noticed something.
    Page(PageSignal),
    /// A socket's event.
    Socket {
        /// Which socket, as [`SocketCommand::Open`] named it.
        generation: u64,
        /// The event.
        event: SocketEvent,
    },
    /// The result of a call of the connection.
    Http {
        /// Which call, as [`ConnectionOutput::Http`] named it.
        id: u64,
        /// The result.
        result: HttpResult,
    },
    /// A call of another part succeeded, which proves the way to the server.
    HttpAnswered,
    /// A call of another part was answered with 401. The connection asks the server before it believes it.
    Unauthenticated,
    /// The screen needs a channel.
    Subscribe(ChannelName),
    /// The screen no longer needs a channel. Its position is kept.
    Unsubscribe(ChannelName),
}

/// Something to do, or to know.
#[derive(Clone, Debug)]
pub enum ConnectionOutput {
    /// Pass this on to a socket.
    Socket(SocketCommand),
    /// Make a call and report its result under this id.
    Http {
        /// Which call, unique within this connection.
        id: u64,
        /// The call.
        request: HttpRequest,
    },
    /// Abort a call.
    CancelHttp {
        /// Which call.
        id: u64,
    },
    /// A message of a channel, in the channel's order, none twice.
    Publication {
        /// Which channel.
        channel: ChannelName,
        /// The message as it came.
        data: Box<RawValue>,
        /// Whether it was missed while away, and came with the subscription.
        recovered: bool,
    },
    /// A channel is subscribed, after all its recovered messages; or a subscribed channel lost something.
    Subscribed {
        /// Which channel.
        channel: ChannelName,
        /// Whether something was missed before.
        recovery: Recovery,
    },
    /// The server does not grant this channel, and asking again does not help. Its data have to be polled.
    Rejected {
        /// Which channel.
        channel: ChannelName,
        /// The server's code.
        code: u32,
    },
    /// The status changed.
    Changed(StatusChange),
    /// The server said 401 to the session or token call. Everything is stopped already.
    SignedOut,
    /// A round trip was measured, in milliseconds.
    Rtt(u32),
    /// The server was heard over the connection.
    Heartbeat,
    /// A frame arrived that was malformed, or a part of it.
    Malformed,
}

/// Whether a subscription missed something before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recovery {
    /// There was no position to recover from: the data have to be compared with the server's once.
    Fresh,
    /// Events were missed and cannot be recovered: read the data again.
    Lost,
    /// Nothing is missing.
    Recovered,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counters {
    /// Frames dropped unread: too large, or no text.
    pub oversized: u64,
    /// Messages that could not be read.
    pub malformed: u64,
    /// Messages that are well formed and mean nothing here: unknown pushes, replies nobody waits for, channels that are not
    /// subscribed.
    pub unknown: u64,
    /// Events of sockets and calls that were closed or aborted before.
    pub stale: u64,
    /// Attempts begun.
    pub attempts: u64,
    /// Connections accepted by the server.
    pub connections: u64,
    /// Probes sent.
    pub probes: u64,
}

/// Where a subscription is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SubscriptionState {
    /// Its publications arrive.
    Subscribed,
    /// The server was asked, or the connection is awaited.
    Subscribing,
    /// The server does not grant it.
    Rejected,
    /// Nobody needs it; its position is kept, so that coming back costs little.
    Unsubscribed,
}

/// A channel that is subscribed, or was.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionView {
    /// Its name.
    pub channel: ChannelName,
    /// Where the subscription is.
    pub state: SubscriptionState,
    /// The last publication that was received.
    pub position: Option<StreamPosition>,
    /// Whether something was missed, when it was last subscribed or interrupted.
    pub recovery: Option<Recovery>,
    /// When a publication last came, by the wall clock.
    pub received_at_ms: Option<i64>,
}
