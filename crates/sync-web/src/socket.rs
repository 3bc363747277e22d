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

/// What browsers report of a socket that ended without a close frame (RFC 6455 section 7.4.1).
const NO_CLOSE_FRAME: u16 = 1006;

/// A WebSocket. Its handlers are taken off before its closures go, since the browser still reports the end of a
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
    /// Begins to open a socket.
    ///
    /// # Errors
    /// The browser refuses the address.
    pub(super) fn open(url: &str, on_event: &SocketListener) -> Result<Self, PlatformError> {
        let socket = WebSocket::new(url).map_err(|error| refused("open a socket", &error))?;
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

        // Some browsers do not keep a page for the way back while it has a socket; others close the socket themselves.
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
        // A socket that is closing takes frames without a word and loses them.
        if self.socket.ready_state() != WebSocket::OPEN {
            return Err(PlatformError::Refused {
                what: "send",
                message: "the socket is not open".to_owned(),
            });
        }
        self.socket
            .send_with_str(text)
            .map_err(|error| refused("send", &error))
    }

    fn close(self: Box<Self>, code: u16) {
        self.take_handlers_off();
        // Fails for a code that no client may send; the drop that follows closes it in any case.
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
        // Without a code it cannot fail; on a closed socket it does nothing.
        let _ = self.socket.close();
    }
}

impl fmt::Debug for BrowserSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserSocket").finish_non_exhaustive()
    }
}

/// The text of a frame; bytes are read as UTF-8. `None` for what is too large, no UTF-8, or neither.
fn text_of(data: &JsValue) -> Option<String> {
    if let Some(text) = data.dyn_ref::<JsString>() {
        // The length counts UTF-16 units, of which none makes more than three bytes.
        return (text.length() as usize <= SERVER_FRAME_BYTES_MAX).then(|| String::from(text));
    }
    let buffer = data.dyn_ref::<ArrayBuffer>()?;
    if buffer.byte_length() as usize > SERVER_FRAME_BYTES_MAX {
        return None;
    }
    String::from_utf8(Uint8Array::new(buffer).to_vec()).ok()
}

/// An exception of the browser as an error of ours.
pub(super) fn refused(what: &'static str, error: &JsValue) -> PlatformError {
    let message = error.dyn_ref::<js_sys::Error>().map_or_else(
        || "unknown".to_owned(),
        |error| String::from(error.message()),
    );
    PlatformError::Refused { what, message }
}
