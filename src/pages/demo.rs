//! The demonstration, in the dashboard's frame.

use yew::prelude::*;
use yew_router::hooks::use_navigator;

use super::dashboard::Frame;
use super::page_link::PageLink;
use super::route::{Route, to_sign_in};
use super::title::use_title;
use crate::components::{DataAge, RealtimeDemo};
use crate::text::demo;

/// Shows the demonstration to signed-in users.
///
/// # Panics
/// There is no `SessionProvider`, `RealtimeProvider` or router above it.
#[component]
pub fn DemoPage() -> Html {
    let navigator = use_navigator().expect("DemoPage: wrap this component in `<BrowserRouter>`");
    let on_sign_in = Callback::from(move |()| to_sign_in(&navigator, Route::Demo));
    html! {
        <Frame route={Route::Demo}>
            <Heading />
            <RealtimeDemo {on_sign_in} />
        </Frame>
    }
}

#[component]
fn Heading() -> Html {
    use_title(demo::TITLE);
    html! { <div class="page-head"><h1>{ demo::TITLE }</h1><DataAge /></div> }
}

/// A link to the demonstration.
#[component]
pub(super) fn DemoLink() -> Html {
    html! { <PageLink to={Route::Demo}>{ demo::TITLE }</PageLink> }
}
