//! An event listener that ends with its value.

use gloo_events::{EventListener, EventListenerOptions};
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
        // Boxed, so that the program has the rest of this once.
        let on_event: Box<dyn Fn(&Event)> = Box::new(on_event);
        Self::holding(EventListener::new(target, name, on_event))
    }

    /// Prevents what the browser does by itself at each event `name` of `target`.
    pub(super) fn cancelling(target: &EventTarget, name: &'static str) -> Self {
        let options = EventListenerOptions::enable_prevent_default();
        let cancel = |event: &Event| event.prevent_default();
        Self::holding(EventListener::new_with_options(
            target, name, options, cancel,
        ))
    }

    fn holding(listener: EventListener) -> Self {
        Self {
            _listener: listener,
            _counted: [Counted::new(Kind::Listener), Counted::new(Kind::Closure)],
        }
    }
}
