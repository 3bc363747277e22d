//! The Centrifugo client protocol, bidirectional, JSON (<https://centrifugal.dev/docs/transports/client_protocol>).
//!
//! A text frame holds one or more JSON objects, one a line. Fields with their zero value are left out. Only the shapes
//! are here; what to do with them is decided by the engine's session and by the server.

use litemap::LiteMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The method of the remote call that proves the link alive.
pub const RPC_PING: &str = "ping";

/// The frame by which a server pings and a client answers it.
pub const PING: &str = "{}";

/// A message from the client. Exactly one of the payloads is set; none at all is a pong.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Command {
    /// Chosen by the client, growing, echoed in the reply.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub id: u32,
    /// First command of a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<ConnectRequest>,
    /// Joins a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<SubscribeRequest>,
    /// Leaves a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<UnsubscribeRequest>,
    /// A remote call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpc: Option<RpcRequest>,
    /// A new token for a connection that expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshRequest>,
    /// Reads a channel's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryRequest>,
    /// Publishes into a channel: not offered here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<Box<RawValue>>,
    /// Who is in a channel: not offered here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence: Option<Box<RawValue>>,
    /// How many are in a channel: not offered here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_stats: Option<Box<RawValue>>,
    /// A message without reply: ignored here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<Box<RawValue>>,
    /// A new token for a subscription: not offered here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_refresh: Option<Box<RawValue>>,
    /// Only servers ping; a client that does breaks the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ping: Option<Box<RawValue>>,
}

/// Payload of `connect`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct ConnectRequest {
    /// The connection JWT.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// What kind of client it is; at most 16 characters.
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
    /// Whether to go on from the stated position.
    #[serde(default, skip_serializing_if = "is_false")]
    pub recover: bool,
    /// Epoch of the stream that the position belongs to; empty means any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub epoch: String,
    /// Last offset that was processed.
    #[serde(default, skip_serializing_if = "is_zero_u64")]
    pub offset: u64,
    /// Asks the server to watch the position.
    #[serde(default, skip_serializing_if = "is_false")]
    pub positioned: bool,
    /// Asks for a stream that can be recovered.
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
    /// What to call.
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
    /// How many publications: 0 for the position alone, -1 for as many as there are.
    #[serde(default, skip_serializing_if = "is_zero_i64")]
    pub limit: i64,
    /// Where to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<StreamPosition>,
    /// Newest first.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reverse: bool,
}

/// A place in a stream.
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
    /// Unasked news.
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

/// Why a command failed.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ReplyError {
    /// One of [`error_code`], or another.
    pub code: u32,
    /// For people who read logs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Whether trying again may help.
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
    /// Whether the connection expires and wants `refresh`.
    #[serde(skip_serializing_if = "is_false")]
    pub expires: bool,
    /// In how many seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
    /// Seconds between the server's pings; 0 for none.
    #[serde(skip_serializing_if = "is_zero")]
    pub ping: u32,
    /// Whether pings must be answered.
    #[serde(skip_serializing_if = "is_false")]
    pub pong: bool,
    /// Streams that the server subscribed the client to.
    #[serde(skip_serializing_if = "LiteMap::is_empty")]
    pub subs: LiteMap<String, SubscribeResult>,
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
    /// The offset that the client sent, if recovered; else the stream's top.
    #[serde(skip_serializing_if = "is_zero_u64")]
    pub offset: u64,
    /// What was missed, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub publications: Vec<Publication>,
    /// Whether nothing is missing after those.
    #[serde(skip_serializing_if = "is_false")]
    pub recovered: bool,
    /// Whether recovery was tried.
    #[serde(skip_serializing_if = "is_false")]
    pub was_recovering: bool,
    /// Whether the server watches the position.
    #[serde(skip_serializing_if = "is_false")]
    pub positioned: bool,
}

/// Result of `rpc`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct RpcResult {
    /// What the call returned.
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
    /// In how many seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub ttl: u32,
}

/// Result of `history`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct HistoryResult {
    /// What was asked for.
    pub publications: Vec<Publication>,
    /// The stream's epoch.
    pub epoch: String,
    /// The stream's top.
    pub offset: u64,
}

/// Unasked news from the server.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Push {
    /// Which channel it concerns; empty if the connection as a whole.
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
    /// The message: JSON as it came.
    pub data: Box<RawValue>,
    /// Its place in the stream; 0 if the stream has no history.
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
    /// Below 2500 stay out, from there on subscribe again.
    pub code: u32,
    /// For people who read logs.
    pub reason: String,
}

/// The server ends the connection.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct DisconnectPush {
    /// As a close code.
    pub code: u32,
    /// For people who read logs.
    pub reason: String,
}

/// Codes of [`ReplyError`]. Source: centrifugal/centrifuge, `errors.go`.
pub mod error_code {
    /// A fault of the server; temporary.
    pub const INTERNAL: u32 = 100;
    /// Not signed in.
    pub const UNAUTHORIZED: u32 = 101;
    /// No such kind of channel.
    pub const UNKNOWN_CHANNEL: u32 = 102;
    /// Somebody else's channel.
    pub const PERMISSION_DENIED: u32 = 103;
    /// No such method.
    pub const METHOD_NOT_FOUND: u32 = 104;
    /// Subscribed already.
    pub const ALREADY_SUBSCRIBED: u32 = 105;
    /// Too many channels.
    pub const LIMIT_EXCEEDED: u32 = 106;
    /// The command's form is wrong.
    pub const BAD_REQUEST: u32 = 107;
    /// Not offered.
    pub const NOT_AVAILABLE: u32 = 108;
    /// The token has expired; come with a new one.
    pub const TOKEN_EXPIRED: u32 = 109;
    /// The credentials had expired before they were used.
    pub const EXPIRED: u32 = 110;
    /// Too many requests; temporary.
    pub const TOO_MANY_REQUESTS: u32 = 111;
    /// The position cannot be recovered.
    pub const UNRECOVERABLE_POSITION: u32 = 112;
}

/// Close codes. Source: centrifugal/centrifuge, `disconnect.go`.
pub mod close_code {
    /// The server shuts down; come back.
    pub const SHUTDOWN: u16 = 3001;
    /// A fault of the server.
    pub const INTERNAL: u16 = 3004;
    /// The connection's time was up.
    pub const EXPIRED: u16 = 3005;
    /// The client reads too slowly.
    pub const SLOW: u16 = 3008;
    /// A ping was not answered.
    pub const NO_PONG: u16 = 3012;
    /// Too many requests.
    pub const TOO_MANY_REQUESTS: u16 = 3013;
    /// Drop token and positions, then reconnect.
    pub const STATE_INVALIDATED: u16 = 3014;
    /// The token is not valid.
    pub const INVALID_TOKEN: u16 = 3500;
    /// The client broke the protocol.
    pub const BAD_REQUEST: u16 = 3501;
    /// The client did not connect in time.
    pub const STALE: u16 = 3502;
    /// The server ended it on purpose: the session is over.
    pub const FORCE_DISCONNECT: u16 = 3503;
    /// Too many connections.
    pub const CONNECTION_LIMIT: u16 = 3504;
    /// Too many errors.
    pub const TOO_MANY_ERRORS: u16 = 3509;

    /// Whether a close code means: do not come back by yourself. The documented rule: 3500 to 3999 and 4500 to 4999
    /// are final, all others are not.
    #[must_use]
    pub const fn is_terminal(code: u16) -> bool {
        matches!(code, 3500..=3999 | 4500..=4999)
    }
}

/// Codes of [`UnsubscribePush`].
pub mod unsubscribe_code {
    /// The server took the subscription back; stay out.
    pub const SERVER: u32 = 2000;
    /// The position was lost; subscribe again and recover.
    pub const INSUFFICIENT_STATE: u32 = 2500;
    /// The subscription's time was up; subscribe again.
    pub const EXPIRED: u32 = 2501;
    /// Drop the position, then subscribe again.
    pub const STATE_INVALIDATED: u32 = 2502;

    /// Whether the client is to subscribe again.
    #[must_use]
    pub const fn resubscribes(code: u32) -> bool {
        code >= 2500
    }
}

/// The JSON objects of a frame: its lines, without empty ones.
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
