//! The favorite of one beat.

use std::rc::Rc;

use dashboard_engine::view::{FailureView, FavoriteView, Key, PendingView};
use dashboard_protocol::{Beat, Resource, MutationBody};
use yew::prelude::*;

use super::use_subscription_guard::use_subscription_guard;
use super::use_view::use_view;
use crate::contexts::use_realtime;
use crate::realtime::{Topic, RealtimeHandle};

/// What [`use_optimistic_favorite`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseOptimisticFavoriteHandle {
    view: FavoriteView,
    beat: Rc<Beat>,
    realtime: RealtimeHandle,
}

impl UseOptimisticFavoriteHandle {
    /// Whether the beat is to be shown as a favorite; `false` also while that is not known.
    #[must_use]
    pub const fn favorite(&self) -> bool {
        self.view.favorite
    }

    /// Whether it is known.
    #[must_use]
    pub const fn known(&self) -> bool {
        self.view.known
    }

    /// The change that is not yet confirmed, if one is.
    #[must_use]
    pub const fn pending(&self) -> Option<&PendingView> {
        self.view.pending.as_ref()
    }

    /// The last rejection, until the user acts again or dismisses it.
    #[must_use]
    pub const fn failure(&self) -> Option<&Rc<FailureView>> {
        self.view.failure.as_ref()
    }

    /// Asks for the beat to be a favorite, or not. Shown at once; taken back, with a reason, if the server refuses.
    pub fn set(&self, favorite: bool) {
        let body = MutationBody::SetFavorite {
            beat_id: self.beat.id.clone(),
            favorite,
        };
        self.realtime
            .mutate(vec![(body, vec![Rc::clone(&self.beat)])], false);
    }

    /// Tries again what was rejected, or waits.
    pub fn retry(&self) {
        if let Some(id) = self.action_id() {
            self.realtime.retry_mutation(id);
        }
    }

    /// Takes the change back that is not confirmed.
    pub fn cancel(&self) {
        if let Some(pending) = self.pending() {
            self.realtime.cancel_mutation(&pending.mutation.id);
        }
    }

    /// Takes the rejection off.
    pub fn dismiss(&self) {
        if let Some(failure) = self.failure() {
            self.realtime.dismiss_failure(Some(&failure.mutation.id));
        }
    }

    fn action_id(&self) -> Option<&str> {
        let failed = self.failure().map(|failure| &failure.mutation);
        let pending = || self.pending().map(|pending| &pending.mutation);
        failed.or_else(pending).map(|mutation| mutation.id.as_str())
    }
}

/// Whether a beat is a favorite, and the mutation to change that. Renders when the answer for this beat changed, not when
/// another beat's did.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use std::rc::Rc;
///
/// use dashboard_protocol::Beat;
/// use realtime_dashboard::hooks::use_optimistic_favorite;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct HeartProps {
///     beat: Rc<Beat>,
/// }
///
/// #[component]
/// fn Heart(props: &HeartProps) -> Html {
///     let heart = use_optimistic_favorite(&props.beat);
///     let pressed = heart.favorite();
///     let label = format!("Favorite {}", props.beat.title);
///     let onclick = move |_| heart.set(!pressed);
///     html! { <button aria-label={label} aria-pressed={pressed.to_string()} {onclick} /> }
/// }
/// ```
#[hook]
pub fn use_optimistic_favorite(beat: &Rc<Beat>) -> UseOptimisticFavoriteHandle {
    let realtime = use_realtime();
    use_subscription_guard(&realtime, Topic::resource(Resource::Favorites));
    let id = use_memo(beat.id.clone(), |id| Rc::<str>::from(id.as_str()));
    let key = Key::Favorite(Rc::clone(&id));
    let view = use_view(&realtime, key, move |core| core.favorite(&id));
    UseOptimisticFavoriteHandle {
        view,
        beat: Rc::clone(beat),
        realtime,
    }
}
