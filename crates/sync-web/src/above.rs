//! Whether an element begins above the visible part of the page.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use super::counts::{Counted, Kind};

/// The edges of the observed area: the top of the window, unbounded below. An element that jumps from below the window
/// to above it therefore crosses an edge too.
const EDGES: &str = "0px 0px 10000000px 0px";

/// Updates a flag while the page is scrolled, until dropped. The browser reports after the layout of a frame, so
/// reading the flag forces no layout.
#[derive(Debug)]
pub struct AboveObserver {
    observer: IntersectionObserver,
    _on_cross: Closure<dyn Fn(Array)>,
    _counted: [Counted; 2],
}

impl AboveObserver {
    /// Observes the element with this id; `None` if there is no such element. A visually hidden element never counts as
    /// above: for the browser, it is never in sight.
    #[must_use]
    pub fn new(id: &str, is_above: Rc<Cell<bool>>) -> Option<Self> {
        let element = web_sys::window()?.document()?.get_element_by_id(id)?;
        let on_cross = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
            // The last entry is the newest.
            let entry = entries.pop().dyn_into::<IntersectionObserverEntry>();
            is_above.set(entry.is_ok_and(|entry| entry.bounding_client_rect().top() < 0.0));
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(EDGES);
        options.set_threshold(&JsValue::from(1.0));
        let function = on_cross.as_ref().unchecked_ref();
        let observer = IntersectionObserver::new_with_options(function, &options).ok()?;
        observer.observe(&element);
        Some(Self {
            observer,
            _on_cross: on_cross,
            _counted: [Counted::new(Kind::Listener), Counted::new(Kind::Closure)],
        })
    }
}

impl Drop for AboveObserver {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
