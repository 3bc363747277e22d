//! The application: its providers, routes and pages.
//!
//! A failure of one panel stays in that panel, because failures are values here: a failed fetch, decode or mutation is
//! part of a view, and the panel shows it with a way to recover while the others keep working. There is no error
//! boundary for panics: in WebAssembly a panic ends the program, and with it every panel. So input never panics, and if
//! a bug of ours does, `main` shows the page's own error message.

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
    /// The settings of the server and the client.
    pub settings: Settings,
    /// The style manager for the components.
    pub styles: StyleManager,
    /// The page of each route.
    pub pages: Pages,
}

/// Renders the page of a route: [`dashboard`] or [`demonstration`].
pub type Pages = Callback<Route, Html>;

/// The whole application: providers, routes, pages.
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
    match route {
        Route::Tab(tab) => html! { <ModernDashboard {tab} /> },
        Route::Home => html! { <Redirect<Route> to={Route::OVERVIEW} /> },
        Route::SignIn => html! { <SignIn /> },
        Route::Demo => html! { <Elsewhere /> },
        Route::NotFound => html! { <NotFound /> },
    }
}

/// The pages of the demonstration, which is a separate program (`src/bin/realtime-demo.rs`), so that a visit to the
/// dashboard does not load it. The other pages are the dashboard's.
#[must_use = "pages are to be shown"]
pub fn demonstration(route: Route) -> Html {
    match route {
        Route::Demo => html! { <DemoPage /> },
        Route::SignIn => html! { <SignIn /> },
        _ => html! { <Elsewhere /> },
    }
}
