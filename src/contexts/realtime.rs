//! The realtime client of the signed-in user.

use std::rc::Rc;

use sync_engine::settings::Settings;
use sync_web::Platform;
use sync_yew::{Backend, SharedClient, SyncProvider, SyncUser, acquire};
use yew::prelude::*;

use super::session::{SessionState, use_session};

/// Properties of [`RealtimeProvider`].
#[derive(Clone, Debug, Properties)]
pub struct RealtimeProviderProps {
    /// The settings of the server and the client.
    pub settings: Settings,
    /// The backend.
    pub backend: Rc<dyn Backend>,
    /// The browser; another one only in tests.
    #[prop_or_else(sync_web::browser)]
    pub platform: Rc<dyn Platform>,
    /// The components that may use the client.
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

/// Runs a realtime client for the signed-in user, and provides it to all components below.
///
/// Several providers with the same addresses and the same user share one client and one socket, which closes with the
/// last of them. Another user gets a new client, which starts without data.
///
/// # Panics
/// There is no `SessionProvider` above it.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use realtime_dashboard::contexts::{DashboardBackend, RealtimeProvider, SessionProvider};
/// use sync_yew::{Backend, HttpBackend};
/// use sync_yew::engine::settings::Settings;
/// use yew::prelude::*;
///
/// #[component]
/// fn App() -> Html {
///     let settings = Settings::default();
///     let backend = use_memo(settings.clone(), |settings| {
///         let schema = Rc::new(dashboard_model::schema());
///         Rc::new(HttpBackend::new(&schema, settings)) as Rc<dyn DashboardBackend>
///     });
///     let calls: Rc<dyn Backend> = Rc::clone(&*backend) as _;
///     html! {
///         <SessionProvider backend={Rc::clone(&*backend)}>
///             <RealtimeProvider {settings} backend={calls}>
///                 { "What is below may use the hooks." }
///             </RealtimeProvider>
///         </SessionProvider>
///     }
/// }
/// ```
#[component]
pub fn RealtimeProvider(props: &RealtimeProviderProps) -> Html {
    let session = use_session();
    let schema = (*use_memo((), |()| Rc::new(dashboard_model::schema()))).clone();
    let share = SharedClient {
        schema,
        settings: props.settings.clone(),
        backend: Rc::clone(&props.backend),
        platform: Rc::clone(&props.platform),
        user_id: use_user_id(session.state()),
    };
    let client = (*use_memo(share, acquire)).clone();
    let user = user_of(session.state());
    let on_signed_out = Callback::from(move |()| session.end());
    html! {
        <SyncProvider {client} {user} {on_signed_out}>
            { props.children.clone() }
        </SyncProvider>
    }
}

fn user_of(state: &SessionState) -> SyncUser {
    match state {
        SessionState::SignedIn(session) => SyncUser::SignedIn(session.user.clone()),
        SessionState::SignedOut { ended: true } => SyncUser::SessionEnded,
        SessionState::SignedOut { ended: false } => SyncUser::Nobody,
        SessionState::Failed(_) | SessionState::Unknown => SyncUser::Unknown,
    }
}

/// The user whose client it is. When a session ends by itself, the client of its user stays, so that their data remain
/// on screen beside the request to sign in, and the client resumes when they do, here or in another tab. When a user
/// signs out, the client and all their data go.
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
        _ => *user_id = None,
    }
    user_id.clone()
}
