//! Styles of components under a strict content-security policy.
//!
//! stylist writes each style into a `<style>` element, which a policy without `unsafe-inline` forbids. So its elements
//! are kept outside the document, where no policy applies, and their text is given to the document as constructed
//! style sheets, which count as the work of a script that was allowed to run.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use js_sys::Array;
use stylist::manager::StyleManager;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CssStyleSheet, Document, Element, MutationObserver, MutationObserverInit, Node};

use super::PlatformError;
use super::counts::{Counted, Kind};
use super::socket::refused;

/// Keeps the document's style sheets in step with a style manager until dropped.
pub struct StyleHost {
    manager: StyleManager,
    observer: MutationObserver,
    mirror: Rc<Mirror>,
    _on_change: Closure<dyn Fn()>,
    _counted: [Counted; 2],
}

impl StyleHost {
    /// A style manager whose styles reach the document, in classes that begin with `prefix`.
    ///
    /// # Errors
    /// The browser lacks constructed style sheets.
    pub fn new(prefix: &'static str) -> Result<Self, PlatformError> {
        let document = web_sys::window()
            .and_then(|window| window.document())
            .ok_or(PlatformError::Unsupported { what: "document" })?;
        let container = document
            .create_element("div")
            .map_err(|error| refused("create an element", &error))?;
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
        // Runs as a microtask after the styles of a render were made, so before the next paint.
        let on_change = Closure::<dyn Fn()>::new(move || mirrored.update());
        let observer = MutationObserver::new(on_change.as_ref().unchecked_ref())
            .map_err(|error| refused("create an observer", &error))?;
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        observer
            .observe_with_options(&mirror.container, &what)
            .map_err(|error| refused("observe styles", &error))?;
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

impl fmt::Debug for StyleHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StyleHost").finish_non_exhaustive()
    }
}

/// The container of the style elements, and the sheet that the document got for each of them, in their order.
struct Mirror {
    document: Document,
    container: Element,
    sheets: RefCell<Vec<CssStyleSheet>>,
}

impl Mirror {
    /// Gives the document the sheets of elements that are new. Styles of components are never taken back: each is
    /// made once, however often its component comes and goes.
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
