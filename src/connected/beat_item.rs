//! One beat with its heart and what became of it, live.

use std::rc::Rc;

use dashboard_protocol::Beat;
use yew::prelude::*;

use super::refusal::Refusal;
use crate::components::{BeatRow, FavoriteButton};
use crate::format;
use crate::hooks::use_optimistic_favorite;

/// Properties of [`BeatItem`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct BeatItemProps {
    /// The beat.
    pub beat: Rc<Beat>,
    /// Whether the row itself is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// What can be done with the beat besides marking it.
    #[prop_or_default]
    pub actions: Html,
}

/// A row of the catalog or of the favorites. It renders alone when only its own heart changed.
///
/// # Panics
/// There is no `RealtimeProvider` around it.
#[component]
pub fn BeatItem(props: &BeatItemProps) -> Html {
    let beat = &props.beat;
    let heart = use_optimistic_favorite(beat);
    let message = heart.failure().map(|failure| {
        let (retry, dismiss) = (heart.clone(), heart.clone());
        html! {
            <Refusal
                failure={failure.clone()}
                on_retry={Callback::from(move |()| retry.retry())}
                on_dismiss={Callback::from(move |()| dismiss.dismiss())}
            />
        }
    });
    let (favorite, is_waiting) = (heart.favorite(), heart.pending().is_some());
    let button = html! {
        <FavoriteButton
            title={beat.title.clone()}
            {favorite}
            pending={is_waiting}
            on_set={Callback::from(move |wanted| heart.set(wanted))}
        />
    };
    html! {
        <BeatRow
            id={beat.id.clone()}
            title={beat.title.clone()}
            about={format::about_beat(beat)}
            plays={format::plays(beat.plays)}
            price={format::money(&beat.price)}
            pending={props.pending || is_waiting}
            {message}
            actions={props.actions.clone()}
            heart={button}
        />
    }
}
