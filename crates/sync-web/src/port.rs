//! The browser features that the realtime driver and the session need, as a trait.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use sync_engine::io::{PageSignal, SocketEvent};
use sync_engine::time::Now;

/// Keeps something alive until it is dropped: an alarm, a listener, an open channel.
#[must_use = "what it keeps going ends as soon as it is dropped"]
#[derive(Debug)]
pub struct Guard {
    _resource: Box<dyn Any>,
}

impl Guard {
    /// A guard whose drop drops `resource`.
    pub fn new(resource: impl Any) -> Self {
        Self {
            _resource: Box::new(resource),
        }
    }
}

/// The reason why a browser call failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlatformError {
    /// It threw, as for an invalid address or because a policy forbids it.
    Refused {
        /// The requested feature.
        what: &'static str,
        /// The browser's own message, for logs.
        message: String,
    },
    /// The browser does not support it.
    Unsupported {
        /// The requested feature.
        what: &'static str,
    },
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { what, message } => write!(f, "the browser failed to {what}: {message}"),
            Self::Unsupported { what } => write!(f, "the browser does not support {what}"),
        }
    }
}

impl std::error::Error for PlatformError {}

/// Where small values are stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Area {
    /// For this tab, across reloads (`sessionStorage`).
    Tab,
    /// In this browser, for all tabs (`localStorage`).
    Browser,
}

/// Receives the events of one socket.
pub type SocketListener = Rc<dyn Fn(SocketEvent)>;

/// An open or opening socket. Dropping it closes it without another event.
pub trait Socket {
    /// Sends a text frame.
    ///
    /// # Errors
    /// The socket is not open; nothing was sent.
    fn send(&self, text: &str) -> Result<(), PlatformError>;

    /// Closes it with a close code (1000, or 3000 to 4999) and without another event.
    fn close(self: Box<Self>, code: u16);
}

/// A channel to the other tabs of the same origin. Dropping it closes the channel.
pub trait Broadcast {
    /// Sends a message to the other tabs, but not to this one. Best effort.
    fn post(&self, message: &str);
}

/// The browser features that the realtime driver and the session need.
///
/// A method never calls its callback before it returns.
pub trait Platform {
    /// Reads both clocks.
    fn now(&self) -> Now;

    /// Random bits for the jitter of retries.
    ///
    /// # Errors
    /// There is no random source.
    fn seed(&self) -> Result<u64, PlatformError>;

    /// A random UUID (version 4).
    ///
    /// # Errors
    /// There is no random source.
    fn uuid(&self) -> Result<String, PlatformError>;

    /// Calls `ring` once, about `delay_ms` from now; earlier if the browser does not support such a delay.
    fn alarm(&self, delay_ms: u64, ring: Box<dyn FnOnce()>) -> Guard;

    /// Calls `draw` once, before the next frame is painted; not while the page is hidden.
    fn frame(&self, draw: Box<dyn FnOnce()>) -> Guard;

    /// Opens a WebSocket.
    ///
    /// # Errors
    /// The browser rejects the address.
    fn open_socket(
        &self,
        url: &str,
        on_event: SocketListener,
    ) -> Result<Box<dyn Socket>, PlatformError>;

    /// The page's own origin, as `https://host:port`.
    fn origin(&self) -> String;

    /// Listens for changes of the page's network and visibility.
    fn listen_to_page(&self, on_signal: Rc<dyn Fn(PageSignal)>) -> Guard;

    /// Whether the page is visible.
    fn is_visible(&self) -> bool;

    /// Whether the browser reports that it is online.
    fn is_online(&self) -> bool;

    /// A stored value; `None` also where storage is disabled.
    fn stored(&self, area: Area, name: &str) -> Option<String>;

    /// The value of a cookie that the server lets the page read.
    fn cookie(&self, name: &str) -> Option<String>;

    /// Stores a value, or removes it; does nothing where storage is disabled.
    fn store(&self, area: Area, name: &str, value: Option<&str>);

    /// Opens a channel to the other tabs.
    ///
    /// # Errors
    /// The browser does not support such channels.
    fn open_broadcast(
        &self,
        name: &str,
        on_message: Rc<dyn Fn(String)>,
    ) -> Result<Box<dyn Broadcast>, PlatformError>;
}

impl fmt::Debug for dyn Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}
