//! A component on its own page, with queries by role and name, like those of assistive technology.

use sync_yew::test_util::settle;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::html::BaseComponent;
use yew::{AppHandle, Renderer};

/// A mounted component; removed with [`Page::unmount`].
pub(crate) struct Page<C: BaseComponent> {
    root: Element,
    app: AppHandle<C>,
}

impl<C: BaseComponent> Page<C> {
    /// Mounts a component with properties and waits until it is rendered.
    pub(crate) async fn mount_with(properties: C::Properties) -> Self {
        let document = document();
        let root = document.create_element("main").unwrap();
        document.body().unwrap().append_child(&root).unwrap();
        let app = Renderer::<C>::with_root_and_props(root.clone(), properties).render();
        settle().await;
        Self { root, app }
    }

    /// Unmounts the component and waits until it is gone.
    pub(crate) async fn unmount(self) {
        self.app.destroy();
        self.root.remove();
        settle().await;
    }

    /// The one element with this role and accessible name.
    pub(crate) fn by_role(&self, role: &str, name: &str) -> HtmlElement {
        let found = self.all_by_role(role, name);
        assert_eq!(
            found.len(),
            1,
            "{role} \"{name}\" in {}",
            self.root.inner_html()
        );
        found[0].clone()
    }

    /// All elements with this role and accessible name.
    pub(crate) fn all_by_role(&self, role: &str, name: &str) -> Vec<HtmlElement> {
        self.all("*")
            .into_iter()
            .filter(|element| role_of(element) == role && name_of(element) == name)
            .collect()
    }

    /// The one element that a selector finds.
    pub(crate) fn one(&self, selector: &str) -> HtmlElement {
        let found = self.all(selector);
        assert_eq!(found.len(), 1, "{selector} in {}", self.root.inner_html());
        found[0].clone()
    }

    /// All elements that a selector finds.
    pub(crate) fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self.root.query_selector_all(selector).unwrap();
        (0..found.length())
            .filter_map(|index| found.item(index)?.dyn_into().ok())
            .collect()
    }
}

/// Clicks, and waits until the page is updated.
pub(crate) async fn click(element: &HtmlElement) {
    element.click();
    settle().await;
}

/// Selects an option by its index in the list of a label, and waits until the page is updated.
pub(crate) async fn choose(label: &HtmlElement, index: i32) {
    let list = label.query_selector("select").unwrap().unwrap();
    let list: web_sys::HtmlSelectElement = list.dyn_into().unwrap();
    list.set_selected_index(index);
    tell_of(&list, "change").await;
}

/// Types into a field, and waits until the page is updated.
pub(crate) async fn enter(field: HtmlElement, text: &str) {
    let field: web_sys::HtmlInputElement = field.dyn_into().unwrap();
    field.set_value(text);
    tell_of(&field, "input").await;
}

async fn tell_of(element: &Element, what: &str) {
    let bubbling = web_sys::EventInit::new();
    bubbling.set_bubbles(true);
    let event = match what {
        "input" => web_sys::InputEvent::new_with_event_init_dict(what, &bubbling.unchecked_into())
            .unwrap()
            .into(),
        _ => web_sys::Event::new_with_event_init_dict(what, &bubbling).unwrap(),
    };
    element.dispatch_event(&event).unwrap();
    settle().await;
}

pub(crate) fn document() -> web_sys::Document {
    web_sys::window().unwrap().document().unwrap()
}

/// The role of an element, explicit or implicit.
fn role_of(element: &Element) -> String {
    if let Some(role) = element.get_attribute("role") {
        return role;
    }
    match element.tag_name().as_str() {
        "A" => "link",
        "BUTTON" => "button",
        "LI" => "listitem",
        "NAV" => "navigation",
        "OL" | "UL" => "list",
        "OUTPUT" => "status",
        _ => "",
    }
    .to_owned()
}

/// The accessible name of an element.
fn name_of(element: &Element) -> String {
    element
        .get_attribute("aria-label")
        .or_else(|| element.text_content())
        .unwrap_or_default()
        .trim()
        .to_owned()
}
