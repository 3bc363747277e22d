//! One readable line for every input and output, for failed tests. Tokens never show.

use std::fmt;

use crate::connection::{ConnectionFault, ConnectionInput, ConnectionOutput, State};
use crate::http::{HttpFailure, HttpReply, HttpRequest};
use crate::io::{SocketCommand, SocketEvent};

/// Longest part of a frame that is shown, in characters.
const FRAME_CHARS: usize = 120;

impl fmt::Display for ConnectionInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedIn => f.write_str("signed in"),
            Self::SignedOut => f.write_str("signed out"),
            Self::Connect => f.write_str("connect"),
            Self::Disconnect => f.write_str("disconnect"),
            Self::Reconnect => f.write_str("reconnect"),
            Self::Page(signal) => write!(f, "page {signal:?}"),
            Self::Socket { generation, event } => {
                write!(f, "socket {generation} ")?;
                match event {
                    SocketEvent::Opened => f.write_str("opened"),
                    SocketEvent::Text(text) => write!(f, "says {}", shortened(text)),
                    SocketEvent::Closed { code, reason } => write!(f, "closed {code} {reason}"),
                    SocketEvent::Malformed => f.write_str("says something malformed"),
                    SocketEvent::Failed => f.write_str("failed"),
                }
            }
            Self::Http { id, result } => {
                write!(f, "call {id} ")?;
                match result {
                    Ok(HttpReply::Token(_)) => f.write_str("token"),
                    Ok(HttpReply::Session(_)) => f.write_str("session"),
                    Ok(_) => f.write_str("other reply"),
                    Err(HttpFailure::Status { status, .. }) => write!(f, "status {status}"),
                    Err(failure) => write!(f, "{failure:?}"),
                }
            }
            Self::HttpAnswered => f.write_str("another call was answered"),
            Self::Unauthenticated => f.write_str("another call got 401"),
            Self::Subscribe(channel) => write!(f, "subscribe {channel}"),
            Self::Unsubscribe(channel) => write!(f, "unsubscribe {channel}"),
        }
    }
}

impl fmt::Display for ConnectionOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(SocketCommand::Open { generation, .. }) => write!(f, "open {generation}"),
            Self::Socket(SocketCommand::Send { generation, text }) => {
                write!(f, "send {generation} {}", shortened(text))
            }
            Self::Socket(SocketCommand::Close { generation, code }) => {
                write!(f, "close {generation} {code}")
            }
            Self::Http { id, request } => match request {
                HttpRequest::Token => write!(f, "call {id} token"),
                HttpRequest::Session => write!(f, "call {id} session"),
                _ => write!(f, "call {id} other"),
            },
            Self::CancelHttp { id } => write!(f, "cancel {id}"),
            Self::Publication {
                channel,
                data,
                recovered,
            } => {
                let how = if *recovered { "recovered" } else { "live" };
                write!(f, "{how} {channel} {}", shortened(data.get()))
            }
            Self::Subscribed { channel, recovery } => {
                write!(f, "subscribed {channel} {recovery:?}")
            }
            Self::Rejected { channel, code } => write!(f, "rejected {channel} {code}"),
            Self::Changed(change) => write!(
                f,
                "{} to {}: {} {}",
                change.from.as_str(),
                change.to.as_str(),
                change.code,
                change.reason
            ),
            Self::SignedOut => f.write_str("the session has ended"),
            Self::Rtt(rtt_ms) => write!(f, "round trip {rtt_ms} ms"),
            Self::Heartbeat => f.write_str("alive"),
            Self::Malformed => f.write_str("malformed"),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected { why } => write!(f, "disconnected {why:?}"),
            Self::Connecting { attempt } => write!(f, "connecting, attempt {attempt}"),
            Self::Connected { .. } => f.write_str("connected"),
            Self::Reconnecting {
                attempt,
                retry_at: Some(at),
                ..
            } => write!(f, "reconnecting after attempt {attempt}, next at {at}"),
            Self::Reconnecting { attempt, .. } => write!(f, "reconnecting, attempt {attempt}"),
            Self::Error {
                why: ConnectionFault::Suspended { retry_at },
            } => write!(f, "suspended, next attempt at {retry_at}"),
            Self::Error {
                why: ConnectionFault::Terminal(reason),
            } => write!(f, "stopped: {reason:?}"),
        }
    }
}

/// The beginning of a frame; only the length of one that may hold a token.
fn shortened(text: &str) -> String {
    if text.contains("\"token\"") {
        return format!("({} bytes with a token)", text.len());
    }
    let one_line = text.replace('\n', " ");
    match one_line.char_indices().nth(FRAME_CHARS) {
        Some((end, _)) => format!("{}… ({} bytes)", &one_line[..end], text.len()),
        None => one_line,
    }
}
