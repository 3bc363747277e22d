//! The page for an address that leads nowhere.

use yew::prelude::*;
use yew_router::hooks::use_navigator;

use super::route::{Route, follow};
use super::title::use_title;
use crate::components::Brand;
use crate::text;

/// Says that there is no such page, and leads on.
///
/// # Panics
/// There is no router around it.
#[component]
pub fn NotFound() -> Html {
    use_title(text::NOT_FOUND);
    let navigator = use_navigator().expect("NotFound: wrap this component in `<BrowserRouter>`");
    html! {
        <main class="solo">
            <Brand />
            <h1>{ text::NOT_FOUND }</h1>
            <p>{ text::NOT_FOUND_HINT }</p>
            <p><a href="/overview" onclick={follow(navigator, Route::Overview)}>{ text::TO_OVERVIEW }</a></p>
        </main>
    }
}
