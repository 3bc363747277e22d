//! One user's tab: a browser, a server and a component under both providers.

use std::marker::PhantomData;
use std::rc::Rc;

use realtime_dashboard::contexts::{DashboardBackend, RealtimeProvider, SessionProvider};
use realtime_dashboard::settings::APP_NAME;
use sync_engine::settings::Settings;
use sync_web::Platform;
use sync_yew::Backend;
use sync_yew::test_util::{FakePlatform, FakeSocket, accept, settle};
use yew::html::BaseComponent;
use yew::prelude::*;

use super::backend::FakeBackend;
use super::page::Page;

/// The settings of the dashboard.
pub(crate) fn settings() -> Settings {
    Settings {
        app_name: APP_NAME.to_owned(),
        ..Settings::default()
    }
}

/// A tab in which Ada is signed in.
pub(crate) struct Fixture {
    pub(crate) backend: FakeBackend,
    pub(crate) platform: FakePlatform,
    pub(crate) settings: Settings,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let fixture = Self {
            backend: FakeBackend::signed_in("ada"),
            platform: FakePlatform::new(),
            settings: settings(),
        };
        fixture.platform.remember("beatline.signed-in", "1");
        fixture
    }

    /// Mounts a component under both providers.
    pub(crate) async fn open<C: BaseComponent<Properties = ()>>(&self) -> Page<Shell<C>> {
        Page::mount_with(ShellProps {
            backend: self.backend.shared(),
            platform: self.platform.shared(),
            settings: self.settings.clone(),
            of: PhantomData,
        })
        .await
    }

    /// Mounts a component, and waits until it is live.
    pub(crate) async fn open_live<C: BaseComponent<Properties = ()>>(
        &self,
    ) -> (Page<Shell<C>>, Rc<FakeSocket>) {
        let page = self.open::<C>().await;
        let socket = self.socket();
        accept(&socket).await;
        self.platform.draw().await;
        settle().await;
        (page, socket)
    }

    /// The newest socket.
    pub(crate) fn socket(&self) -> Rc<FakeSocket> {
        let sockets = self.platform.sockets();
        Rc::clone(sockets.last().expect("a socket was opened"))
    }
}

/// Properties of [`Shell`].
#[derive(Properties)]
pub(crate) struct ShellProps<C: 'static> {
    pub(crate) backend: Rc<dyn DashboardBackend>,
    pub(crate) platform: Rc<dyn Platform>,
    pub(crate) settings: Settings,
    pub(crate) of: PhantomData<C>,
}

impl<C> PartialEq for ShellProps<C> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.backend, &other.backend) && Rc::ptr_eq(&self.platform, &other.platform)
    }
}

/// A component under both providers.
#[component]
pub(crate) fn Shell<C>(props: &ShellProps<C>) -> Html
where
    C: BaseComponent<Properties = ()>,
{
    let calls: Rc<dyn Backend> = props.backend.clone();
    html! {
        <SessionProvider
            backend={Rc::clone(&props.backend)}
            platform={Rc::clone(&props.platform)}
        >
            <RealtimeProvider
                settings={props.settings.clone()}
                backend={calls}
                platform={Rc::clone(&props.platform)}
            >
                <C />
            </RealtimeProvider>
        </SessionProvider>
    }
}
