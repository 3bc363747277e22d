//! An address of the other program: the dashboard and the demonstration are separate programs.

use yew::prelude::*;
use yew_router::hooks::use_location;

use super::not_found::NotFound;
use crate::components::skeleton;
use crate::text;
use sync_web::page;

/// Reloads the page, which starts the program of its address. A page that was loaded at this very address has started
/// this program, so there is no other one.
#[component]
pub fn Elsewhere() -> Html {
    let path = use_location().map(|location| location.path().to_owned());
    let is_here = path.is_none_or(|path| path == page::first_path());
    use_effect_with(is_here, |is_here| {
        if !is_here {
            page::reload();
        }
    });
    if is_here {
        html! { <NotFound /> }
    } else {
        html! { <main class="solo">{ skeleton(text::LOADING, 8) }</main> }
    }
}
