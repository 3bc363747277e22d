//! The server's side of a connection, for small servers.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

pub use crate::centrifugo::PING;

use crate::Json;
use crate::centrifugo::{
    Command, ConnectResult, Empty, Publication, Push, Reply, ReplyError, RpcResult,
    SubscribeResult, error_code, messages,
};

/// One client's connection to a server that keeps no history of its channels: a client that comes back reads snapshots.
///
/// It makes no input or output of its own. Give it each frame and send what it returns; send [`PING`]
/// every [`Self::PING_INTERVAL`], and a [`publication`] of each channel that it has
/// subscribed to.
///
/// # Examples
/// ```
/// use sync_protocol::server::ServerConnection;
///
/// let mut connection = ServerConnection::default();
/// let is_valid = |token: &str| token == "secret";
/// let frame = r#"{"id":1,"connect":{"token":"secret"}}
/// {"id":2,"subscribe":{"channel":"todo:todos#me"}}"#;
/// assert!(connection.replies(frame, is_valid, |channel| channel.ends_with("#me")).is_some());
/// assert!(connection.is_subscribed("todo:todos#me"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ServerConnection {
    /// `None` until a `connect` was accepted.
    channels: Option<BTreeSet<String>>,
}

impl ServerConnection {
    /// The time between two pings.
    pub const PING_INTERVAL: Duration = Duration::from_secs(10);

    /// The frame that answers a frame; `None` if that breaks the protocol, and the connection has to end. `is_valid` judges
    /// the token of a `connect`, `may_subscribe` a channel.
    pub fn replies(
        &mut self,
        frame: &str,
        is_valid: impl Fn(&str) -> bool,
        may_subscribe: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let mut replies = Vec::new();
        for line in messages(frame) {
            let command: Command = serde_json::from_str(line).ok()?;
            // A pong, which this server does not ask for.
            if command.id == 0 {
                return None;
            }
            let reply = self.reply(command, &is_valid, &may_subscribe);
            replies.push(serde_json::to_string(&reply).ok()?);
        }
        Some(replies.join("\n"))
    }

    /// Whether the client gets the publications of a channel.
    #[must_use]
    pub fn is_subscribed(&self, channel: &str) -> bool {
        let channels = self.channels.as_ref();
        channels.is_some_and(|channels| channels.contains(channel))
    }

    fn reply(
        &mut self,
        command: Command,
        is_valid: &dyn Fn(&str) -> bool,
        may_subscribe: &dyn Fn(&str) -> bool,
    ) -> Reply {
        let mut reply = Reply {
            id: command.id,
            ..Reply::default()
        };
        let result = if let Some(connect) = command.connect {
            if is_valid(&connect.token) {
                self.channels = Some(BTreeSet::new());
                reply.connect = Some(ConnectResult {
                    ping: u32::try_from(Self::PING_INTERVAL.as_secs()).unwrap_or_default(),
                    ..ConnectResult::default()
                });
                Ok(())
            } else {
                // The client fetches another token, and stops if that is rejected too.
                Err(error_code::TOKEN_EXPIRED)
            }
        } else if let Some(channels) = &mut self.channels {
            if let Some(subscribe) = command.subscribe {
                if may_subscribe(&subscribe.channel) {
                    channels.insert(subscribe.channel);
                    reply.subscribe = Some(SubscribeResult::default());
                    Ok(())
                } else {
                    Err(error_code::PERMISSION_DENIED)
                }
            } else if let Some(unsubscribe) = command.unsubscribe {
                channels.remove(&unsubscribe.channel);
                reply.unsubscribe = Some(Empty {});
                Ok(())
            } else if command.rpc.is_some() {
                reply.rpc = Some(RpcResult::default());
                Ok(())
            } else {
                Err(error_code::METHOD_NOT_FOUND)
            }
        } else {
            Err(error_code::UNAUTHORIZED)
        };
        reply.error = result.err().map(|code| ReplyError {
            code,
            ..ReplyError::default()
        });
        reply
    }
}

/// The frame that publishes data, such as an [`Event`](crate::Event), in a channel; `None` if they cannot be serialized.
#[must_use]
pub fn publication<T: Serialize>(channel: &str, data: &T) -> Option<String> {
    let push = Push {
        channel: channel.to_owned(),
        publication: Some(Publication {
            data: Json::of(data)?.into(),
            offset: 0,
            epoch: String::new(),
        }),
        ..Push::default()
    };
    let reply = Reply {
        push: Some(push),
        ..Reply::default()
    };
    serde_json::to_string(&reply).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSCRIBE: &str = r#"{"id":2,"subscribe":{"channel":"todo:todos#me"}}"#;

    fn replies(connection: &mut ServerConnection, frame: &str) -> Option<String> {
        let may_subscribe = |channel: &str| channel.ends_with("#me");
        connection.replies(frame, |token| token == "good", may_subscribe)
    }

    #[test]
    fn a_connect_is_answered_first_also_if_it_is_rejected() {
        for (token, expected) in [
            (
                "good",
                "{\"id\":1,\"connect\":{\"client\":\"\",\"version\":\"\",\"ping\":10}}\n{\"id\":2,\"subscribe\":{}}",
            ),
            (
                "bad",
                "{\"id\":1,\"error\":{\"code\":109}}\n{\"id\":2,\"error\":{\"code\":101}}",
            ),
        ] {
            let mut connection = ServerConnection::default();
            let frame = format!("{{\"id\":1,\"connect\":{{\"token\":\"{token}\"}}}}\n{SUBSCRIBE}");
            assert_eq!(replies(&mut connection, &frame).as_deref(), Some(expected));
            assert_eq!(connection.is_subscribed("todo:todos#me"), token == "good");
        }
    }

    #[test]
    fn every_command_of_a_connection_is_answered() {
        let mut connection = ServerConnection::default();
        replies(&mut connection, r#"{"id":1,"connect":{"token":"good"}}"#);
        replies(&mut connection, SUBSCRIBE);
        for (command, expected) in [
            (
                r#""subscribe":{"channel":"todo:todos#you"}"#,
                r#""error":{"code":103}"#,
            ),
            (
                r#""unsubscribe":{"channel":"todo:todos#me"}"#,
                r#""unsubscribe":{}"#,
            ),
            (r#""rpc":{"method":"ping"}"#, r#""rpc":{}"#),
            (
                r#""presence":{"channel":"todo:todos#me"}"#,
                r#""error":{"code":104}"#,
            ),
        ] {
            let reply = replies(&mut connection, &format!(r#"{{"id":3,{command}}}"#));
            assert_eq!(reply, Some(format!(r#"{{"id":3,{expected}}}"#)));
        }
        assert!(!connection.is_subscribed("todo:todos#me"));
    }

    #[test]
    fn a_frame_that_breaks_the_protocol_ends_the_connection() {
        for frame in ["{}", "hello", r#"{"id":"1"}"#] {
            assert_eq!(replies(&mut ServerConnection::default(), frame), None);
        }
    }

    #[test]
    fn a_publication_names_its_channel() {
        let text = publication("todo:todos#me", &7);
        let expected = r#"{"push":{"channel":"todo:todos#me","pub":{"data":7}}}"#;
        assert_eq!(text.as_deref(), Some(expected));
    }
}
