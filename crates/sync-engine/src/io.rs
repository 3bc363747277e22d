//! The inputs of the outside, and types that several parts share.

/// Something that the page noticed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PageSignal {
    /// The browser says that there is a network.
    Online,
    /// The browser says that there is none; verified before it is believed.
    Offline,
    /// The page is shown.
    Visible,
    /// The page is hidden.
    Hidden,
    /// The window got the focus.
    Focus,
    /// The page goes on after it was frozen.
    Resumed,
    /// The page came back from the back/forward cache.
    Restored,
}

/// Something that happened on a socket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SocketEvent {
    /// It is open.
    Opened,
    /// A text frame arrived.
    Text(String),
    /// A frame arrived that is no text, or too large to be read.
    Malformed,
    /// It is closed.
    Closed {
        /// Close code; 1006 when there was no close frame.
        code: u16,
        /// Reason as the server gave it.
        reason: String,
    },
    /// It could not be opened, or broke.
    Failed,
}

/// What a socket has to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SocketCommand {
    /// Open a socket.
    Open {
        /// Its number: names it in all that follows. Events of older ones are ignored.
        generation: u64,
        /// Where, if the token's reply named another address than the settings.
        url: Option<String>,
    },
    /// Send a text frame.
    Send {
        /// Over which socket.
        generation: u64,
        /// The frame.
        text: String,
    },
    /// Close a socket; its further events are ignored.
    Close {
        /// Which one.
        generation: u64,
        /// Close code, 1000 or 3000 to 4999.
        code: u16,
    },
}

/// The connection as it is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ConnectionStatus {
    /// No connection, and none is wanted.
    #[default]
    Disconnected,
    /// The first connection is being made.
    Connecting,
    /// There is a connection.
    Connected,
    /// The connection was lost and is being made again.
    Reconnecting,
    /// Stopped until somebody acts.
    Error,
}

impl ConnectionStatus {
    /// The value of attributes (`data-status`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
            Self::Error => "error",
        }
    }
}

/// A change of the connection's status, for logs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusChange {
    /// Before.
    pub from: ConnectionStatus,
    /// After.
    pub to: ConnectionStatus,
    /// Close code or client-side code of the cause; 0 if there is none.
    pub code: u32,
    /// The cause as text, for logs; never shown to a user as it is.
    pub reason: String,
    /// When, by the wall clock.
    pub at_ms: i64,
}
