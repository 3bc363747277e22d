//! The favorite button of one beat, live.

use std::rc::Rc;

use dashboard_model::Beat;
use yew::prelude::*;

use super::favorite_button::FavoriteButton;
use crate::hooks::use_optimistic_favorite;

/// Properties of [`FavoriteToggle`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct FavoriteToggleProps {
    /// The beat.
    pub beat: Rc<Beat>,
}

/// Adds or removes a favorite, optimistically. The row around it shows the outcome of a rejected mutation.
///
/// # Panics
/// There is no `RealtimeProvider` above it.
#[component]
pub fn FavoriteToggle(props: &FavoriteToggleProps) -> Html {
    let handle = use_optimistic_favorite(&props.beat);
    let (favorite, pending) = (handle.favorite(), handle.pending().is_some());
    let on_set = Callback::from(move |wanted| handle.set(wanted));
    html! { <FavoriteButton title={props.beat.title.clone()} {favorite} {pending} {on_set} /> }
}
