//! The page itself: its title, its visibility, its focus, its looks.

use std::cell::OnceCell;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Event, HtmlElement, PageTransitionEvent, VisibilityState, Window};

use super::PlatformError;

thread_local! {
    /// The path that the page was loaded at.
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

/// The path that the page was loaded at, whatever was followed since: the one at the first call.
#[must_use]
pub fn first_path() -> String {
    let path = || window().and_then(|window| window.location().pathname().ok());
    FIRST_PATH.with(|first| first.get_or_init(|| path().unwrap_or_default()).clone())
}

/// Whether a page that goes is kept for the way back, or one that is shown was kept.
pub(super) fn is_kept(event: &Event) -> bool {
    let event = event.dyn_ref::<PageTransitionEvent>();
    event.is_some_and(PageTransitionEvent::persisted)
}

/// Whether the page is shown.
#[must_use]
pub fn is_visible() -> bool {
    document().is_none_or(|document| document.visibility_state() != VisibilityState::Hidden)
}

/// Whether the browser believes that there is a network.
#[must_use]
pub fn is_online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// Names the page.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Moves the focus to the element with this id; nothing happens if there is none, or if it takes no focus.
pub fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Fails only for an element that is gone already.
        let _ = element.focus();
    }
}

/// Scrolls to the top of the page, at once.
pub fn scroll_to_top() {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Loads the page again.
pub fn reload() {
    if let Some(window) = window() {
        // Fails only in a page that is going away.
        let _ = window.location().reload();
    }
}

/// Puts text on the clipboard.
///
/// # Errors
/// The browser has no clipboard for this page, or the person forbade it.
pub async fn copy_text(text: &str) -> Result<(), PlatformError> {
    let clipboard = window()
        .filter(Window::is_secure_context)
        .map(|window| window.navigator().clipboard())
        .ok_or(PlatformError::Unsupported { what: "clipboard" })?;
    JsFuture::from(clipboard.write_text(text))
        .await
        .map(drop)
        .map_err(|error| super::socket::refused("copy to the clipboard", &error))
}

/// The text of the element with this id, as of a settings block.
#[must_use]
pub fn text_of(id: &str) -> Option<String> {
    document()?.get_element_by_id(id)?.text_content()
}

/// Whether the person asked for less motion.
#[must_use]
pub fn prefers_reduced_motion() -> bool {
    window()
        .and_then(|window| {
            window
                .match_media("(prefers-reduced-motion: reduce)")
                .ok()
                .flatten()
        })
        .is_some_and(|query| query.matches())
}

/// Sets an attribute of the page's root element, or removes it.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // Fails only for a name that is no attribute.
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Scrolls what has the focus into view, if it lies outside or under what covers the page's edges.
pub fn reveal_focus() {
    let focused = document().and_then(|document| document.active_element());
    if let Some(element) = focused.filter(|element| element.tag_name() != "BODY") {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// What stands in the field that an input event comes from; empty for an event of anything else.
#[must_use]
pub fn field_text(event: &yew::InputEvent) -> String {
    use yew::TargetCast;
    event
        .target_dyn_into::<web_sys::HtmlInputElement>()
        .map(|field| field.value())
        .unwrap_or_default()
}

/// The place of what was chosen, in the list that a change event comes from; the first for an event of anything else.
#[must_use]
pub fn chosen_index(event: &Event) -> usize {
    use yew::TargetCast;
    event
        .target_dyn_into::<web_sys::HtmlSelectElement>()
        .and_then(|list| usize::try_from(list.selected_index()).ok())
        .unwrap_or_default()
}

/// Draws a component into the element with this id, in place of what stands there. `false` if there is no such element.
pub fn mount<C: yew::BaseComponent>(id: &str, props: C::Properties) -> bool {
    let root = document().and_then(|document| document.get_element_by_id(id));
    root.map(|root| yew::Renderer::<C>::with_root_and_props(root, props).render())
        .is_some()
}

/// Shows an element that stands hidden in the page.
pub fn unhide(id: &str) {
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        // Fails only for a name that is no attribute.
        let _ = element.remove_attribute("hidden");
    }
}
