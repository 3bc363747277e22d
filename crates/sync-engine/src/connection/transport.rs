//! The life of one socket: its commands, its queue, and when it was last heard.

use std::mem;

use super::channels::ChannelName;
use crate::map::Map;
use sync_protocol::centrifugo::Command;
use sync_protocol::limits::CLIENT_FRAME_BYTES_TARGET;

/// The stage of a socket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// It is being opened.
    Opening,
    /// It is open, and the server was asked to accept the connection.
    Handshake,
    /// The server accepted.
    Ready,
}

/// The purpose of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Purpose {
    /// To be accepted.
    Connect,
    /// To learn whether the transport is alive, and its round trip.
    Probe {
        /// Whether a wake signal asked for it.
        wake: bool,
    },
    /// To send a new token.
    Refresh,
    /// To subscribe to a channel.
    Subscribe {
        /// Which.
        channel: ChannelName,
        /// The offset to recover from, if one was sent.
        from: Option<u64>,
    },
    /// To unsubscribe from a channel.
    Unsubscribe(ChannelName),
}

/// A command that was sent and not answered.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) purpose: Purpose,
    pub(super) sent_at: u64,
}

/// A socket with the protocol's state on it. It ends with the socket, so that nothing of it can leak into the next one.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    pub(super) generation: u64,
    pub(super) stage: Stage,
    /// When a frame last arrived; before that, when it was opened.
    pub(super) last_heard: u64,
    /// When the server accepted.
    pub(super) ready_at: u64,
    /// When it first pinged or answered a command other than `connect`.
    pub(super) proven_at: Option<u64>,
    /// Between two pings of the server, in milliseconds; 0 for none.
    pub(super) ping_ms: u64,
    /// Whether pings must be answered.
    pub(super) pong: bool,
    /// Whether the connection ends with its token, so that the server takes a new one.
    pub(super) expires: bool,
    /// Whether the server has once answered for all wanted channels.
    pub(super) settled: bool,
    last_id: u32,
    pub(super) pending: Map<u32, Pending>,
    /// Queued commands and answers to pings.
    pub(super) outbox: Vec<String>,
}

impl Transport {
    pub(super) const fn new(generation: u64, now: u64) -> Self {
        Self {
            generation,
            stage: Stage::Opening,
            last_heard: now,
            ready_at: now,
            proven_at: None,
            ping_ms: 0,
            pong: false,
            expires: false,
            settled: false,
            last_id: 0,
            pending: Map::new(),
            outbox: Vec::new(),
        }
    }

    /// Queues a command.
    pub(super) fn command(&mut self, now: u64, purpose: Purpose, command: Command) {
        self.last_id = self.last_id.wrapping_add(1).max(1);
        let id = self.last_id;
        let text = serde_json::to_string(&Command { id, ..command })
            .expect("a command holds nothing that JSON cannot");
        self.outbox.push(text);
        let sent_at = now;
        self.pending.insert(id, Pending { purpose, sent_at });
    }

    /// When the oldest command was sent that is not answered.
    pub(super) fn oldest_sent_at(&self) -> Option<u64> {
        self.pending.values().map(|pending| pending.sent_at).min()
    }

    /// Forgets the probes sent before the server was last heard: that was answer enough.
    pub(super) fn forgive_probes(&mut self) {
        let heard = self.last_heard;
        self.pending.retain(|_, pending| {
            pending.sent_at > heard || !matches!(pending.purpose, Purpose::Probe { wake: false })
        });
    }

    /// When the newest probe was sent that is not answered.
    pub(super) fn newest_probe_at(&self) -> Option<u64> {
        let pending = self.pending.values();
        let probes = pending.filter(|pending| matches!(pending.purpose, Purpose::Probe { .. }));
        probes.map(|pending| pending.sent_at).max()
    }

    /// Takes the queue, as frames that the server does not reject for their size.
    pub(super) fn take_frames(&mut self) -> Vec<String> {
        let mut frames: Vec<String> = Vec::new();
        for text in mem::take(&mut self.outbox) {
            match frames.last_mut() {
                Some(frame) if frame.len() + 1 + text.len() < CLIENT_FRAME_BYTES_TARGET => {
                    frame.push('\n');
                    frame.push_str(&text);
                }
                _ => frames.push(text),
            }
        }
        frames
    }
}

#[cfg(test)]
mod tests {
    use sync_protocol::centrifugo::SubscribeRequest;

    use super::*;

    #[test]
    fn frames_stay_below_the_limit_and_hold_every_command_in_order() {
        let mut transport = Transport::new(1, 0);
        for index in 0..1000 {
            let subscribe = SubscribeRequest {
                channel: format!("channel-{index}"),
                token: "t".repeat(600),
                ..SubscribeRequest::default()
            };
            let command = Command {
                subscribe: Some(subscribe),
                ..Command::default()
            };
            transport.command(0, Purpose::Probe { wake: false }, command);
        }
        let frames = transport.take_frames();
        assert!(frames.len() > 10);
        assert!(
            frames
                .iter()
                .all(|frame| frame.len() < CLIENT_FRAME_BYTES_TARGET)
        );
        let lines = frames.iter().flat_map(|frame| frame.split('\n'));
        let ids = lines.map(|line| serde_json::from_str::<Command>(line).unwrap().id);
        assert!(ids.eq(1..=1000));
        assert!(transport.take_frames().is_empty());
    }
}
