//! The real browser as a [`Platform`].

use std::rc::Rc;

use sync_engine::io::PageSignal;
use sync_engine::time::Now;

use super::alarm::alarm;
use super::broadcast::Channel;
use super::counts::{Counted, Kind};
use super::socket::BrowserSocket;
use super::{
    Area, Broadcast, Guard, Platform, PlatformError, Socket, SocketListener, clock, page, random,
    signals, storage,
};

/// The real browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserPlatform;

thread_local! {
    static BROWSER: Rc<dyn Platform> = Rc::new(BrowserPlatform);
}

/// The real browser; always the same pointer, so that equal settings share a connection.
#[must_use]
pub fn browser() -> Rc<dyn Platform> {
    BROWSER.with(Rc::clone)
}

impl Platform for BrowserPlatform {
    fn now(&self) -> Now {
        clock::now()
    }

    fn seed(&self) -> Result<u64, PlatformError> {
        random::seed()
    }

    fn uuid(&self) -> Result<String, PlatformError> {
        random::uuid()
    }

    fn alarm(&self, delay_ms: u64, ring: Box<dyn FnOnce()>) -> Guard {
        Guard::new(alarm(delay_ms, ring))
    }

    fn frame(&self, draw: Box<dyn FnOnce()>) -> Guard {
        let counted = [Counted::new(Kind::Frame), Counted::new(Kind::Closure)];
        let frame = gloo_render::request_animation_frame(|_| draw());
        Guard::new((frame, counted))
    }

    fn open_socket(
        &self,
        url: &str,
        on_event: SocketListener,
    ) -> Result<Box<dyn Socket>, PlatformError> {
        Ok(Box::new(BrowserSocket::open(url, &on_event)?))
    }

    fn origin(&self) -> String {
        page::origin()
    }

    fn listen_to_page(&self, on_signal: Rc<dyn Fn(PageSignal)>) -> Guard {
        Guard::new(signals::listen_to_page(&on_signal))
    }

    fn is_visible(&self) -> bool {
        page::is_visible()
    }

    fn is_online(&self) -> bool {
        page::is_online()
    }

    fn stored(&self, area: Area, name: &str) -> Option<String> {
        storage::read(area, name)
    }

    fn cookie(&self, name: &str) -> Option<String> {
        storage::cookie(name)
    }

    fn store(&self, area: Area, name: &str, value: Option<&str>) {
        storage::write(area, name, value);
    }

    fn open_broadcast(
        &self,
        name: &str,
        on_message: Rc<dyn Fn(String)>,
    ) -> Result<Box<dyn Broadcast>, PlatformError> {
        Ok(Box::new(Channel::open(name, on_message)?))
    }
}
