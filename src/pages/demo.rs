//! The demonstration, in the dashboard's frame.

use yew::prelude::*;
use yew_router::hooks::use_navigator;

use super::dashboard::Frame;
use super::list_page::page_head;
use super::route::{Route, to_sign_in};
use super::title::use_title;
use crate::components::RealtimeDemo;
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
    page_head(demo::TITLE, Html::default())
}
