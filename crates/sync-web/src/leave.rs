//! When a user turns away from a part of the page, such as an open panel.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget, KeyboardEvent, Node};

use crate::Guard;
use crate::listener::Listener;

/// How a user turned away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leave {
    /// They pressed, or moved the focus to, something else.
    Outside,
    /// They pressed Escape, wherever the focus is.
    Escape,
}

/// Reports when the user turns away from a part of the page, until the guard is dropped.
#[must_use = "nothing is reported once the guard is dropped"]
pub fn on_leave(part: &Node, on_leave: impl Fn(Leave) + 'static) -> Guard {
    let on_leave: Rc<dyn Fn(Leave)> = Rc::new(on_leave);
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return Guard::new(());
    };
    let outside = |name: &'static str| {
        let (part, on_leave) = (Node::clone(part), Rc::clone(&on_leave));
        Listener::new(&document, name, move |event: &Event| {
            let target = event
                .target()
                .and_then(|target: EventTarget| target.dyn_into::<Node>().ok());
            if !part.contains(target.as_ref()) {
                on_leave(Leave::Outside);
            }
        })
    };
    let (pressed, focused) = (outside("pointerdown"), outside("focusin"));
    let escaped = Listener::new(&document, "keydown", move |event: &Event| {
        let event = event.dyn_ref::<KeyboardEvent>();
        if event.is_some_and(|event| event.key() == "Escape") {
            on_leave(Leave::Escape);
        }
    });
    Guard::new((pressed, focused, escaped))
}

/// Lets the browser ask before the user leaves the page, closes or reloads it, until the guard is dropped. The words are the
/// browser's.
#[must_use = "nothing is asked once the guard is dropped"]
pub fn ask_before_unload() -> Guard {
    let Some(window) = web_sys::window() else {
        return Guard::new(());
    };
    Guard::new(Listener::cancelling(&window, "beforeunload"))
}
