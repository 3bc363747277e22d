//! The provider: runs a client and gives it to everything below.

use std::cell::RefCell;

use sync_engine::http::{HttpReply, HttpRequest};
use sync_protocol::User;
use sync_web::task::Task;
use yew::prelude::*;

use crate::client::SyncClient;

/// Who is signed in, as a [`SyncProvider`] is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SyncUser {
    /// The provider asks the server for its session, and goes by the answer.
    #[default]
    AskServer,
    /// Nobody is: nothing is connected or read.
    Nobody,
    /// The session of the user who was signed in ended by itself: what they saw stays, and goes on when they sign in again.
    SessionEnded,
    /// This user.
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
    /// The client. Required: make it once, outside of a render or with `use_memo`.
    pub client: SyncClient,
    /// Who is signed in. By default the provider asks the server, so that a session which the server already has is found
    /// without a sign-in form of ours.
    #[prop_or_default]
    pub user: SyncUser,
    /// Called when the server says that nobody is signed in any more. By default nothing is.
    #[prop_or_default]
    pub on_signed_out: Callback<()>,
    /// What may use the client.
    #[prop_or_default]
    pub children: Children,
}

/// Runs a client for the user who is signed in, and gives it to everything below.
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
    // The callback of the last render: the client outlives many of them.
    let latest = use_mut_ref(Callback::noop);
    latest.replace(props.on_signed_out.clone());
    use_effect_with(client.clone(), move |client| {
        let running = client.start(move || {
            let on_signed_out = latest.borrow().clone();
            on_signed_out.emit(());
        });
        move || drop(running)
    });
    use_user(&client, &props.user);
    html! {
        <ContextProvider<SyncClient> context={client}>
            { props.children.clone() }
        </ContextProvider<SyncClient>>
    }
}

/// Tells the client who is signed in.
#[hook]
fn use_user(client: &SyncClient, user: &SyncUser) {
    use_effect_with((client.clone(), user.clone()), |(client, user)| {
        let asking = RefCell::new(None);
        match user {
            SyncUser::SignedIn(user) => client.sign_in(user),
            SyncUser::Nobody => client.sign_out(),
            SyncUser::SessionEnded => (),
            SyncUser::AskServer => {
                asking.replace(Some(ask(client)));
            }
        }
        move || drop(asking)
    });
}

/// Asks the server for its session. Without one, or without an answer, nobody is signed in; the application's own sign-in
/// then says otherwise.
fn ask(client: &SyncClient) -> Task {
    let answer = client.backend().call(HttpRequest::Session);
    let client = client.downgrade();
    Task::spawn(async move {
        let result = answer.await;
        if let (Ok(HttpReply::Session(session)), Some(client)) = (result, client.upgrade()) {
            client.sign_in(&session.user);
        }
    })
}

/// The client of the nearest [`SyncProvider`]. Cheap to clone; renders only when it is another client.
///
/// # Panics
/// There is no [`SyncProvider`] around the component.
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
    fn Lonely() -> Html {
        use_sync();
        html! {}
    }

    #[tokio::test]
    #[should_panic(expected = "use_sync: wrap this component in `<SyncProvider>`")]
    async fn a_missing_provider_is_named() {
        yew::LocalServerRenderer::<Lonely>::new().render().await;
    }
}
