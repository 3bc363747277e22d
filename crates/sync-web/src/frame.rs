//! One call before the next frame is painted.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::counts::{Counted, Kind};

/// A requested animation frame; cancelled when dropped.
#[derive(Debug)]
pub(super) struct Frame {
    id: Option<i32>,
    _draw: Closure<dyn FnMut()>,
    _counted: [Counted; 2],
}

impl Frame {
    /// Calls `draw` before the next frame is painted.
    pub(super) fn new(draw: impl FnOnce() + 'static) -> Self {
        let draw = Closure::once(draw);
        let id = web_sys::window().and_then(|window| {
            window
                .request_animation_frame(draw.as_ref().unchecked_ref())
                .ok()
        });
        Self {
            id,
            _draw: draw,
            _counted: [Counted::new(Kind::Frame), Counted::new(Kind::Closure)],
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let (Some(id), Some(window)) = (self.id, web_sys::window()) {
            // Fails only without a window; the browser ignores a frame that has already run.
            let _ = window.cancel_animation_frame(id);
        }
    }
}
