//! Mutations that the server has not confirmed.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::Serialize;
use sync_engine::schema::{Mutation, MutationId, MutationRef};
use sync_engine::store::Added;
use sync_engine::view::{FailureView, Key, MutationsView, PendingView};
use sync_web::leave::ask_before_unload;
use yew::prelude::*;

use super::use_view::use_view;
use crate::client::SyncClient;
use crate::keep_alive::Shown;
use crate::provider::use_sync;

/// The handle of [`use_mutations`]: mutations of any kind.
#[derive(Clone, Debug, PartialEq)]
pub struct UseMutationsHandle {
    view: Rc<MutationsView>,
    client: SyncClient,
}

impl UseMutationsHandle {
    /// Mutations that are not settled, oldest first.
    #[must_use]
    pub fn pending(&self) -> &[PendingView] {
        &self.view.pending
    }

    /// Rejected mutations, newest first.
    #[must_use]
    pub fn failures(&self) -> &[Rc<FailureView>] {
        &self.view.failures
    }

    /// Adds a mutation. Its optimistic result shows at once, and is rolled back with a reason if the server rejects it.
    /// `None` if the browser has no random source.
    pub fn add(&self, mutation: MutationRef) -> Option<Added> {
        self.batch(vec![mutation], false).pop()
    }

    /// Adds several mutations in one request; all or none of them, if `atomic`. Returns the result of each.
    pub fn batch(&self, mutations: Vec<MutationRef>, atomic: bool) -> Vec<Added> {
        self.client.mutate(mutations, atomic)
    }

    /// Cancels one mutation. Others stay as they are, except those of the same atomic batch.
    ///
    /// A mutation that was not sent is dropped. A sent one shows as `Cancelling` until its outcome is known; if it was
    /// accepted, its inverse undoes it. A saved one is undone likewise, if it is among the last thousand of this visit
    /// and nothing newer was requested for the same entity. A mutation without an inverse stays as it is.
    pub fn cancel(&self, id: &MutationId) {
        self.client.cancel_mutation(id);
    }

    /// Cancels several mutations at once, each as [`Self::cancel`] does.
    pub fn cancel_all(&self, ids: &[MutationId]) {
        self.client.cancel_mutations(ids);
    }

    /// Retries a paused or rejected mutation.
    pub fn retry(&self, id: &MutationId) {
        self.client.retry_mutation(id);
    }

    /// Dismisses one failure.
    pub fn dismiss(&self, id: &MutationId) {
        self.client.dismiss_failure(Some(id));
    }

    /// Dismisses all failures.
    pub fn clear(&self) {
        self.client.dismiss_failure(None);
    }

    /// The client.
    #[must_use]
    pub const fn client(&self) -> &SyncClient {
        &self.client
    }
}

/// The handle of [`use_mutation`]: mutations of one kind.
#[derive(Debug)]
pub struct UseMutationHandle<M> {
    all: UseMutationsHandle,
    kind: PhantomData<M>,
}

impl<M> Clone for UseMutationHandle<M> {
    fn clone(&self) -> Self {
        Self {
            all: self.all.clone(),
            kind: PhantomData,
        }
    }
}

impl<M> PartialEq for UseMutationHandle<M> {
    fn eq(&self, other: &Self) -> bool {
        self.all == other.all
    }
}

impl<M: Mutation> UseMutationHandle<M> {
    /// Adds a mutation, as [`UseMutationsHandle::add`] does.
    pub fn mutate(&self, mutation: M) -> Option<Added> {
        self.all.add(MutationRef::new(mutation))
    }

    /// Adds a mutation, with the data that the user saw: they help to predict rows and are never sent.
    pub fn mutate_with<C: Serialize>(&self, mutation: M, context: &C) -> Option<Added> {
        self.all.add(MutationRef::with_context(mutation, context))
    }

    /// Adds a mutation that creates something, for which it gets a new id. `None` if the browser has no random source.
    pub fn mutate_new(&self, make: impl FnOnce(String) -> M) -> Option<Added> {
        self.mutate(make(self.new_id()?))
    }

    /// Adds several mutations in one request; all or none of them, if `atomic`.
    pub fn mutate_many(&self, mutations: impl IntoIterator<Item = M>, atomic: bool) -> Vec<Added> {
        let mutations = mutations.into_iter().map(MutationRef::new);
        self.all.batch(mutations.collect(), atomic)
    }

    /// Mutations of this kind that are not settled, oldest first.
    #[must_use]
    pub fn pending(&self) -> &[PendingView] {
        self.all.pending()
    }

    /// Rejected mutations of this kind, newest first.
    #[must_use]
    pub fn failures(&self) -> &[Rc<FailureView>] {
        self.all.failures()
    }

    /// Cancels a mutation, as [`UseMutationsHandle::cancel`] does.
    pub fn cancel(&self, id: &MutationId) {
        self.all.cancel(id);
    }

    /// Retries a paused or rejected mutation.
    pub fn retry(&self, id: &MutationId) {
        self.all.retry(id);
    }

    /// Dismisses one failure.
    pub fn dismiss(&self, id: &MutationId) {
        self.all.dismiss(id);
    }

    /// Dismisses all failures of this kind; those of other kinds stay.
    pub fn clear(&self) {
        for failure in self.all.failures() {
            self.all.dismiss(&failure.mutation.id);
        }
    }

    /// An id for something that a mutation will create: a random UUID. `None` if the browser has no random source.
    #[must_use]
    pub fn new_id(&self) -> Option<String> {
        self.all.client.new_id()
    }
}

/// Mutations of one kind: adds them, and lists those that are pending or rejected. Renders when these lists change.
///
/// # Panics
/// There is no `SyncProvider` above the component.
///
/// # Examples
/// ```no_run
/// use sync_yew::prelude::*;
/// use yew::prelude::*;
///
/// /// Says how many mutations of a kind the server rejected.
/// #[component]
/// fn Rejected<M: Mutation>() -> Html {
///     let mutations = use_mutation::<M>();
///     let count = mutations.failures().len();
///     html! { <button onclick={move |_| mutations.clear()}>{ count }</button> }
/// }
/// ```
#[hook]
pub fn use_mutation<M: Mutation>() -> UseMutationHandle<M> {
    UseMutationHandle {
        all: use_mutations_of(|mutation| mutation.downcast::<M>().is_some()),
        kind: PhantomData,
    }
}

/// Mutations of all kinds. Renders when the lists change.
///
/// # Panics
/// There is no `SyncProvider` above the component.
///
/// # Examples
/// ```no_run
/// use sync_yew::use_mutations;
/// use yew::prelude::*;
///
/// #[component]
/// fn PendingCount() -> Html {
///     let mutations = use_mutations();
///     html! { <p>{ mutations.pending().len() }</p> }
/// }
/// ```
#[hook]
pub fn use_mutations() -> UseMutationsHandle {
    let client = use_sync();
    let view = use_view(&client, Key::Mutations, |core| core.mutations());
    UseMutationsHandle { view, client }
}

/// The mutations that `concerns` selects. Renders when these change.
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_mutations_of(concerns: fn(&MutationRef) -> bool) -> UseMutationsHandle {
    let client = use_sync();
    let view = use_view(&client, Key::Mutations, move |core| {
        Rc::new(core.mutations().only(concerns))
    });
    UseMutationsHandle { view, client }
}

/// A mutation that is not saved after so long makes the browser ask before the page is left, in milliseconds. An ordinary
/// one is saved by then, or reaches the server although the page ends.
const UNSAVED_MS: u64 = 1000;

/// Makes the browser ask before the user leaves or reloads the page while mutations wait to be saved; also while the
/// component is on a page that is not shown (see [`KeepAlive`](crate::KeepAlive)).
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_unsaved_question() {
    let client = SyncClient {
        shown: Shown::default(),
        ..use_sync()
    };
    let is_unsaved = use_view(&client, Key::Mutations, |core| {
        !core.mutations().pending.is_empty()
    });
    use_effect_with(is_unsaved, move |is_unsaved| {
        let question = Rc::new(RefCell::new(None));
        let alarm = is_unsaved.then(|| {
            let question = Rc::clone(&question);
            let ask = move || drop(question.replace(Some(ask_before_unload())));
            client.platform().alarm(UNSAVED_MS, Box::new(ask))
        });
        move || drop((alarm, question))
    });
}
