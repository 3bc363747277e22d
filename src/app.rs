//! The application: what everything stands in.
//!
//! A failure of one panel stays in that panel, because failures are values here: what could not be read, decoded or done
//! is part of a view, and the panel shows it with a way out while the others go on. There is no boundary that catches
//! panics: in WebAssembly a panic ends the program, and with it every panel. So input never panics, and if a mistake of ours
//! does, `main` shows what the page says when it could not start.

use std::rc::Rc;

use stylist::manager::StyleManager;
use stylist::yew::ManagerProvider;
use sync_engine::settings::Settings;
use sync_yew::{Backend, HttpBackend};
use yew::prelude::*;
use yew_router::components::Redirect;
use yew_router::{BrowserRouter, Switch};

use crate::contexts::{DashboardBackend, RealtimeProvider, SessionProvider};
use crate::pages::{DemoPage, Elsewhere, ModernDashboard, NotFound, Route, SignIn};

/// Properties of [`App`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct AppProps {
    /// Where the server is and how the client behaves.
    pub settings: Settings,
    /// Where styles of components go.
    pub styles: StyleManager,
    /// What stands at each address.
    pub pages: Pages,
}

/// What stands at an address: [`dashboard`] or [`demonstration`].
pub type Pages = Callback<Route, Html>;

/// Everything: providers, addresses, pages.
#[component]
pub fn App(props: &AppProps) -> Html {
    let backend = use_memo(props.settings.clone(), |settings| {
        let schema = Rc::new(dashboard_model::schema());
        SharedBackend(Rc::new(HttpBackend::new(&schema, settings)))
    });
    let backend = Rc::clone(&backend.0);
    let calls: Rc<dyn Backend> = Rc::clone(&backend) as _;
    html! {
        <ManagerProvider manager={props.styles.clone()}>
            <BrowserRouter>
                <SessionProvider {backend}>
                    <RealtimeProvider settings={props.settings.clone()} backend={calls}>
                        <Switch<Route> render={props.pages.clone()} />
                    </RealtimeProvider>
                </SessionProvider>
            </BrowserRouter>
        </ManagerProvider>
    }
}

/// The one backend of the application.
struct SharedBackend(Rc<dyn DashboardBackend>);

/// The pages of the dashboard.
#[must_use = "pages are to be shown"]
pub fn dashboard(route: Route) -> Html {
    match (route, route.tab()) {
        (_, Some(tab)) => html! { <ModernDashboard {tab} /> },
        (Route::Home, _) => html! { <Redirect<Route> to={Route::Overview} /> },
        (Route::SignIn, _) => html! { <SignIn /> },
        (Route::Demo, _) => html! { <Elsewhere /> },
        (_, None) => html! { <NotFound /> },
    }
}

/// The pages of the demonstration, which is a program of its own (`src/bin/realtime-demo.rs`), so that a visit to the
/// dashboard does not load it. The others are the dashboard's.
#[must_use = "pages are to be shown"]
pub fn demonstration(route: Route) -> Html {
    match route {
        Route::Demo => html! { <DemoPage /> },
        Route::SignIn => html! { <SignIn /> },
        _ => html! { <Elsewhere /> },
    }
}
