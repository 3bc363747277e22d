//! A WebSocket that owns its closures.

use std::rc::Rc;

use js_sys::{ArrayBuffer, JsString, Uint8Array};
use sync_engine::io::SocketEvent;
use sync_protocol::limits::SERVER_FRAME_BYTES_MAX;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, EventTarget, MessageEvent, WebSocket};

use super::counts::{Counted, Kind};
use super::listener::Listener;
use super::{PlatformError, Socket, SocketListener, page};

/// The close code that browsers report for a socket without a close frame (RFC 6455 section 7.4.1).
const NO_CLOSE_FRAME: u16 = 1006;

/// A WebSocket. Its listeners go before it is closed, since the browser still reports the end of a socket that was closed.
pub(super) struct BrowserSocket {
    socket: WebSocket,
    listeners: Vec<Listener>,
    _counted: Counted,
}

impl BrowserSocket {
    /// Opens a socket.
    ///
    /// # Errors
    /// The browser rejects the address.
    pub(super) fn open(url: &str, on_event: &SocketListener) -> Result<Self, PlatformError> {
        let socket = WebSocket::new(url).map_err(|error| rejected("open a socket", &error))?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let mut listeners = Vec::new();
        let mut listen =
            |target: &EventTarget, name: &'static str, read: fn(&Event) -> Option<SocketEvent>| {
                let notify = Rc::clone(on_event);
                listeners.push(Listener::new(target, name, move |event| {
                    if let Some(event) = read(event) {
                        notify(event);
                    }
                }));
            };
        listen(&socket, "open", |_| Some(SocketEvent::Opened));
        listen(&socket, "message", |event| {
            let text = text_of(&event.dyn_ref::<MessageEvent>()?.data());
            Some(text.map_or(SocketEvent::Malformed, SocketEvent::Text))
        });
        listen(&socket, "close", |event| {
            let event = event.dyn_ref::<CloseEvent>()?;
            Some(SocketEvent::Closed {
                code: event.code(),
                reason: event.reason(),
            })
        });
        listen(&socket, "error", |_| Some(SocketEvent::Failed));
        // Some browsers do not keep a page with a socket in the back/forward cache; others close the socket themselves.
        if let Some(window) = web_sys::window() {
            listen(&window, "pagehide", |event| {
                page::is_kept(event).then(|| SocketEvent::Closed {
                    code: NO_CLOSE_FRAME,
                    reason: String::new(),
                })
            });
        }
        Ok(Self {
            socket,
            listeners,
            _counted: Counted::new(Kind::Socket),
        })
    }
}

impl Socket for BrowserSocket {
    fn send(&self, text: &str) -> Result<(), PlatformError> {
        // A closing socket accepts frames without an error and discards them.
        if self.socket.ready_state() != WebSocket::OPEN {
            return Err(PlatformError::Refused {
                what: "send",
                message: "the socket is not open".to_owned(),
            });
        }
        self.socket
            .send_with_str(text)
            .map_err(|error| rejected("send", &error))
    }

    fn close(mut self: Box<Self>, code: u16) {
        self.listeners.clear();
        // Fails for a code that no client may send; the drop that follows closes the socket in any case.
        let _ = self.socket.close_with_code(code);
    }
}

impl Drop for BrowserSocket {
    fn drop(&mut self) {
        self.listeners.clear();
        // Cannot fail without a code; does nothing on a closed socket.
        let _ = self.socket.close();
    }
}

/// The text of a frame; bytes are read as UTF-8. `None` if it is too large or not UTF-8.
fn text_of(data: &JsValue) -> Option<String> {
    if let Some(text) = data.dyn_ref::<JsString>() {
        // The length counts UTF-16 units, and each needs at most three bytes.
        return (text.length() as usize <= SERVER_FRAME_BYTES_MAX).then(|| String::from(text));
    }
    let buffer = data.dyn_ref::<ArrayBuffer>()?;
    if buffer.byte_length() as usize > SERVER_FRAME_BYTES_MAX {
        return None;
    }
    String::from_utf8(Uint8Array::new(buffer).to_vec()).ok()
}

/// Converts an exception of the browser into our own error.
pub(super) fn rejected(what: &'static str, error: &JsValue) -> PlatformError {
    let message = error.dyn_ref::<js_sys::Error>().map_or_else(
        || "unknown".to_owned(),
        |error| String::from(error.message()),
    );
    PlatformError::Refused { what, message }
}
