//! What goes into the engine and what comes out of it.

use std::rc::Rc;

use dashboard_protocol::{Beat, ChangeKind, Event, MutationBody};

use crate::http::{HttpRequest, RequestId};
use crate::status::ConnectionStatus;
use crate::view::Key;

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
    /// A frame arrived that is no text, or too large to be taken for one.
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

/// What the outside has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum CoreOutput {
    /// Open a socket and report its events with this generation.
    OpenSocket {
        /// Which one; events of older ones are ignored.
        generation: u64,
        /// Where, if the token's reply named another place than the settings.
        url: Option<String>,
    },
    /// Send a text frame.
    SendText {
        /// Over which socket.
        generation: u64,
        /// The frame.
        text: String,
    },
    /// Close a socket; nothing it still says matters.
    CloseSocket {
        /// Which one.
        generation: u64,
        /// Close code, 1000 or 3000 to 4999.
        code: u16,
    },
    /// Make a call and report its result under this id.
    Http {
        /// Which call.
        id: RequestId,
        /// The call.
        request: HttpRequest,
    },
    /// Give a call up: its result no longer matters.
    CancelHttp {
        /// Which call.
        id: RequestId,
    },
    /// Call [`Core::handle_frame`] at the next animation frame.
    RequestFrame,
    /// A key's view changed.
    Changed(Key),
    /// A change was applied and is in the store.
    Applied(Applied),
    /// The session's status changed.
    StatusChanged(StatusChange),
    /// The server said 401: nobody is signed in any more.
    SignedOut,
}

/// A change that was applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The event it came with.
    pub event: Rc<Event>,
    /// Its place among the event's changes.
    pub index: usize,
}

impl Applied {
    /// The type of the change.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        self.event
            .changes
            .get(self.index)
            .map_or(ChangeKind::Unknown, |change| change.kind())
    }
}

/// One step of the session's status, for those who log it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusChange {
    /// Before.
    pub from: ConnectionStatus,
    /// After.
    pub to: ConnectionStatus,
    /// Close code or client-side code of the cause; 0 if there is none.
    pub code: u32,
    /// The cause in words, for logs; never shown to a user as it is.
    pub reason: String,
    /// When, by the wall clock.
    pub at_ms: i64,
}

/// A mutation as the outside states it: the id and the time are fixed here, so that folding it again gives the same.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMutation {
    /// Random UUID.
    pub id: String,
    /// What is asked for.
    pub body: MutationBody,
    /// The beats it is about, as the user saw them, for titles and prices.
    pub beats: Vec<Rc<Beat>>,
}
