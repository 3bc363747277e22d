//! The way into the realtime server.

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};
use dashboard_protocol::{ProblemCode, limits};

use super::{TcpInfo, Shared};
use crate::{failure::Failure, realtime::socket};

/// Read and write buffers of one connection, in bytes. The library's 128 KiB would be 1.3 GB for ten thousand.
const BUFFER_BYTES: usize = 4 * 1024;

/// `GET /connection/websocket`: switches to the Centrifugo protocol. Who it is comes with the first command, as a
/// token; the cookie plays no part, so that a foreign page could not ride on it.
///
/// # Errors
/// `bad_request` if the request does not ask for a websocket.
pub async fn upgrade(
    State(app): State<Shared>,
    Extension(line): Extension<TcpInfo>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let upgrade =
        upgrade.map_err(|error| Failure::because(ProblemCode::BadRequest, error.body_text()))?;
    let tasks = app.tasks.clone();
    Ok(upgrade
        .protocols(["centrifuge-json"])
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(limits::CLIENT_FRAME_BYTES_MAX)
        .max_frame_size(limits::CLIENT_FRAME_BYTES_MAX)
        .on_upgrade(move |socket| {
            tasks.track_future(async move {
                socket::serve(app, socket).await;
                drop(line);
            })
        }))
}
