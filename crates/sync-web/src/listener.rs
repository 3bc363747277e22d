//! An event listener that ends with its value.

use std::fmt;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

use super::counts::{Counted, Kind};

/// A listener on an event target; removed when dropped.
pub(super) struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn Fn(Event)>,
    _counted: [Counted; 2],
}

impl Listener {
    /// Listens for `name` on `target`.
    pub(super) fn new(
        target: &EventTarget,
        name: &'static str,
        on_event: impl Fn(Event) + 'static,
    ) -> Self {
        let callback = Closure::<dyn Fn(Event)>::new(on_event);
        // Fails only for a callback that is not a function.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self {
            target: target.clone(),
            name,
            callback,
            _counted: [Counted::new(Kind::Listener), Counted::new(Kind::Closure)],
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        // Fails only for a callback that is not a function.
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, callback);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
