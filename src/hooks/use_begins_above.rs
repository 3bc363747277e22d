//! Whether an element begins above the visible part of the page.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use sync_web::above::AboveObserver;

/// A flag for the element with this id, which must exist once the component is rendered and must not be clipped. It is at most one frame late,
/// causes no render when it changes, and forces no layout.
#[hook]
pub fn use_begins_above(id: &'static str) -> Rc<Cell<bool>> {
    let is_above = use_memo((), |()| Cell::new(false));
    use_effect_with(id, {
        let is_above = Rc::clone(&is_above);
        move |id: &&'static str| {
            let observer = AboveObserver::new(id, is_above);
            move || drop(observer)
        }
    });
    is_above
}
