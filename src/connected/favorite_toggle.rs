//! The favorite of one beat, live.

use std::rc::Rc;

use dashboard_model::Beat;
use yew::prelude::*;

use crate::components::FavoriteButton;
use crate::hooks::use_optimistic_favorite;

/// Properties of [`FavoriteToggle`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct FavoriteToggleProps {
    /// The beat.
    pub beat: Rc<Beat>,
}

/// Marks a beat or takes the mark back, at once. What became of a rejected mutation is for the row around it to show.
///
/// # Panics
/// There is no `RealtimeProvider` around it.
#[component]
pub fn FavoriteToggle(props: &FavoriteToggleProps) -> Html {
    let heart = use_optimistic_favorite(&props.beat);
    let (favorite, pending) = (heart.favorite(), heart.pending().is_some());
    let on_set = Callback::from(move |wanted| heart.set(wanted));
    html! { <FavoriteButton title={props.beat.title.clone()} {favorite} {pending} {on_set} /> }
}
