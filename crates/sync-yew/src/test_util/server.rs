//! The server's end of a socket: enough of the Centrifugo protocol to accept, subscribe and publish.

use serde::Serialize;
use sync_engine::io::SocketEvent;
use sync_protocol::centrifugo::{
    Command, ConnectResult, Empty, Publication, Push, Reply, RpcResult, SubscribeResult,
};

use super::{FakeSocket, settle};

/// Epoch of all streams.
const STREAM_EPOCH: &str = "S1";

/// Opens a socket and answers the page's commands, until it sends no more.
///
/// # Panics
/// The page sent a frame that is no command.
pub async fn accept(socket: &FakeSocket) {
    socket.notify(SocketEvent::Opened);
    serve(socket).await;
}

/// Answers the page's commands, until it sends no more. Returns the channels that it subscribed to (`+name`) and
/// unsubscribed from (`-name`) meanwhile.
///
/// # Panics
/// The page sent a frame that is no command.
pub async fn serve(socket: &FakeSocket) -> Vec<String> {
    let mut moves = Vec::new();
    loop {
        settle().await;
        let frames = socket.take_sent();
        if frames.is_empty() {
            return moves;
        }
        for line in frames.iter().flat_map(|frame| frame.lines()) {
            let command: Command = serde_json::from_str(line).expect("a command");
            if let Some(subscribe) = &command.subscribe {
                moves.push(format!("+{}", subscribe.channel));
            }
            if let Some(unsubscribe) = &command.unsubscribe {
                moves.push(format!("-{}", unsubscribe.channel));
            }
            if let Some(reply) = answer(&command) {
                notify(socket, &reply);
            }
        }
    }
}

/// Publishes on a channel.
///
/// # Panics
/// The data cannot be serialized.
pub async fn publish(socket: &FakeSocket, channel: &str, offset: u64, data: &impl Serialize) {
    let data = serde_json::value::to_raw_value(data).expect("data that can be written");
    let reply = Reply {
        push: Some(Push {
            channel: channel.to_owned(),
            publication: Some(Publication {
                data,
                offset,
                epoch: String::new(),
            }),
            unsubscribe: None,
            disconnect: None,
        }),
        ..Reply::default()
    };
    notify(socket, &reply);
    settle().await;
}

fn notify(socket: &FakeSocket, reply: &Reply) {
    let text = serde_json::to_string(reply).expect("plain data can be written");
    socket.notify(SocketEvent::Text(text));
}

fn answer(command: &Command) -> Option<Reply> {
    let mut reply = Reply {
        id: command.id,
        ..Reply::default()
    };
    if command.connect.is_some() {
        reply.connect = Some(ConnectResult {
            client: "test".to_owned(),
            version: "test".to_owned(),
            ping: 25,
            pong: true,
            ..ConnectResult::default()
        });
    } else if let Some(subscribe) = &command.subscribe {
        reply.subscribe = Some(SubscribeResult {
            recoverable: true,
            positioned: true,
            epoch: STREAM_EPOCH.to_owned(),
            offset: subscribe.offset,
            was_recovering: subscribe.recover,
            recovered: subscribe.recover,
            ..SubscribeResult::default()
        });
    } else if command.unsubscribe.is_some() {
        reply.unsubscribe = Some(Empty {});
    } else if command.rpc.is_some() {
        reply.rpc = Some(RpcResult { data: None });
    } else {
        return None;
    }
    Some(reply)
}
