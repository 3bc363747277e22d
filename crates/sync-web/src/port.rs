//! What the realtime driver and the session need of the browser, as a trait.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use sync_engine::io::{PageSignal, SocketEvent};
use sync_engine::time::Now;

/// Keeps something going until it is dropped: an alarm, a listener, an opened channel.
#[must_use = "what it keeps going ends as soon as it is dropped"]
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

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

/// Why the browser would not do something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlatformError {
    /// It threw, as it does for an address that is none or a policy that forbids it.
    Refused {
        /// What was asked for.
        what: &'static str,
        /// The browser's own words, for logs.
        message: String,
    },
    /// It has no such thing.
    Unsupported {
        /// What was asked for.
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

/// Where small values are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Area {
    /// Over reloads of this tab (`sessionStorage`).
    Tab,
    /// In this browser, for all tabs (`localStorage`).
    Browser,
}

/// Hears the events of one socket.
pub type SocketListener = Rc<dyn Fn(SocketEvent)>;

/// An open or opening socket. Dropping it ends it without another event.
pub trait Socket {
    /// Sends a text frame.
    ///
    /// # Errors
    /// The socket is not open; nothing was sent.
    fn send(&self, text: &str) -> Result<(), PlatformError>;

    /// Ends it with a close code (1000, or 3000 to 4999) and without another event.
    fn close(self: Box<Self>, code: u16);
}

/// A channel to the other tabs of the same origin. Dropping it leaves the channel.
pub trait Broadcast {
    /// Tells the other tabs; not the own one. Best effort.
    fn post(&self, message: &str);
}

/// What the realtime driver and the session need of the browser.
///
/// Callbacks are never called from inside the call that takes them.
pub trait Platform {
    /// Reads both clocks.
    fn now(&self) -> Now;

    /// Random bits to spread retries with.
    ///
    /// # Errors
    /// There is no random source.
    fn seed(&self) -> Result<u64, PlatformError>;

    /// A random UUID (version 4).
    ///
    /// # Errors
    /// There is no random source.
    fn uuid(&self) -> Result<String, PlatformError>;

    /// Calls `ring` once, about `delay_ms` from now; earlier if that is further away than the browser can wait.
    fn alarm(&self, delay_ms: u64, ring: Box<dyn FnOnce()>) -> Guard;

    /// Calls `draw` once, before the next frame is painted; not while the page is hidden.
    fn frame(&self, draw: Box<dyn FnOnce()>) -> Guard;

    /// Opens a WebSocket.
    ///
    /// # Errors
    /// The browser refuses the address.
    fn open_socket(
        &self,
        url: &str,
        on_event: SocketListener,
    ) -> Result<Box<dyn Socket>, PlatformError>;

    /// The page's own origin, as `https://host:port`.
    fn origin(&self) -> String;

    /// Hears what the page notices about its network and its visibility.
    fn listen_to_page(&self, on_signal: Rc<dyn Fn(PageSignal)>) -> Guard;

    /// Whether the page is shown.
    fn is_visible(&self) -> bool;

    /// Whether the browser believes that there is a network.
    fn is_online(&self) -> bool;

    /// A value kept before; `None` also where storing is switched off.
    fn stored(&self, area: Area, name: &str) -> Option<String>;

    /// Keeps a value, or forgets it; nothing happens where storing is switched off.
    fn store(&self, area: Area, name: &str, value: Option<&str>);

    /// Joins a channel to the other tabs.
    ///
    /// # Errors
    /// The browser has no such channels.
    fn join(
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
