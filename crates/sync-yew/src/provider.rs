//! The provider: runs a client and gives it to everything below.

use sync_protocol::User;
use yew::prelude::*;

use crate::client::SyncClient;

/// The user, for a [`SyncProvider`].
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SyncUser {
    /// The provider asks the server for the session until it gets an answer, and uses the user in it.
    #[default]
    AskServer,
    /// It is not known yet who is signed in, since the application asks by itself: the client waits.
    Unknown,
    /// Nobody is signed in: the client neither connects nor fetches.
    Nobody,
    /// The user's session has ended by itself: their data stay on screen, and the client resumes when they sign in
    /// again.
    SessionEnded,
    /// This user is signed in.
    SignedIn(User),
}

impl From<Option<User>> for SyncUser {
    fn from(user: Option<User>) -> Self {
        user.map_or(Self::Nobody, Self::SignedIn)
    }
}

/// Properties of [`SyncProvider`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct SyncProviderProps {
    /// The client. Required: create it once, outside of a render or with `use_memo`.
    pub client: SyncClient,
    /// The user. By default the provider asks the server, so that it finds an existing session without a sign-in form
    /// of our own.
    #[prop_or_default]
    pub user: SyncUser,
    /// Called when the server says that nobody is signed in: to the question of [`SyncUser::AskServer`], or when a session
    /// has ended. By default nothing happens.
    #[prop_or_default]
    pub on_signed_out: Callback<()>,
    /// The components that may use the client.
    #[prop_or_default]
    pub children: Children,
}

/// Runs a client for the signed-in user, and provides it to all components below.
///
/// Several providers of one client share its socket, which closes with the last of them.
///
/// # Examples
/// ```no_run
/// use sync_yew::prelude::*;
/// use yew::prelude::*;
///
/// #[component]
/// fn App() -> Html {
///     let client = use_memo((), |()| SyncClient::new(Schema::new("todo"), Settings::default()));
///     html! {
///         <SyncProvider client={(*client).clone()}>
///             { "Components below may use the hooks." }
///         </SyncProvider>
///     }
/// }
/// ```
#[component]
pub fn SyncProvider(props: &SyncProviderProps) -> Html {
    let client = props.client.clone();
    // The callback of the last render: the client outlives many renders.
    let latest = use_mut_ref(Callback::noop);
    latest.replace(props.on_signed_out.clone());
    // In the render and not in effects after it, so that data that are there already are in the first render.
    use_memo(client.clone(), move |client| {
        client.start(move || {
            let on_signed_out = latest.borrow().clone();
            on_signed_out.emit(());
        })
    });
    use_memo(
        (client.clone(), props.user.clone()),
        |(client, user)| match user {
            SyncUser::SignedIn(user) => client.sign_in(user),
            SyncUser::Nobody => client.sign_out(),
            SyncUser::Unknown => client.wait_for_user(),
            SyncUser::SessionEnded => client.cancel_session_check(),
            SyncUser::AskServer => client.check_session(),
        },
    );
    html! {
        <ContextProvider<SyncClient> context={client}>
            { props.children.clone() }
        </ContextProvider<SyncClient>>
    }
}

/// Renders a component as the whole page, below a [`SyncProvider`] with the client that asks the server for the user.
///
/// # Examples
/// ```no_run
/// use sync_yew::prelude::*;
/// use yew::prelude::*;
///
/// #[component]
/// fn Page() -> Html {
///     let connection = use_connection();
///     html! { <p>{ connection.view().shown.as_str() }</p> }
/// }
///
/// fn main() {
///     let schema = Schema::new("todo");
///     sync_yew::render::<Page>(SyncClient::new(schema, Settings::default()));
/// }
/// ```
pub fn render<C: BaseComponent<Properties = ()>>(client: SyncClient) {
    let props = SyncProviderProps {
        client,
        user: SyncUser::AskServer,
        on_signed_out: Callback::noop(),
        children: Children::new(vec![html! { <C /> }]),
    };
    yew::Renderer::<SyncProvider>::with_props(props).render();
}

/// The client of the nearest [`SyncProvider`]. Cheap to clone; renders only when the client is replaced.
///
/// # Panics
/// There is no [`SyncProvider`] above the component.
///
/// # Examples
/// ```no_run
/// use sync_yew::use_sync;
/// use yew::prelude::*;
///
/// #[component]
/// fn RefreshButton() -> Html {
///     let client = use_sync();
///     let onclick = move |_| client.refresh();
///     html! { <button {onclick}>{ "Refresh" }</button> }
/// }
/// ```
#[hook]
pub fn use_sync() -> SyncClient {
    use_context::<SyncClient>().expect("use_sync: wrap this component in `<SyncProvider>`")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[component]
    fn WithoutProvider() -> Html {
        use_sync();
        html! {}
    }

    #[tokio::test]
    #[should_panic(expected = "use_sync: wrap this component in `<SyncProvider>`")]
    async fn a_missing_provider_is_named() {
        yew::LocalServerRenderer::<WithoutProvider>::new()
            .render()
            .await;
    }
}
