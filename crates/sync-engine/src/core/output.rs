//! The outputs of the engine.

use sync_protocol::User;

use crate::event::Applied;
use crate::http::{HttpRequest, RequestId};
use crate::io::StatusChange;
use crate::view::Key;

/// Something that the outside has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum CoreOutput {
    /// Open a socket and report its events with this generation.
    OpenSocket {
        /// Which one; events of older ones are ignored.
        generation: u64,
        /// Where, if the token's reply named another address than the settings.
        url: Option<String>,
    },
    /// Send a text frame.
    SendText {
        /// Over which socket.
        generation: u64,
        /// The frame.
        text: String,
    },
    /// Close a socket; its further events are ignored.
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
    /// Abort a call: its result no longer matters.
    CancelHttp {
        /// Which call.
        id: RequestId,
    },
    /// Call [`Core::handle_frame`](super::Core::handle_frame) at the next animation frame.
    RequestFrame,
    /// A key's view changed.
    Changed(Key),
    /// A change was applied and is in the views.
    Applied(Applied),
    /// The connection's status changed.
    StatusChanged(StatusChange),
    /// The server said who is signed in: pass the user to [`Core::sign_in`](super::Core::sign_in).
    SignedIn(User),
    /// The server said 401: nobody is signed in.
    SignedOut,
}
