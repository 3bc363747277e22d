//! The outputs of the engine.

use sync_protocol::User;

use crate::event::Applied;
use crate::http::{HttpRequest, RequestId};
use crate::io::{SocketCommand, StatusChange};
use crate::view::Key;

/// Something that the outside has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum CoreOutput {
    /// Pass this on to a socket, and report its events with its generation.
    Socket(SocketCommand),
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
