//! Signals of the page: network, visibility, sleep.

use std::rc::Rc;

use sync_engine::io::PageSignal;
use web_sys::{Event, EventTarget};

use super::listener::Listener;
use super::page;

/// Listens for everything that [`PageSignal`] names.
pub(super) fn listen_to_page(on_signal: &Rc<dyn Fn(PageSignal)>) -> Vec<Listener> {
    let mut listeners = Vec::new();
    let mut listen =
        |target: &EventTarget, name: &'static str, read: fn(&Event) -> Option<PageSignal>| {
            let on_signal = Rc::clone(on_signal);
            listeners.push(Listener::new(target, name, move |event| {
                if let Some(signal) = read(event) {
                    on_signal(signal);
                }
            }));
        };
    if let Some(window) = web_sys::window() {
        listen(&window, "online", |_| Some(PageSignal::Online));
        listen(&window, "offline", |_| Some(PageSignal::Offline));
        listen(&window, "focus", |_| Some(PageSignal::Focus));
        listen(&window, "pageshow", restored);
        if let Some(document) = window.document() {
            listen(&document, "visibilitychange", |_| Some(visibility()));
            // A frozen page runs nothing, so it counts as hidden.
            listen(&document, "freeze", |_| Some(PageSignal::Hidden));
            listen(&document, "resume", |_| Some(PageSignal::Resumed));
        }
    }
    listeners
}

/// Whether the page was restored from the back/forward cache, rather than loaded.
fn restored(event: &Event) -> Option<PageSignal> {
    page::is_kept(event).then_some(PageSignal::Restored)
}

/// The current state of the page.
fn visibility() -> PageSignal {
    if page::is_visible() {
        PageSignal::Visible
    } else {
        PageSignal::Hidden
    }
}
