//! The Centrifugo client protocol, bidirectional, JSON (<https://centrifugal.dev/docs/transports/client_protocol>).
//!
//! A text frame contains one or more JSON objects, one per line. Fields with their zero value are omitted. This module
//! only has the shapes; the engine's connection and the server decide how to handle them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The RPC method that checks whether the connection is alive.
pub const RPC_PING: &str = "ping";

/// The frame of a server's ping and of the client's pong.
pub const PING: &str = "{}";

/// A message from the client. Exactly one of the payloads is set; a message without one is a pong.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Command {
    /// Chosen by the client, increasing, echoed in the reply.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub id: u32,
    /// First command of a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<ConnectRequest>,
    /// Subscribes to a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<SubscribeRequest>,
    /// Unsubscribes from a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<UnsubscribeRequest>,
    /// A remote call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpc: Option<RpcRequest>,
    /// A new token for a connection that expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshRequest>,
    /// Fetches a channel's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryRequest>,
    /// Publishes into a channel: not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<Box<RawValue>>,
    /// Lists the clients in a channel: not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence: Option<Box<RawValue>>,
    /// Counts the clients in a channel: not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_stats: Option<Box<RawValue>>,
    /// A message without reply: ignored here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<Box<RawValue>>,
    /// A new token for a subscription: not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_refresh: Option<Box<RawValue>>,
    /// Only servers ping; a client that pings violates the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ping: Option<Box<RawValue>>,
}

/// Payload of `connect`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct ConnectRequest {
    /// The connection JWT.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// The name of the client; at most 16 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its version; at most 64 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
}

/// Payload of `subscribe`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct SubscribeRequest {
    /// Which channel.
    pub channel: String,
    /// Whether to recover from the given position.
    #[serde(default, skip_serializing_if = "is_false")]
    pub recover: bool,
    /// Epoch of the stream to which the position belongs; empty means any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub epoch: String,
    /// Last offset that was processed.
    #[serde(default, skip_serializing_if = "is_zero_u64")]
    pub offset: u64,
    /// Asks the server to watch the position.
    #[serde(default, skip_serializing_if = "is_false")]
    pub positioned: bool,
    /// Requests a recoverable stream.
    #[serde(default, skip_serializing_if = "is_false")]
    pub recoverable: bool,
    /// Subscription JWT; personal channels need none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// Bit 2: answer with error 112 rather than `recovered: false`.
    #[serde(default, skip_serializing_if = "is_zero_u64")]
    pub flag: u64,
}

/// Payload of `unsubscribe`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct UnsubscribeRequest {
    /// Which channel.
    pub channel: String,
}

/// Payload of `rpc`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct RpcRequest {
    /// The method.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// Arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

/// Payload of `refresh`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct RefreshRequest {
    /// The new connection JWT.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
}

/// Payload of `history`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct HistoryRequest {
    /// Which channel.
    pub channel: String,
    /// How many publications: 0 for the position only, -1 for as many as there are.
    #[serde(default, skip_serializing_if = "is_zero_i64")]
    pub limit: i64,
    /// The position to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<StreamPosition>,
    /// Newest first.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reverse: bool,
}

/// A position in a stream.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct StreamPosition {
    /// Offset of the last publication before it.
    #[serde(skip_serializing_if = "is_zero_u64")]
    pub offset: u64,
    /// Epoch of the stream.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub epoch: String,
}

/// A message from the server: the reply to a command, a push, or (with nothing set) a ping.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Reply {
    /// The command's id; 0 for a push and a ping.
    #[serde(skip_serializing_if = "is_zero")]
    pub id: u32,
    /// The command failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ReplyError>,
    /// A push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<Push>,
    /// Result of `connect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect: Option<ConnectResult>,
    /// Result of `subscribe`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<SubscribeResult>,
    /// Result of `unsubscribe`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<Empty>,
    /// Result of `rpc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpc: Option<RpcResult>,
    /// Result of `refresh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshResult>,
    /// Result of `history`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryResult>,
}

impl Reply {
    /// Whether it is a server's ping.
    #[must_use]
    pub const fn is_ping(&self) -> bool {
        self.id == 0 && self.push.is_none() && self.error.is_none()
    }
}

/// A result without content.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Empty {}

/// The reason why a command failed.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ReplyError {
    /// One of [`error_code`], or another.
    pub code: u32,
    /// For log readers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Whether a retry may succeed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub temporary: bool,
}

/// Result of `connect`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ConnectResult {
    /// The connection's identity.
    pub client: String,
    /// The server's version.
    pub version: String,
    /// Whether the connection expires and needs `refresh`.
    #[serde(skip_serializing_if = "is_false")]
    pub expires: bool,
    /// Seconds until it expires.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
    /// Seconds between the server's pings; 0 for none.
    #[serde(skip_serializing_if = "is_zero")]
    pub ping: u32,
    /// Whether pings must be answered.
    #[serde(skip_serializing_if = "is_false")]
    pub pong: bool,
    /// Channels to which the server subscribed the client.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subs: BTreeMap<String, SubscribeResult>,
}

/// Result of `subscribe`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SubscribeResult {
    /// Whether the stream can be recovered.
    #[serde(skip_serializing_if = "is_false")]
    pub recoverable: bool,
    /// The stream's epoch.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub epoch: String,
    /// The offset that the client sent, if recovered; otherwise the stream's top.
    #[serde(skip_serializing_if = "is_zero_u64")]
    pub offset: u64,
    /// Missed publications, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub publications: Vec<Publication>,
    /// Whether the publications are complete.
    #[serde(skip_serializing_if = "is_false")]
    pub recovered: bool,
    /// Whether recovery was attempted.
    #[serde(skip_serializing_if = "is_false")]
    pub was_recovering: bool,
    /// Whether the server watches the position.
    #[serde(skip_serializing_if = "is_false")]
    pub positioned: bool,
}

/// Result of `rpc`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct RpcResult {
    /// The return value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

/// Result of `refresh`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RefreshResult {
    /// The server's version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Whether the connection still expires.
    #[serde(skip_serializing_if = "is_false")]
    pub expires: bool,
    /// Seconds until it expires.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
}

/// Result of `history`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct HistoryResult {
    /// The requested publications.
    pub publications: Vec<Publication>,
    /// The stream's epoch.
    pub epoch: String,
    /// The stream's top.
    pub offset: u64,
}

/// A message that the server sends unprompted.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Push {
    /// The channel concerned; empty for the whole connection.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// A message of the channel.
    #[serde(rename = "pub", skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
    /// The server ended a subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<UnsubscribePush>,
    /// The server ends the connection (on transports without close codes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnect: Option<DisconnectPush>,
}

/// One message of a channel.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Publication {
    /// The message: unparsed JSON.
    pub data: Box<RawValue>,
    /// Its position in the stream; 0 if the stream has no history.
    #[serde(default, skip_serializing_if = "is_zero_u64")]
    pub offset: u64,
    /// The stream's epoch, on the first publication of a stream that had none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub epoch: String,
}

/// The server ended a subscription.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct UnsubscribePush {
    /// Below 2500: stay unsubscribed; from 2500: subscribe again.
    pub code: u32,
    /// For log readers.
    pub reason: String,
}

/// The server ends the connection.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct DisconnectPush {
    /// The close code.
    pub code: u32,
    /// For log readers.
    pub reason: String,
}

/// Codes of [`ReplyError`]. Source: centrifugal/centrifuge, `errors.go`.
pub mod error_code {
    /// Internal server error; temporary.
    pub const INTERNAL: u32 = 100;
    /// Not signed in.
    pub const UNAUTHORIZED: u32 = 101;
    /// Unknown channel.
    pub const UNKNOWN_CHANNEL: u32 = 102;
    /// Another user's channel.
    pub const PERMISSION_DENIED: u32 = 103;
    /// No such method.
    pub const METHOD_NOT_FOUND: u32 = 104;
    /// Already subscribed.
    pub const ALREADY_SUBSCRIBED: u32 = 105;
    /// Too many channels.
    pub const LIMIT_EXCEEDED: u32 = 106;
    /// Malformed command.
    pub const BAD_REQUEST: u32 = 107;
    /// Not supported.
    pub const NOT_AVAILABLE: u32 = 108;
    /// The token has expired; use a new one.
    pub const TOKEN_EXPIRED: u32 = 109;
    /// The credentials expired before they were used.
    pub const EXPIRED: u32 = 110;
    /// Too many requests; temporary.
    pub const TOO_MANY_REQUESTS: u32 = 111;
    /// The position cannot be recovered.
    pub const UNRECOVERABLE_POSITION: u32 = 112;
}

/// Close codes. Source: centrifugal/centrifuge, `disconnect.go`.
pub mod close_code {
    /// The server shuts down; reconnect.
    pub const SHUTDOWN: u16 = 3001;
    /// Internal server error.
    pub const INTERNAL: u16 = 3004;
    /// The connection has expired.
    pub const EXPIRED: u16 = 3005;
    /// The client reads too slowly.
    pub const SLOW: u16 = 3008;
    /// No pong arrived.
    pub const NO_PONG: u16 = 3012;
    /// Too many requests.
    pub const TOO_MANY_REQUESTS: u16 = 3013;
    /// Drop token and positions, then reconnect.
    pub const STATE_INVALIDATED: u16 = 3014;
    /// The token is not valid.
    pub const INVALID_TOKEN: u16 = 3500;
    /// The client violated the protocol.
    pub const BAD_REQUEST: u16 = 3501;
    /// The client did not connect in time.
    pub const STALE: u16 = 3502;
    /// The server ended the connection on purpose: the session is over.
    pub const FORCE_DISCONNECT: u16 = 3503;
    /// Too many connections.
    pub const CONNECTION_LIMIT: u16 = 3504;
    /// Too many errors.
    pub const TOO_MANY_ERRORS: u16 = 3509;

    /// Whether a close code forbids an automatic reconnect. The documented rule: 3500 to 3999 and 4500 to 4999 are
    /// final, all others are not.
    #[must_use]
    pub const fn is_terminal(code: u16) -> bool {
        matches!(code, 3500..=3999 | 4500..=4999)
    }
}

/// Codes of [`UnsubscribePush`].
pub mod unsubscribe_code {
    /// The server revoked the subscription; stay unsubscribed.
    pub const SERVER: u32 = 2000;
    /// The position was lost; subscribe again and recover.
    pub const INSUFFICIENT_STATE: u32 = 2500;
    /// The subscription has expired; subscribe again.
    pub const EXPIRED: u32 = 2501;
    /// Drop the position, then subscribe again.
    pub const STATE_INVALIDATED: u32 = 2502;

    /// Whether the client should subscribe again.
    #[must_use]
    pub const fn resubscribes(code: u32) -> bool {
        code >= 2500
    }
}

/// The JSON objects of a frame: its non-empty lines.
pub fn messages(frame: &str) -> impl Iterator<Item = &str> {
    frame
        .split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty())
}

const fn is_zero(value: &u32) -> bool {
    *value == 0
}

const fn is_zero_u64(value: &u64) -> bool {
    *value == 0
}

const fn is_zero_i64(value: &i64) -> bool {
    *value == 0
}

const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_an_empty_object() {
        assert!(serde_json::from_str::<Reply>(PING).unwrap().is_ping());
        assert!(
            !serde_json::from_str::<Reply>(r#"{"id":1}"#)
                .unwrap()
                .is_ping()
        );
        assert_eq!(serde_json::to_string(&Command::default()).unwrap(), PING);
    }

    #[test]
    fn terminal_codes_follow_the_documented_rule() {
        for (code, terminal) in [
            (1006, false),
            (1009, false),
            (3001, false),
            (3499, false),
            (3500, true),
            (3999, true),
        ] {
            assert_eq!(close_code::is_terminal(code), terminal, "{code}");
        }
        for (code, terminal) in [(4000, false), (4500, true), (4999, true), (5000, false)] {
            assert_eq!(close_code::is_terminal(code), terminal, "{code}");
        }
    }

    #[test]
    fn a_frame_is_read_line_by_line() {
        let lines: Vec<_> = messages("{\"id\":1}\n\n{} \n").collect();
        assert_eq!(lines, ["{\"id\":1}", "{}"]);
    }

    #[test]
    fn unknown_fields_and_pushes_are_tolerated() {
        let reply: Reply = serde_json::from_str(
            r#"{"push":{"channel":"c","pub":{"data":{"a":1},"offset":9007199254740993,"tags":{"x":"y"}},"map":{}}}"#,
        )
        .unwrap();
        let publication = reply.push.unwrap().publication.unwrap();
        assert_eq!(publication.offset, 9_007_199_254_740_993);
        assert_eq!(publication.data.get(), r#"{"a":1}"#);
    }
}
