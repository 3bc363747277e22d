//! Where the focus goes when the focused control goes: a browser drops it to the top of the page, where a user of the keyboard
//! or of a screen reader has to begin again.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{
    Document, Element, Event, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit,
    MutationRecord, Node,
};

use crate::Guard;
use crate::listener::Listener;

/// What marks a row.
const ROW: &str = "[data-id]";
/// What can have the focus in a row.
const CONTROLS: &str = "a[href], button, input, select";
/// The heading of the page.
const HEADING: &str = "main h1";
/// What is on the page itself.
const ON_PAGE: &str = "main *:not(h1)";

/// Until the guard is dropped: when the focused control goes, the same control of the next row gets the focus, or of the
/// row before; where there is none, another control of its row, or the page's heading.
#[must_use = "the focus is no longer kept once the guard is dropped"]
pub fn keep() -> Guard {
    let Some(document) = document() else {
        return Guard::new(());
    };
    let focused: Rc<RefCell<Option<HtmlElement>>> = Rc::default();
    let on_focus = {
        let focused = Rc::clone(&focused);
        Listener::new(&document, "focusin", move |event| {
            focused.replace(target(event));
        })
    };
    // A press beside all controls gives the focus up.
    let on_press = {
        let focused = Rc::clone(&focused);
        Listener::new(&document, "pointerdown", move |event| {
            let pressed = event
                .target()
                .and_then(|target| target.dyn_into::<Node>().ok());
            let kept = focused.take();
            focused.replace(kept.filter(|kept| kept.contains(pressed.as_ref())));
        })
    };
    let on_change = Closure::new(move |records: Array, _: MutationObserver| {
        let control = focused.borrow().clone();
        if let Some(control) = control.filter(|_| is_lost(&document)) {
            let Some(removal) = removal(&control, &records) else {
                return;
            };
            match successor(&control, &removal) {
                Some(next) => focus(&next),
                None => focus_heading(),
            }
        }
    });
    Guard::new((on_focus, on_press, Observer::start(on_change)))
}

/// Moves the focus to the page's heading, which a screen reader then says; the page does not scroll.
pub fn focus_heading() {
    let heading = document().and_then(|document| document.query_selector(HEADING).ok()?);
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        heading.set_tab_index(-1);
        // It may have the focus from the page before, and nothing would be said. Neither fails for an element in the page.
        let _ = heading.blur();
        focus(&heading);
    }
}

/// Whether something on the page itself has the focus, rather than its heading or what frames every page.
#[must_use]
pub fn is_on_page() -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_some_and(|focused| focused.matches(ON_PAGE) == Ok(true))
}

/// The record by which a control went, if one of these is it: a user may have given the focus up too.
fn removal(control: &HtmlElement, records: &Array) -> Option<MutationRecord> {
    let records = records.iter().filter_map(|record| record.dyn_into().ok());
    records.into_iter().find(|record: &MutationRecord| {
        let removed = record.removed_nodes();
        let mut removed = (0..removed.length()).filter_map(|index| removed.item(index));
        removed.any(|node| node.contains(Some(control)))
    })
}

/// Where the focus of a removed control goes: to the control itself, if it was only moved.
fn successor(control: &HtmlElement, removal: &MutationRecord) -> Option<HtmlElement> {
    if control.is_connected() {
        return Some(control.clone());
    }
    match control.closest(ROW).ok()? {
        Some(row) => {
            let index = controls(&row).iter().position(|other| other == control);
            let next = next_row(removal.next_sibling(), Node::next_sibling);
            let next =
                next.or_else(|| next_row(removal.previous_sibling(), Node::previous_sibling))?;
            let mut controls = controls(&next);
            let index = index
                .unwrap_or_default()
                .min(controls.len().checked_sub(1)?);
            Some(controls.swap_remove(index))
        }
        // The row is still there, without this control.
        None => {
            let parent: Element = removal.target()?.dyn_into().ok()?;
            controls(&parent.closest(ROW).ok()??).into_iter().next()
        }
    }
}

/// The first row from a node on that is in the page.
fn next_row(mut node: Option<Node>, next: fn(&Node) -> Option<Node>) -> Option<Element> {
    while let Some(found) = node {
        let row = found.dyn_ref::<Element>();
        if let Some(row) = row.filter(|row| row.is_connected() && row.matches(ROW) == Ok(true)) {
            return Some(row.clone());
        }
        node = next(&found);
    }
    None
}

fn controls(row: &Element) -> Vec<HtmlElement> {
    let Ok(found) = row.query_selector_all(CONTROLS) else {
        return Vec::new();
    };
    let found = (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok());
    found.collect()
}

fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // Fails only for an element that was removed.
    let _ = element.focus_with_options(&options);
}

fn is_lost(document: &Document) -> bool {
    let active = document.active_element();
    active.is_none_or(|active| active.tag_name() == "BODY")
}

fn target(event: &Event) -> Option<HtmlElement> {
    event.target()?.dyn_into().ok()
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

type OnChange = Closure<dyn FnMut(Array, MutationObserver)>;

/// Watches the whole page for elements that come and go.
struct Observer {
    observer: Option<MutationObserver>,
    _on_change: OnChange,
}

impl Observer {
    fn start(on_change: OnChange) -> Self {
        let observer = MutationObserver::new(on_change.as_ref().unchecked_ref()).ok();
        let body = document().and_then(|document| document.body());
        if let (Some(observer), Some(body)) = (&observer, body) {
            let options = MutationObserverInit::new();
            options.set_child_list(true);
            options.set_subtree(true);
            // Fails only for options that name nothing to watch.
            let _ = observer.observe_with_options(&body, &options);
        }
        Self {
            observer,
            _on_change: on_change,
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}
