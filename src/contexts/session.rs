//! The session: who is signed in, and how to sign in and out.

use std::rc::Rc;

use sync_engine::view::ErrorView;
use sync_protocol::{Session, User};
use yew::prelude::*;

use super::backend::DashboardBackend;
use super::session_client::SessionClient;
use sync_web::Platform;

/// Whether a user is signed in, as far as is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SessionState {
    /// The server has not responded yet.
    #[default]
    Unknown,
    /// No user is signed in.
    SignedOut {
        /// Whether a session ended without an action of the user.
        ended: bool,
    },
    /// A user is signed in.
    SignedIn(Rc<Session>),
    /// The request failed. It is repeated by itself.
    Failed(ErrorView),
}

/// The state, and what the user does about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SessionModel {
    pub(super) state: SessionState,
    pub(super) progress: Progress,
    /// When a failed check is repeated, by the engine's clock.
    pub(super) retry_at_ms: Option<u64>,
}

/// The progress of signing in or out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Progress {
    /// Not requested.
    #[default]
    None,
    /// The request to sign in is in flight.
    SigningIn,
    /// The request to sign out is in flight.
    SigningOut,
    /// The request to sign out failed; the user is still signed in.
    SignOutFailed(ErrorView),
}

/// Properties of [`SessionProvider`].
#[derive(Clone, Debug, Properties)]
pub struct SessionProviderProps {
    /// The backend.
    pub backend: Rc<dyn DashboardBackend>,
    /// The browser; another one only in tests.
    #[prop_or_else(sync_web::browser)]
    pub platform: Rc<dyn Platform>,
    /// The components that may use the session.
    pub children: Children,
}

impl PartialEq for SessionProviderProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.backend, &other.backend)
            && Rc::ptr_eq(&self.platform, &other.platform)
            && self.children == other.children
    }
}

/// Checks who is signed in and provides the session to all components below. Signing in and out is broadcast to the
/// other tabs of this browser: a tab in which the session of the same user had ended resumes with its unsaved changes.
#[component]
pub fn SessionProvider(props: &SessionProviderProps) -> Html {
    let client = use_memo(
        ByPointer(Rc::clone(&props.backend), Rc::clone(&props.platform)),
        |ByPointer(backend, platform)| SessionClient::new(Rc::clone(backend), Rc::clone(platform)),
    );
    // The session may be known already.
    let model = use_state_eq(|| client.model());
    use_effect_with(Rc::clone(&client), {
        let setter = model.setter();
        move |client| {
            let client = Rc::clone(client);
            client.start(setter);
            move || client.stop()
        }
    });
    let handle = UseSessionHandle {
        client: Rc::clone(&client),
        model: (*model).clone(),
    };
    html! {
        <ContextProvider<UseSessionHandle> context={handle}>
            { props.children.clone() }
        </ContextProvider<UseSessionHandle>>
    }
}

/// Equal if both are the same objects.
struct ByPointer(Rc<dyn DashboardBackend>, Rc<dyn Platform>);

impl PartialEq for ByPointer {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) && Rc::ptr_eq(&self.1, &other.1)
    }
}

/// The session, for components.
#[derive(Clone, Debug)]
pub struct UseSessionHandle {
    client: Rc<SessionClient>,
    model: SessionModel,
}

impl UseSessionHandle {
    /// The state of the session.
    #[must_use]
    pub const fn state(&self) -> &SessionState {
        &self.model.state
    }

    /// The session of the signed-in user, if any.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        match &self.model.state {
            SessionState::SignedIn(session) => Some(&session.user),
            SessionState::Failed(_) | SessionState::SignedOut { .. } | SessionState::Unknown => {
                None
            }
        }
    }

    /// Signs in. `on_done` is called once with the result, unless another request replaces this one, here or in another
    /// tab.
    pub fn sign_in(
        &self,
        email: impl Into<String>,
        password: impl Into<String>,
        on_done: Callback<Result<(), ErrorView>>,
    ) {
        self.client.sign_in(email.into(), password.into(), on_done);
    }

    /// Signs out, here and in the other tabs. The user stays signed in until the server has confirmed, since only the
    /// server can end the session.
    pub fn sign_out(&self) {
        self.client.sign_out();
    }

    /// Whether signing in is in progress.
    #[must_use]
    pub fn is_signing_in(&self) -> bool {
        self.model.progress == Progress::SigningIn
    }

    /// Whether signing out is in progress.
    #[must_use]
    pub fn is_signing_out(&self) -> bool {
        self.model.progress == Progress::SigningOut
    }

    /// The reason why signing out failed, if it did.
    #[must_use]
    pub const fn sign_out_error(&self) -> Option<&ErrorView> {
        match &self.model.progress {
            Progress::SignOutFailed(error) => Some(error),
            Progress::None | Progress::SigningIn | Progress::SigningOut => None,
        }
    }

    /// When a failed check is repeated, by the engine's clock, in milliseconds; `None` while it is.
    #[must_use]
    pub const fn retry_at_ms(&self) -> Option<u64> {
        self.model.retry_at_ms
    }

    /// Checks again who is signed in.
    pub fn check(&self) {
        self.client.check();
    }

    /// The backend.
    pub(crate) fn backend(&self) -> &dyn DashboardBackend {
        self.client.backend()
    }

    /// Another call reported that the session has ended.
    pub(super) fn end(&self) {
        self.client.end();
    }
}

impl PartialEq for UseSessionHandle {
    /// Equal as long as the same session is in the same state.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.client, &other.client) && self.model == other.model
    }
}

/// The session of the nearest [`SessionProvider`]. Renders when its state changes.
///
/// # Panics
/// There is no [`SessionProvider`] above the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::contexts::{SessionState, use_session};
/// use yew::prelude::*;
///
/// #[component]
/// fn Greeting() -> Html {
///     let session = use_session();
///     match session.state() {
///         SessionState::SignedIn(session) => html! { <p>{ &session.user.name }</p> },
///         _ => html! { <p>{ "Nobody is signed in." }</p> },
///     }
/// }
/// ```
#[hook]
pub fn use_session() -> UseSessionHandle {
    use_context::<UseSessionHandle>()
        .expect("use_session: wrap this component in `<SessionProvider>`")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[component]
    fn WithoutProvider() -> Html {
        use_session();
        html! {}
    }

    #[tokio::test]
    #[should_panic(expected = "use_session: wrap this component in `<SessionProvider>`")]
    async fn a_missing_provider_is_named() {
        yew::LocalServerRenderer::<WithoutProvider>::new()
            .render()
            .await;
    }
}
