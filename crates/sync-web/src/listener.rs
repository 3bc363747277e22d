//! An event listener that ends with its value.

use gloo_events::EventListener;
use web_sys::{Event, EventTarget};

use super::counts::{Counted, Kind};

/// A listener on an event target; removed when dropped.
#[derive(Debug)]
pub(super) struct Listener {
    _listener: EventListener,
    _counted: [Counted; 2],
}

impl Listener {
    /// Listens for `name` on `target`.
    pub(super) fn new(
        target: &EventTarget,
        name: &'static str,
        on_event: impl Fn(&Event) + 'static,
    ) -> Self {
        Self {
            _listener: EventListener::new(target, name, on_event),
            _counted: [Counted::new(Kind::Listener), Counted::new(Kind::Closure)],
        }
    }
}
