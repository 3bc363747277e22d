//! The page: its title, its visibility, its focus, its appearance.

use std::cell::OnceCell;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, Event, EventTarget, HtmlElement, HtmlInputElement, PageTransitionEvent,
    VisibilityState, Window,
};

use super::listener::Listener;
use super::{Guard, PlatformError};

thread_local! {
    /// The path from which the page was loaded.
    static FIRST_PATH: OnceCell<String> = const { OnceCell::new() };
}

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

/// The page's origin, as `https://host:port`; empty where there is none.
#[must_use]
pub fn origin() -> String {
    window()
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default()
}

/// The path from which the page was loaded, regardless of later navigation: the path at the first call.
#[must_use]
pub fn first_path() -> String {
    FIRST_PATH.with(|first| first.get_or_init(path).clone())
}

/// The path of the page's address now; empty where there is none.
#[must_use]
pub fn path() -> String {
    let path = window().and_then(|window| window.location().pathname().ok());
    path.unwrap_or_default()
}

/// Whether the browser keeps a hidden page in the back/forward cache, or restored a shown page from it.
pub(super) fn is_kept(event: &Event) -> bool {
    let event = event.dyn_ref::<PageTransitionEvent>();
    event.is_some_and(PageTransitionEvent::persisted)
}

/// The language that the page is in, by its root element; empty if it does not say.
pub(super) fn language() -> String {
    let root = document().and_then(|document| document.document_element());
    root.and_then(|root| root.get_attribute("lang"))
        .unwrap_or_default()
}

/// Whether the page is visible.
#[must_use]
pub fn is_visible() -> bool {
    document().is_none_or(|document| document.visibility_state() != VisibilityState::Hidden)
}

/// Whether the browser reports that it is online.
#[must_use]
pub fn is_online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// Sets the page's title.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// An element that is not in the document yet, for a portal; `None` where there is no document. The one
/// type of the browser that a signature here names, since Yew's portals do.
#[must_use]
pub fn container() -> Option<Element> {
    document()?.create_element("div").ok()
}

/// Focuses the element with this id; does nothing if there is none, or if it is not focusable.
pub fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Fails only for an element that was removed.
        let _ = element.focus();
    }
}

/// Reports how far the page is scrolled, in CSS pixels, whenever that changes, until the guard is dropped.
#[must_use = "nothing is reported once the guard is dropped"]
pub fn on_scroll(on_scroll: impl Fn(f64) + 'static) -> Guard {
    let listener = window().map(|window| {
        let scrolled = window.clone();
        Listener::new(&window, "scroll", move |_| {
            on_scroll(scrolled.scroll_y().unwrap_or_default());
        })
    });
    Guard::new(listener)
}

/// Scrolls the page so far, in CSS pixels, without animation.
pub fn scroll_to(top: f64) {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, top);
    }
}

/// Reloads the page.
pub fn reload() {
    if let Some(window) = window() {
        // Fails only while the page is unloading.
        let _ = window.location().reload();
    }
}

/// Copies text to the clipboard.
///
/// # Errors
/// The browser has no clipboard for this page, or the user denied access.
pub async fn copy_text(text: &str) -> Result<(), PlatformError> {
    let clipboard = window()
        .filter(Window::is_secure_context)
        .map(|window| window.navigator().clipboard())
        .ok_or(PlatformError::Unsupported { what: "clipboard" })?;
    JsFuture::from(clipboard.write_text(text))
        .await
        .map(drop)
        .map_err(|error| super::socket::rejected("copy to the clipboard", &error))
}

/// The text of the element with this id, such as a settings block.
#[must_use]
pub fn text_of(id: &str) -> Option<String> {
    document()?.get_element_by_id(id)?.text_content()
}

/// Sets an attribute of the page's root element, or removes it.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Fails only for an invalid attribute name.
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Whether the user wants no motion: by the system's preference, or by this attribute and value of the root element.
#[must_use]
pub fn is_still(attribute: &str, value: &str) -> bool {
    let wants_none = || {
        let query = window()?.match_media("(prefers-reduced-motion: reduce)");
        Some(query.ok()??.matches())
    };
    let root = document().and_then(|document| document.document_element());
    let set = root.and_then(|root| root.get_attribute(attribute));
    set.as_deref() == Some(value) || wants_none().unwrap_or(false)
}

/// Scrolls the focused element into view, if it is outside the page's visible area or covered at its edges.
pub fn reveal_focus() {
    let focused = document().and_then(|document| document.active_element());
    if let Some(element) = focused.filter(|element| element.tag_name() != "BODY") {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// The text of the field of an input event, with each letter and its accents as one character where there is one (NFC):
/// some keyboards write them apart. Empty for any other event.
#[must_use]
pub fn field_text(event: &yew::InputEvent) -> String {
    entered_text(event)
}

fn entered_text(event: &Event) -> String {
    let field = event.target().and_then(|target| target.dyn_into().ok());
    let text = field.map_or_else(String::new, |field: HtmlInputElement| field.value());
    js_sys::JsString::from(text).normalize("NFC").into()
}

/// Reports the text of a field when an input method has composed it, until the guard is dropped: not every browser
/// reports it by an input event.
#[must_use = "nothing is reported once the guard is dropped"]
pub fn on_composed(field: &EventTarget, on_text: impl Fn(String) + 'static) -> Guard {
    Guard::new(Listener::new(field, "compositionend", move |event| {
        on_text(entered_text(event));
    }))
}

/// The value of the field with this id; empty if there is none.
#[must_use]
pub fn value_of(id: &str) -> String {
    let element = document().and_then(|document| document.get_element_by_id(id));
    element
        .and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
        .map(|field| field.value())
        .unwrap_or_default()
}

/// The selected index in the list of a change event; 0 for any other event.
#[must_use]
pub fn chosen_index(event: &Event) -> usize {
    use yew::TargetCast;
    event
        .target_dyn_into::<web_sys::HtmlSelectElement>()
        .and_then(|list| usize::try_from(list.selected_index()).ok())
        .unwrap_or_default()
}

/// Renders a component into the element with this id, replacing its content. `false` if there is no such element.
pub fn mount<C: yew::BaseComponent>(id: &str, props: C::Properties) -> bool {
    let root = document().and_then(|document| document.get_element_by_id(id));
    root.map(|root| yew::Renderer::<C>::with_root_and_props(root, props).render())
        .is_some()
}

/// Shows a hidden element of the page.
pub fn unhide(id: &str) {
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        // Fails only for an invalid attribute name.
        let _ = element.remove_attribute("hidden");
    }
}
