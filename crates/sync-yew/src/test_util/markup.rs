//! Components as markup, without a browser.

use tokio::task::LocalSet;
use yew::html::BaseComponent;
use yew::{Html, LocalServerRenderer, Properties, component};

/// The markup that a component draws from these properties.
///
/// # Examples
/// ```
/// use sync_yew::test_util::{check, markup};
/// use yew::prelude::*;
///
/// #[component]
/// fn Greeting() -> Html {
///     html! { <p role="status">{ "Hello" }</p> }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let markup = markup::<Greeting>(()).await;
/// check(&markup, &[r#"role="status""#, "Hello"], &["<button"]);
/// # }
/// ```
pub async fn markup<C: BaseComponent>(props: C::Properties) -> String {
    let renderer = LocalServerRenderer::<C>::with_props(props).hydratable(false);
    LocalSet::new().run_until(renderer.render()).await
}

/// The markup of what a function has drawn.
pub async fn markup_of(drawn: Html) -> String {
    markup::<Drawn>(DrawnProps { drawn }).await
}

#[derive(PartialEq, Properties)]
struct DrawnProps {
    drawn: Html,
}

#[component]
fn Drawn(props: &DrawnProps) -> Html {
    props.drawn.clone()
}

/// Checks which parts a markup has, and which it has not.
///
/// # Panics
/// A part is missing, or one is there that should not be.
#[track_caller]
pub fn check(markup: &str, present: &[&str], absent: &[&str]) {
    for part in present {
        assert!(markup.contains(part), "`{part}` is missing in {markup}");
    }
    for part in absent {
        assert!(!markup.contains(part), "`{part}` is too much in {markup}");
    }
}
