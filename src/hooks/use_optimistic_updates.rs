//! The user's changes that are not settled, and those that failed.

use std::rc::Rc;

use dashboard_engine::view::{FailureView, MutationsView, PendingView};
use dashboard_protocol::{Beat, MutationBody};
use yew::prelude::*;

use super::use_updates_of::use_updates_of;
use crate::realtime::RealtimeHandle;

/// A change to ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestedChange {
    /// What is asked for.
    pub body: MutationBody,
    /// The beats it is about, as the user sees them: their titles and prices are shown until the server has answered.
    pub beats: Vec<Rc<Beat>>,
}

/// What [`use_optimistic_updates`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseOptimisticUpdatesHandle {
    pub(super) view: Rc<MutationsView>,
    pub(super) realtime: RealtimeHandle,
}

impl UseOptimisticUpdatesHandle {
    /// Changes that are not settled, oldest first.
    #[must_use]
    pub fn pending(&self) -> &[PendingView] {
        &self.view.pending
    }

    /// Changes that were rejected or given up, newest first.
    #[must_use]
    pub fn failures(&self) -> &[Rc<FailureView>] {
        &self.view.failures
    }

    /// Asks for a change. Returns its id. One that only repeats another, as the second half of a double click on an order
    /// or a file that is being made already, is not recorded, and its id then names nothing.
    pub fn add(&self, change: RequestedChange) -> String {
        self.batch(vec![change], false).pop().unwrap_or_default()
    }

    /// Asks for several changes in one request; all or none, if `atomic`. Returns their ids, of which [`Self::add`] says
    /// what they name.
    pub fn batch(&self, changes: Vec<RequestedChange>, atomic: bool) -> Vec<String> {
        let mutations = changes
            .into_iter()
            .map(|change| (change.body, change.beats))
            .collect();
        self.realtime.mutate(mutations, atomic)
    }

    /// Takes one change back. Others stay as they are, except those of an atomic batch, which go together.
    ///
    /// Not sent, it is dropped. Sent, it is told as `Cancelling` until the server has answered; then a change of its
    /// own undoes it, if it was taken. Saved, it is undone likewise, if it is among the last thousand of this visit and
    /// nothing newer was asked for the same thing. What cannot be undone, as the cancellation of an order, stays as it
    /// is.
    pub fn cancel(&self, id: &str) {
        self.realtime.cancel_mutation(id);
    }

    /// Takes several changes back in one go, as [`Self::cancel`] does one: with the ids that [`Self::batch`] returned,
    /// the whole batch, however far its parts have come.
    ///
    /// # Examples
    /// ```no_run
    /// use realtime_dashboard::hooks::{UseOptimisticUpdatesHandle, RequestedChange};
    ///
    /// fn do_and_undo(updates: &UseOptimisticUpdatesHandle, changes: Vec<RequestedChange>) {
    ///     let ids = updates.batch(changes, false);
    ///     updates.cancel_all(&ids);
    /// }
    /// ```
    pub fn cancel_all(&self, ids: &[String]) {
        self.realtime.cancel_mutations(ids);
    }

    /// Tries a parked or rejected change again.
    pub fn retry(&self, id: &str) {
        self.realtime.retry_mutation(id);
    }

    /// Takes one failure off the list.
    pub fn dismiss(&self, id: &str) {
        self.realtime.dismiss_failure(Some(id));
    }

    /// Takes all failures off the list.
    pub fn clear(&self) {
        self.realtime.dismiss_failure(None);
    }
}

/// The user's changes that are not settled and those that failed, with what can be done about them. Renders when the
/// lists changed.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::use_optimistic_updates;
/// use yew::prelude::*;
///
/// #[component]
/// fn WaitingChanges() -> Html {
///     let updates = use_optimistic_updates();
///     html! { <p>{ updates.pending().len() }</p> }
/// }
/// ```
#[hook]
pub fn use_optimistic_updates() -> UseOptimisticUpdatesHandle {
    use_updates_of(|_| true)
}
