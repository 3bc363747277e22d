//! The connection indicator alone, in an application that is not the dashboard.
//!
//! Around it stand the two providers: one knows who is signed in, the other runs that user's connection. Nothing else of
//! the kit is drawn. Run the demo server, then `trunk serve` in this folder, and cut the connection to see what it says:
//!
//! ```sh
//! cargo run -p dashboard-server -- --demo --database target/example.sqlite --allow-origin http://127.0.0.1:8081
//! cd examples/indicator && trunk serve
//! ```

use std::rc::Rc;

use realtime_dashboard::components::{ConnectionStatusIndicator, IndicatorVariant};
use realtime_dashboard::contexts::{
    DashboardBackend, RealtimeProvider, SessionProvider, use_session,
};
use sync_yew::engine::settings::Settings;
use sync_yew::{Backend, HttpBackend};
use yew::prelude::*;

/// An account that a server with `--demo` knows.
const EMAIL: &str = "ada@demo.test";
const PASSWORD: &str = "demo-demo-demo";

/// The whole application.
#[component]
fn App() -> Html {
    let settings = Settings::default();
    let backend = use_memo((), |()| {
        let schema = Rc::new(dashboard_model::schema());
        Shared(Rc::new(HttpBackend::new(&schema, &Settings::default())))
    });
    let backend = Rc::clone(&backend.0);
    let calls: Rc<dyn Backend> = Rc::clone(&backend) as _;
    html! {
        <SessionProvider {backend}>
            <RealtimeProvider {settings} backend={calls}>
                <Corner />
            </RealtimeProvider>
        </SessionProvider>
    }
}

/// The one backend; made once, since another one would be another connection.
struct Shared(Rc<dyn DashboardBackend>);

/// Where an application of one's own would show how it is connected.
#[component]
fn Corner() -> Html {
    let session = use_session();
    let Some(user) = session.user() else {
        let onclick = move |_| session.sign_in(EMAIL, PASSWORD, Callback::noop());
        return html! { <button {onclick}>{ "Sign in as Ada" }</button> };
    };
    html! {
        <main>
            <p>{ format!("{} is connected here.", user.name) }</p>
            <ConnectionStatusIndicator variant={IndicatorVariant::Full} />
        </main>
    }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
