//! The favorite of one beat.

use std::rc::Rc;

use dashboard_model::{Beat, Favorites, SeenBeats, SetFavorite};
use sync_engine::schema::{MutationId, MutationRef};
use sync_engine::view::{EntityView, FailureView, PendingView};
use sync_yew::{SyncClient, use_entity, use_sync};
use yew::prelude::*;

/// The handle of [`use_optimistic_favorite`].
#[derive(Clone, Debug, PartialEq)]
pub struct UseOptimisticFavoriteHandle {
    view: EntityView,
    beat: Rc<Beat>,
    client: SyncClient,
}

impl UseOptimisticFavoriteHandle {
    /// Whether the beat is shown as a favorite; `false` also while that is unknown.
    #[must_use]
    pub const fn favorite(&self) -> bool {
        self.view.present
    }

    /// Whether it is known.
    #[must_use]
    pub const fn known(&self) -> bool {
        self.view.known
    }

    /// The pending mutation, if any.
    #[must_use]
    pub const fn pending(&self) -> Option<&PendingView> {
        self.view.pending.as_ref()
    }

    /// The last rejection, until the user acts again or dismisses it.
    #[must_use]
    pub const fn failure(&self) -> Option<&Rc<FailureView>> {
        self.view.failure.as_ref()
    }

    /// Adds or removes the favorite. Shows at once; rolled back, with a reason, if the server rejects it.
    pub fn set(&self, favorite: bool) {
        let mutation = SetFavorite {
            beat_id: self.beat.id.clone(),
            favorite,
        };
        let mutation = MutationRef::with_context(mutation, &SeenBeats::one(&self.beat));
        self.client.mutate(vec![mutation], false);
    }

    /// Retries a rejected or paused mutation.
    pub fn retry(&self) {
        if let Some(id) = self.action_id() {
            self.client.retry_mutation(id);
        }
    }

    /// Cancels the pending mutation.
    pub fn cancel(&self) {
        if let Some(pending) = self.pending() {
            self.client.cancel_mutation(&pending.id);
        }
    }

    /// Dismisses the rejection.
    pub fn dismiss(&self) {
        if let Some(failure) = self.failure() {
            self.client.dismiss_failure(Some(&failure.mutation.id));
        }
    }

    fn action_id(&self) -> Option<&MutationId> {
        let failed = self.failure().map(|failure| &failure.mutation.id);
        failed.or_else(|| self.pending().map(|pending| &pending.id))
    }
}

/// Whether a beat is a favorite, and the mutation to change that. Renders when this beat's state changed, not when
/// another beat's did.
///
/// # Panics
/// There is no `RealtimeProvider` above the component.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use dashboard_model::Beat;
/// use realtime_dashboard::hooks::use_optimistic_favorite;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct FavoriteProps {
///     beat: Rc<Beat>,
/// }
///
/// #[component]
/// fn Favorite(props: &FavoriteProps) -> Html {
///     let handle = use_optimistic_favorite(&props.beat);
///     let pressed = handle.favorite();
///     let label = format!("Favorite {}", props.beat.title);
///     let onclick = move |_| handle.set(!pressed);
///     html! { <button aria-label={label} aria-pressed={pressed.to_string()} {onclick} /> }
/// }
/// ```
#[hook]
pub fn use_optimistic_favorite(beat: &Rc<Beat>) -> UseOptimisticFavoriteHandle {
    UseOptimisticFavoriteHandle {
        view: use_entity::<Favorites>(&beat.id),
        beat: Rc::clone(beat),
        client: use_sync(),
    }
}
