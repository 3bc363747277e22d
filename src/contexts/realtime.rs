//! The realtime client of the user who is signed in.

use std::rc::Rc;

use dashboard_engine::settings::Settings;
use yew::prelude::*;

use super::session::{SessionState, use_session};
use crate::platform::{self, Platform};
use crate::realtime::{Backend, RealtimeHandle, Share, acquire};

/// Properties of [`RealtimeProvider`].
#[derive(Clone, Debug, Properties)]
pub struct RealtimeProviderProps {
    /// Where the server is and how the client behaves.
    pub settings: Settings,
    /// How calls are made.
    pub backend: Rc<dyn Backend>,
    /// The browser; another one only in tests.
    #[prop_or_else(platform::browser)]
    pub platform: Rc<dyn Platform>,
    /// What may use the client.
    pub children: Children,
}

impl PartialEq for RealtimeProviderProps {
    fn eq(&self, other: &Self) -> bool {
        self.settings == other.settings
            && Rc::ptr_eq(&self.backend, &other.backend)
            && Rc::ptr_eq(&self.platform, &other.platform)
            && self.children == other.children
    }
}

/// Runs a realtime client for the user who is signed in, and gives it to everything below.
///
/// Several providers with the same addresses and the same user share one client and one socket, which closes with the
/// last of them. Another user gets a client of their own, which starts from nothing.
///
/// # Panics
/// There is no `SessionProvider` around it.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use dashboard_engine::settings::Settings;
/// use realtime_dashboard::contexts::{Backend, HttpBackend, RealtimeProvider, SessionProvider};
/// use yew::prelude::*;
///
/// #[component]
/// fn App() -> Html {
///     let settings = Settings::default();
///     let backend = use_memo(settings.clone(), |settings| {
///         Rc::new(HttpBackend::new(settings)) as Rc<dyn Backend>
///     });
///     html! {
///         <SessionProvider backend={(*backend).clone()}>
///             <RealtimeProvider {settings} backend={(*backend).clone()}>
///                 { "What is below may use the hooks." }
///             </RealtimeProvider>
///         </SessionProvider>
///     }
/// }
/// ```
#[component]
pub fn RealtimeProvider(props: &RealtimeProviderProps) -> Html {
    let session = use_session();
    let user_id = use_user_id(session.state());
    let share = Share {
        settings: props.settings.clone(),
        backend: Rc::clone(&props.backend),
        platform: Rc::clone(&props.platform),
        user_id,
    };
    let handle = (*use_memo(share, acquire)).clone();

    // The session of the last render: the client outlives many of them.
    let latest = use_mut_ref(|| session.clone());
    latest.replace(session.clone());
    use_effect_with(handle.clone(), move |handle| {
        let running = handle.start(move || {
            let session = latest.borrow().clone();
            session.end();
        });
        move || drop(running)
    });
    use_effect_with(
        (handle.clone(), session.user().cloned()),
        |(handle, user)| {
            if let Some(user) = user {
                handle.sign_in(user);
            }
        },
    );
    html! {
        <ContextProvider<RealtimeHandle> context={handle}>
            { props.children.clone() }
        </ContextProvider<RealtimeHandle>>
    }
}

/// Whose client it is. When a session ends by itself its user's client stays, so that what they saw stays on the screen
/// beside the word that they have to sign in, and goes on when they do, here or in another tab; when a user signs out it
/// goes with all their data.
#[hook]
fn use_user_id(state: &SessionState) -> Option<Rc<str>> {
    let user_id = use_mut_ref(|| None::<Rc<str>>);
    let mut user_id = user_id.borrow_mut();
    match state {
        SessionState::SignedIn(session) => {
            if user_id.as_deref() != Some(session.user.id.as_str()) {
                *user_id = Some(session.user.id.as_str().into());
            }
        }
        SessionState::SignedOut { ended: true } => (),
        SessionState::Failed(_)
        | SessionState::SignedOut { ended: false }
        | SessionState::Unknown => {
            *user_id = None;
        }
    }
    user_id.clone()
}

/// The realtime client of the nearest [`RealtimeProvider`]. Cheap to clone; renders only when it is another client.
///
/// # Panics
/// There is no [`RealtimeProvider`] around the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::contexts::use_realtime;
/// use yew::prelude::*;
///
/// #[component]
/// fn RefreshButton() -> Html {
///     let realtime = use_realtime();
///     let onclick = move |_| realtime.refresh();
///     html! { <button {onclick}>{ "Refresh data" }</button> }
/// }
/// ```
#[hook]
pub fn use_realtime() -> RealtimeHandle {
    use_context::<RealtimeHandle>()
        .expect("use_realtime: wrap this component in `<RealtimeProvider>`")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[component]
    fn Lonely() -> Html {
        use_realtime();
        html! {}
    }

    #[tokio::test]
    #[should_panic(expected = "use_realtime: wrap this component in `<RealtimeProvider>`")]
    async fn a_missing_provider_is_named() {
        yew::LocalServerRenderer::<Lonely>::new().render().await;
    }
}
