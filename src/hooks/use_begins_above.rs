//! Whether an element begins above the visible part of the page.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use sync_web::above::AboveObserver;

/// A flag for the element with this id, which is in the page once the component is drawn. It is up to date by one frame,
/// renders nothing when it changes, and costs no layout.
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
