//! An address that belongs to another application of this place.

use yew::prelude::*;
use yew_router::Routable as _;

use super::not_found::NotFound;
use super::route::Route;
use crate::components::Skeleton;
use crate::platform::page;
use crate::text;

/// Properties of [`Elsewhere`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct ElsewhereProps {
    /// The address.
    pub route: Route,
}

/// Leaves for the application that stands at the address: the server gives it when the page is loaded again. A page that
/// was loaded at that very address has got this application for it, so there is no other.
///
/// # Panics
/// There is no router around it.
#[component]
pub fn Elsewhere(props: &ElsewhereProps) -> Html {
    let is_here = page::first_path() == props.route.to_path();
    use_effect_with(is_here, |is_here| {
        if !is_here {
            page::reload();
        }
    });
    if is_here {
        html! { <NotFound /> }
    } else {
        html! { <main class="solo"><Skeleton label={text::LOADING} /></main> }
    }
}
