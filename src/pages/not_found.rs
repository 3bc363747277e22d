//! The page for an unknown address.

use yew::prelude::*;

use super::page_link::PageLink;
use super::route::Route;
use super::title::use_title;
use crate::components::brand;
use crate::text;

/// Says that there is no such page, and links to the overview.
#[component]
pub fn NotFound() -> Html {
    use_title(text::NOT_FOUND);
    html! {
        <main class="solo">
            { brand() }
            <h1>{ text::NOT_FOUND }</h1>
            <p>{ text::NOT_FOUND_HINT }</p>
            <p><PageLink to={Route::OVERVIEW}>{ text::TO_OVERVIEW }</PageLink></p>
        </main>
    }
}
