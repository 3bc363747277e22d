//! Who is signed in.

use std::rc::Rc;

use sync_engine::view::ErrorView;
use sync_protocol::Session;
use sync_protocol::User;
use yew::prelude::*;

use super::backend::DashboardBackend;
use super::session_client::SessionClient;
use sync_web;
use sync_web::Platform;

/// Whether somebody is signed in, as far as is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SessionState {
    /// The server is being asked.
    #[default]
    Unknown,
    /// Nobody is.
    SignedOut {
        /// Whether a session ended without the user's own doing.
        ended: bool,
    },
    /// Somebody is.
    SignedIn(Rc<Session>),
    /// The server could not say.
    Failed(ErrorView),
}

/// The state, and whether signing out is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SessionModel {
    pub(super) state: SessionState,
    pub(super) leaving: Leaving,
}

/// Signing out, from the mutation to its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Leaving {
    /// Nobody asked for it.
    #[default]
    No,
    /// The server is being told.
    Asked,
    /// The server could not be told; the user is still signed in.
    Failed(ErrorView),
}

/// What happened to the session.
#[derive(Debug)]
pub(super) enum SessionAction {
    /// The state is known anew.
    Found(SessionState),
    /// Signing out has come this far.
    Left(Leaving),
}

impl Reducible for SessionModel {
    type Action = SessionAction;

    fn reduce(self: Rc<Self>, action: SessionAction) -> Rc<Self> {
        Rc::new(match action {
            SessionAction::Found(state) => Self {
                state,
                leaving: Leaving::No,
            },
            SessionAction::Left(leaving) => Self {
                state: self.state.clone(),
                leaving,
            },
        })
    }
}

/// Properties of [`SessionProvider`].
#[derive(Clone, Debug, Properties)]
pub struct SessionProviderProps {
    /// How the server is asked.
    pub backend: Rc<dyn DashboardBackend>,
    /// The browser; another one only in tests.
    #[prop_or_else(sync_web::browser)]
    pub platform: Rc<dyn Platform>,
    /// What may use the session.
    pub children: Children,
}

impl PartialEq for SessionProviderProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.backend, &other.backend)
            && Rc::ptr_eq(&self.platform, &other.platform)
            && self.children == other.children
    }
}

/// Asks who is signed in and tells everything below it. Signing in and out is told to the other tabs of this browser: one
/// in which the session of the same user had ended goes on with what was not saved there.
#[component]
pub fn SessionProvider(props: &SessionProviderProps) -> Html {
    let model = use_reducer_eq(SessionModel::default);
    let client = use_memo(
        ByPointer(Rc::clone(&props.backend), Rc::clone(&props.platform)),
        |ByPointer(backend, platform)| {
            SessionClient::new(Rc::clone(backend), Rc::clone(platform), model.dispatcher())
        },
    );
    use_effect_with(Rc::clone(&client), |client| {
        let client = Rc::clone(client);
        client.start();
        move || client.stop()
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

/// The session as a component sees it.
#[derive(Clone, Debug)]
pub struct UseSessionHandle {
    client: Rc<SessionClient>,
    model: SessionModel,
}

impl UseSessionHandle {
    /// Whether somebody is signed in.
    #[must_use]
    pub const fn state(&self) -> &SessionState {
        &self.model.state
    }

    /// Who is signed in, if somebody is.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        match &self.model.state {
            SessionState::SignedIn(session) => Some(&session.user),
            SessionState::Failed(_) | SessionState::SignedOut { .. } | SessionState::Unknown => {
                None
            }
        }
    }

    /// Signs in. `on_done` is called once with what came of it, unless another act follows before.
    pub fn sign_in(
        &self,
        email: impl Into<String>,
        password: impl Into<String>,
        on_done: Callback<Result<(), ErrorView>>,
    ) {
        self.client.sign_in(email.into(), password.into(), on_done);
    }

    /// Signs out, here and in the other tabs. The user stays signed in until the server has agreed, since only it
    /// can end the session.
    pub fn sign_out(&self) {
        self.client.sign_out();
    }

    /// Whether signing out is under way.
    #[must_use]
    pub fn is_signing_out(&self) -> bool {
        self.model.leaving == Leaving::Asked
    }

    /// Why signing out failed, if it did.
    #[must_use]
    pub const fn sign_out_error(&self) -> Option<&ErrorView> {
        match &self.model.leaving {
            Leaving::Failed(error) => Some(error),
            Leaving::Asked | Leaving::No => None,
        }
    }

    /// Asks the server again who is signed in.
    pub fn check(&self) {
        self.client.check();
    }

    /// How the server is asked.
    pub(crate) fn backend(&self) -> &dyn DashboardBackend {
        self.client.backend()
    }

    /// The server said in passing that the session is over.
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
/// There is no [`SessionProvider`] around the component.
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
    fn Lonely() -> Html {
        use_session();
        html! {}
    }

    #[tokio::test]
    #[should_panic(expected = "use_session: wrap this component in `<SessionProvider>`")]
    async fn a_missing_provider_is_named() {
        yew::LocalServerRenderer::<Lonely>::new().render().await;
    }
}
