//! The entry to the realtime server.

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};
use sync_protocol::limits;
use tracing::{Instrument, Span};

use super::{Caller, Shared, TcpInfo};
use crate::{
    failure::{Failure, Result},
    realtime::socket,
};

/// The size of the read buffer of a connection, in bytes. The default of 128 KiB would need 1.3 GB for ten thousand
/// connections. Clients send little but pongs.
const READ_BUFFER_BYTES: usize = 512;

/// From how many bytes on frames are written before the queue is empty.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

/// `GET /connection/websocket`: switches to the Centrifugo protocol. The first command authenticates the client with
/// a token. The server ignores the cookie, so that a foreign page cannot use it.
///
/// # Errors
/// `bad_request` if the request is not a websocket upgrade, `unavailable` if there are too many.
pub async fn upgrade(
    State(app): State<Shared>,
    Extension(tcp): Extension<TcpInfo>,
    caller: Caller,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let upgrade = upgrade.map_err(|error| Failure::bad_request(error.body_text()))?;
    let permit = app.socket_permits.acquire(caller.address)?;
    let tasks = app.tasks.clone();
    // What happens to the socket is logged with its client and the id of its request.
    let span = Span::current();
    Ok(upgrade
        .protocols(["centrifuge-json"])
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(limits::CLIENT_FRAME_BYTES_MAX)
        .max_frame_size(limits::CLIENT_FRAME_BYTES_MAX)
        .on_upgrade(move |socket| {
            let socket = Box::new(socket);
            let serving = async move {
                socket::serve(app, socket).await;
                drop((tcp, permit));
            };
            tasks.track_future(serving.instrument(span))
        }))
}
