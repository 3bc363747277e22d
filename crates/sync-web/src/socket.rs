//! A WebSocket that owns its closures.

use std::fmt;
use std::rc::Rc;

use js_sys::{ArrayBuffer, JsString, Uint8Array};
use sync_engine::io::SocketEvent;
use sync_protocol::limits::SERVER_FRAME_BYTES_MAX;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::counts::{Counted, Kind};
use super::listener::Listener;
use super::{PlatformError, Socket, SocketListener, page};

/// The close code that browsers report for a socket without a close frame (RFC 6455 section 7.4.1).
const NO_CLOSE_FRAME: u16 = 1006;

/// A WebSocket. Its handlers are removed before its closures are dropped, since the browser still reports the end of a
/// socket that was closed.
pub(super) struct BrowserSocket {
    socket: WebSocket,
    _on_open: Closure<dyn Fn(Event)>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn Fn(CloseEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
    _on_hide: Option<Listener>,
    _counted: [Counted; 5],
}

impl BrowserSocket {
    /// Opens a socket.
    ///
    /// # Errors
    /// The browser rejects the address.
    pub(super) fn open(url: &str, on_event: &SocketListener) -> Result<Self, PlatformError> {
        let socket = WebSocket::new(url).map_err(|error| rejected("open a socket", &error))?;
        socket.set_binary_type(BinaryType::Arraybuffer);

        let notify = Rc::clone(on_event);
        let on_open = Closure::<dyn Fn(Event)>::new(move |_| notify(SocketEvent::Opened));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        let notify = Rc::clone(on_event);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = text_of(&event.data());
            notify(text.map_or(SocketEvent::Malformed, SocketEvent::Text));
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let notify = Rc::clone(on_event);
        let on_close = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| {
            notify(SocketEvent::Closed {
                code: event.code(),
                reason: event.reason(),
            });
        });
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        let notify = Rc::clone(on_event);
        let on_error = Closure::<dyn Fn(Event)>::new(move |_| notify(SocketEvent::Failed));
        socket.set_onerror(Some(on_error.as_ref().unchecked_ref()));

        // Some browsers do not keep a page with a socket in the back/forward cache; others close the socket themselves.
        let notify = Rc::clone(on_event);
        let on_hide = web_sys::window().map(|window| {
            Listener::new(&window, "pagehide", move |event| {
                if page::is_kept(&event) {
                    notify(SocketEvent::Closed {
                        code: NO_CLOSE_FRAME,
                        reason: String::new(),
                    });
                }
            })
        });

        Ok(Self {
            socket,
            _on_open: on_open,
            _on_message: on_message,
            _on_close: on_close,
            _on_error: on_error,
            _on_hide: on_hide,
            _counted: [
                Counted::new(Kind::Socket),
                Counted::new(Kind::Closure),
                Counted::new(Kind::Closure),
                Counted::new(Kind::Closure),
                Counted::new(Kind::Closure),
            ],
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

    fn close(self: Box<Self>, code: u16) {
        self.take_handlers_off();
        // Fails for a code that no client may send; the drop that follows closes the socket in any case.
        let _ = self.socket.close_with_code(code);
    }
}

impl BrowserSocket {
    fn take_handlers_off(&self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.socket.set_onerror(None);
    }
}

impl Drop for BrowserSocket {
    fn drop(&mut self) {
        self.take_handlers_off();
        // Cannot fail without a code; does nothing on a closed socket.
        let _ = self.socket.close();
    }
}

impl fmt::Debug for BrowserSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserSocket").finish_non_exhaustive()
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
