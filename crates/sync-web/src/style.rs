//! Styles of components under a strict content-security policy.
//!
//! stylist writes each style into a `<style>` element, which a policy without `unsafe-inline` forbids. We therefore
//! keep its elements outside the document, where no policy applies, and adopt their text as constructed style sheets,
//! which count as the work of an allowed script.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use stylist::manager::StyleManager;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CssStyleSheet, Document, Element, MutationObserver, MutationObserverInit, Node};

use super::PlatformError;
use super::counts::{Counted, Kind};
use super::socket::rejected;

/// Keeps the document's style sheets in sync with a style manager until dropped.
#[derive(Debug)]
pub struct StyleHost {
    manager: StyleManager,
    observer: MutationObserver,
    mirror: Rc<Mirror>,
    _on_change: Closure<dyn Fn()>,
    _counted: [Counted; 2],
}

impl StyleHost {
    /// A style manager that adds its styles to the document, in classes that begin with `prefix`.
    ///
    /// # Errors
    /// The browser does not support constructed style sheets.
    pub fn new(prefix: &'static str) -> Result<Self, PlatformError> {
        let document = web_sys::window()
            .and_then(|window| window.document())
            .ok_or(PlatformError::Unsupported { what: "document" })?;
        let container = document
            .create_element("div")
            .map_err(|error| rejected("create an element", &error))?;
        let manager = StyleManager::builder()
            .prefix(prefix.into())
            .container(Node::from(container.clone()))
            .build()
            .map_err(|_| PlatformError::Unsupported {
                what: "style sheets made by scripts",
            })?;
        let mirror = Rc::new(Mirror {
            document,
            container,
            sheets: RefCell::default(),
        });
        let mirrored = Rc::clone(&mirror);
        // Runs as a microtask after the styles of a render were created, so before the next paint.
        let on_change = Closure::<dyn Fn()>::new(move || mirrored.update());
        let observer = MutationObserver::new(on_change.as_ref().unchecked_ref())
            .map_err(|error| rejected("create an observer", &error))?;
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        observer
            .observe_with_options(&mirror.container, &what)
            .map_err(|error| rejected("observe styles", &error))?;
        Ok(Self {
            manager,
            observer,
            mirror,
            _on_change: on_change,
            _counted: [Counted::new(Kind::Listener), Counted::new(Kind::Closure)],
        })
    }

    /// The manager, for stylist's `ManagerProvider`.
    #[must_use]
    pub fn manager(&self) -> StyleManager {
        self.manager.clone()
    }
}

impl Drop for StyleHost {
    fn drop(&mut self) {
        self.observer.disconnect();
        self.mirror.withdraw();
    }
}

/// The container of the style elements, and the document's sheet for each of them, in the same order.
#[derive(Debug)]
struct Mirror {
    document: Document,
    container: Element,
    sheets: RefCell<Vec<CssStyleSheet>>,
}

impl Mirror {
    /// Adds sheets for new elements to the document. Component styles are never removed: each is created once, however
    /// often its component mounts and unmounts.
    fn update(&self) {
        let elements = self.container.children();
        let known = self.sheets.borrow().len();
        let fresh: Vec<CssStyleSheet> = (known as u32..elements.length())
            .filter_map(|index| elements.item(index))
            .map(|element| sheet_of(&element.text_content().unwrap_or_default()))
            .collect::<Option<_>>()
            .unwrap_or_default();
        if fresh.is_empty() {
            return;
        }
        let adopted = self.document.adopted_style_sheets();
        let all = Array::from(&adopted);
        for sheet in &fresh {
            all.push(sheet);
        }
        self.document.set_adopted_style_sheets(&all);
        self.sheets.borrow_mut().extend(fresh);
    }

    fn withdraw(&self) {
        let ours = self.sheets.take();
        let kept = self
            .document
            .adopted_style_sheets()
            .iter()
            .filter(|sheet| !ours.iter().any(|own| own.loose_eq(sheet)))
            .collect::<Array>();
        self.document.set_adopted_style_sheets(&kept);
    }
}

fn sheet_of(text: &str) -> Option<CssStyleSheet> {
    let sheet = CssStyleSheet::new().ok()?;
    sheet.replace_sync(text).ok()?;
    Some(sheet)
}
