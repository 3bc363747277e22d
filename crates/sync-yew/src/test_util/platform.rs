//! A fake browser whose clock, sockets and signals a test controls.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::rc::Rc;

use sync_engine::io::{PageSignal, SocketEvent};
use sync_engine::time::Now;
use sync_web::{Area, Broadcast, Guard, Platform, PlatformError, Socket, SocketListener};

use super::settle;

/// The wall clock at the start of a test, in milliseconds: 2026-11-23T10:00:00Z.
pub const START_MS: i64 = 1_795_428_000_000;

type Ring = Box<dyn FnOnce()>;
type OnMessage = Rc<dyn Fn(String)>;
type Table<K, V> = Rc<RefCell<BTreeMap<K, V>>>;

/// The browser of one tab. Clones are the same tab.
#[derive(Clone, Default)]
pub struct FakePlatform {
    tab: Rc<Tab>,
}

#[derive(Default)]
struct Tab {
    mono_ms: Cell<u64>,
    next: Cell<u64>,
    uuids: Cell<u64>,
    hidden: Cell<bool>,
    offline: Cell<bool>,
    refusing: Cell<bool>,
    alarms: Table<(u64, u64), Ring>,
    frames: Table<u64, Ring>,
    page: Table<u64, Rc<dyn Fn(PageSignal)>>,
    sockets: RefCell<Vec<Rc<FakeSocket>>>,
    own: RefCell<HashMap<String, String>>,
    shared: Rc<RefCell<HashMap<String, String>>>,
    cookies: Rc<RefCell<HashMap<String, String>>>,
    channels: Table<u64, (String, OnMessage)>,
}

/// A socket, from the server's side.
pub struct FakeSocket {
    /// Where it was opened.
    pub url: String,
    listener: SocketListener,
    sent: RefCell<Vec<String>>,
    closed: Cell<Option<u16>>,
}

impl FakeSocket {
    /// The frames that the page sent since the last call.
    #[must_use]
    pub fn take_sent(&self) -> Vec<String> {
        self.sent.take()
    }

    /// Whether the page still has the socket open.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.closed.get().is_none()
    }

    /// Delivers an event to the page, even if the page has closed the socket.
    pub fn notify(&self, event: SocketEvent) {
        (self.listener)(event);
    }
}

impl FakePlatform {
    /// A new browser with one tab.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another tab of the same browser, or the same one after a reload if `reloaded`.
    #[must_use]
    pub fn another(&self, reloaded: bool) -> Self {
        let tab = Tab {
            mono_ms: Cell::new(self.tab.mono_ms.get()),
            uuids: Cell::new(self.tab.uuids.get() + 1_000_000),
            shared: Rc::clone(&self.tab.shared),
            cookies: Rc::clone(&self.tab.cookies),
            channels: Rc::clone(&self.tab.channels),
            next: Cell::new(self.tab.next.get() + 1_000_000),
            ..Tab::default()
        };
        if reloaded {
            tab.own.replace(self.tab.own.borrow().clone());
        }
        Self { tab: Rc::new(tab) }
    }

    /// The browser, for a component; always the same pointer for the same tab.
    #[must_use]
    pub fn shared(&self) -> Rc<dyn Platform> {
        Rc::clone(&self.tab) as Rc<dyn Platform>
    }

    /// Advances the time: every alarm that is due in between fires at its time.
    pub async fn advance(&self, ms: u64) {
        let end_ms = self.tab.mono_ms.get() + ms;
        loop {
            let due = {
                let alarms = self.tab.alarms.borrow();
                alarms.keys().next().copied().filter(|key| key.0 <= end_ms)
            };
            let Some(key) = due else { break };
            self.tab.mono_ms.set(key.0.max(self.tab.mono_ms.get()));
            let ring = self.tab.alarms.borrow_mut().remove(&key);
            if let Some(ring) = ring {
                ring();
            }
            settle().await;
        }
        self.tab.mono_ms.set(end_ms);
        settle().await;
    }

    /// Runs one animation frame.
    pub async fn draw(&self) {
        let frames = self.tab.frames.take();
        for draw in frames.into_values() {
            draw();
        }
        settle().await;
    }

    /// Delivers a signal to the page.
    pub async fn signal(&self, signal: PageSignal) {
        match signal {
            PageSignal::Hidden => self.tab.hidden.set(true),
            PageSignal::Visible => self.tab.hidden.set(false),
            PageSignal::Offline => self.tab.offline.set(true),
            PageSignal::Online => self.tab.offline.set(false),
            PageSignal::Focus | PageSignal::Restored | PageSignal::Resumed => (),
        }
        let listeners: Vec<_> = self.tab.page.borrow().values().cloned().collect();
        for listener in listeners {
            listener(signal);
        }
        settle().await;
    }

    /// All sockets that were ever opened, oldest first.
    #[must_use]
    pub fn sockets(&self) -> Vec<Rc<FakeSocket>> {
        self.tab.sockets.borrow().clone()
    }

    /// Whether every new socket is rejected, as by a proxy that only allows HTTP.
    pub fn reject_sockets(&self, is_refusing: bool) {
        self.tab.refusing.set(is_refusing);
    }

    /// How many browser resources are alive: alarms, frames, listeners, sockets, channels.
    #[must_use]
    pub fn held(&self) -> usize {
        let sockets = self.tab.sockets.borrow();
        self.tab.alarms.borrow().len()
            + self.tab.frames.borrow().len()
            + self.tab.page.borrow().len()
            + self.tab.channels.borrow().len()
            + sockets.iter().filter(|socket| socket.is_held()).count()
    }

    /// Stores a value for all tabs, like an earlier visit.
    pub fn remember(&self, name: &str, value: &str) {
        self.shared().store(Area::Browser, name, Some(value));
    }

    /// Sets a cookie for all tabs, as the server does.
    pub fn set_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.tab.cookies.borrow_mut();
        cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Drops all closed sockets.
    pub fn forget_sockets(&self) {
        self.tab
            .sockets
            .borrow_mut()
            .retain(|socket| socket.is_held());
    }
}

impl fmt::Debug for FakePlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakePlatform")
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FakeSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeSocket")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Tab {
    fn next(&self) -> u64 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }
}

/// Keeps an entry of a table until it is dropped.
struct Entry<K: Ord, V> {
    table: Table<K, V>,
    key: K,
}

impl<K: Ord, V> Drop for Entry<K, V> {
    fn drop(&mut self) {
        // The value is dropped after the table is released.
        let value = self.table.borrow_mut().remove(&self.key);
        drop(value);
    }
}

fn insert<K: Copy + Ord + 'static, V: 'static>(
    table: &Table<K, V>,
    key: K,
    value: V,
) -> Entry<K, V> {
    table.borrow_mut().insert(key, value);
    Entry {
        table: Rc::clone(table),
        key,
    }
}

/// The page's side of a socket.
struct HeldSocket(Rc<FakeSocket>);

impl Socket for HeldSocket {
    fn send(&self, text: &str) -> Result<(), PlatformError> {
        self.0.sent.borrow_mut().push(text.to_owned());
        Ok(())
    }

    fn close(self: Box<Self>, code: u16) {
        self.0.closed.set(Some(code));
    }
}

impl Drop for HeldSocket {
    fn drop(&mut self) {
        if self.0.is_held() {
            self.0.closed.set(Some(1000));
        }
    }
}

/// One tab's end of a channel.
struct Joined {
    name: String,
    entry: Entry<u64, (String, OnMessage)>,
}

impl Broadcast for Joined {
    fn post(&self, message: &str) {
        let others: Vec<OnMessage> = self
            .entry
            .table
            .borrow()
            .iter()
            .filter(|(key, (name, _))| **key != self.entry.key && *name == self.name)
            .map(|(_, (_, on_message))| Rc::clone(on_message))
            .collect();
        for on_message in others {
            on_message(message.to_owned());
        }
    }
}

impl Platform for Tab {
    fn now(&self) -> Now {
        let mono_ms = self.mono_ms.get();
        Now {
            mono_ms,
            wall_ms: START_MS + mono_ms as i64,
        }
    }

    fn seed(&self) -> Result<u64, PlatformError> {
        Ok(7)
    }

    fn uuid(&self) -> Result<String, PlatformError> {
        self.uuids.set(self.uuids.get() + 1);
        Ok(format!("00000000-0000-4000-8000-{:012}", self.uuids.get()))
    }

    fn alarm(&self, delay_ms: u64, ring: Ring) -> Guard {
        let key = (self.mono_ms.get() + delay_ms, self.next());
        Guard::new(insert(&self.alarms, key, ring))
    }

    fn frame(&self, draw: Ring) -> Guard {
        Guard::new(insert(&self.frames, self.next(), draw))
    }

    fn open_socket(
        &self,
        url: &str,
        on_event: SocketListener,
    ) -> Result<Box<dyn Socket>, PlatformError> {
        if self.refusing.get() {
            return Err(PlatformError::Unsupported { what: "socket" });
        }
        let socket = Rc::new(FakeSocket {
            url: url.to_owned(),
            listener: on_event,
            sent: RefCell::default(),
            closed: Cell::default(),
        });
        self.sockets.borrow_mut().push(Rc::clone(&socket));
        Ok(Box::new(HeldSocket(socket)))
    }

    fn origin(&self) -> String {
        "https://shop.test".to_owned()
    }

    fn listen_to_page(&self, on_signal: Rc<dyn Fn(PageSignal)>) -> Guard {
        Guard::new(insert(&self.page, self.next(), on_signal))
    }

    fn is_visible(&self) -> bool {
        !self.hidden.get()
    }

    fn is_online(&self) -> bool {
        !self.offline.get()
    }

    fn stored(&self, area: Area, name: &str) -> Option<String> {
        match area {
            Area::Tab => self.own.borrow().get(name).cloned(),
            Area::Browser => self.shared.borrow().get(name).cloned(),
        }
    }

    fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    fn store(&self, area: Area, name: &str, value: Option<&str>) {
        let mut values = match area {
            Area::Tab => self.own.borrow_mut(),
            Area::Browser => self.shared.borrow_mut(),
        };
        match value {
            Some(value) => values.insert(name.to_owned(), value.to_owned()),
            None => values.remove(name),
        };
    }

    fn open_broadcast(
        &self,
        name: &str,
        on_message: OnMessage,
    ) -> Result<Box<dyn Broadcast>, PlatformError> {
        let joined = (name.to_owned(), on_message);
        Ok(Box::new(Joined {
            name: name.to_owned(),
            entry: insert(&self.channels, self.next(), joined),
        }))
    }
}
