//! One beat with its favorite button, its actions and their outcomes, live.

use std::rc::Rc;

use dashboard_model::Beat;
use yew::prelude::*;

use super::beat_actions::BeatActions;
use super::beat_row::BeatRow;
use super::use_beat_actions::{BeatAction, BeatNote};
use crate::components::{FavoriteButton, Rejection, Undecided, is_undecided};
use crate::format;
use crate::hooks::{UseOptimisticFavoriteHandle, use_optimistic_favorite};
use crate::text;

/// Properties of [`BeatItem`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct BeatItemProps {
    /// The beat.
    pub beat: Rc<Beat>,
    /// Whether the row itself is not yet confirmed.
    #[prop_or_default]
    pub pending: bool,
    /// The outcome of the last purchase or download of it.
    #[prop_or_default]
    pub note: Option<BeatNote>,
    /// Whether there is no network.
    #[prop_or_default]
    pub is_offline: bool,
    /// The user buys, requests the file, or answers a note.
    pub on_action: Callback<BeatAction>,
}

/// A row of the catalog or of the favorites. It renders alone when only its own favorite changed.
///
/// # Panics
/// There is no `RealtimeProvider` above it.
#[component]
pub fn BeatItem(props: &BeatItemProps) -> Html {
    let beat = &props.beat;
    let handle = use_optimistic_favorite(beat);
    let message = favorite_message(&handle).or_else(|| note_message(props));
    let is_waiting = handle.pending().is_some();
    let favorite = handle.favorite();
    let button = html! {
        <FavoriteButton
            title={beat.title.clone()}
            {favorite}
            pending={is_waiting}
            on_set={Callback::from(move |wanted| handle.set(wanted))}
        />
    };
    let action = |action: fn(Rc<Beat>) -> BeatAction| {
        let beat = Rc::clone(beat);
        props.on_action.reform(move |()| action(Rc::clone(&beat)))
    };
    let reason = props
        .is_offline
        .then_some(AttrValue::Static(text::NEEDS_NETWORK));
    let actions = html! {
        <BeatActions
            title={beat.title.clone()}
            buying={props.note == Some(BeatNote::Buying)}
            requesting={props.note == Some(BeatNote::Asking)}
            {reason}
            on_buy={action(BeatAction::Buy)}
            on_download={action(BeatAction::Download)}
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
            {actions}
            favorite={button}
        />
    }
}

fn favorite_message(handle: &UseOptimisticFavoriteHandle) -> Option<Html> {
    let (retry, leave) = (handle.clone(), handle.clone());
    let on_retry = Callback::from(move |()| retry.retry());
    if let Some(failure) = handle.failure() {
        let on_dismiss = Callback::from(move |()| leave.dismiss());
        return Some(html! { <Rejection failure={Rc::clone(failure)} {on_retry} {on_dismiss} /> });
    }
    let change = handle
        .pending()
        .filter(|change| is_undecided(change))?
        .clone();
    let on_discard = Callback::from(move |()| leave.cancel());
    Some(html! { <Undecided {change} {on_retry} {on_discard} /> })
}

fn note_message(props: &BeatItemProps) -> Option<Html> {
    let on_action = |action: BeatAction| props.on_action.reform(move |()| action.clone());
    match props.note.as_ref()? {
        BeatNote::Buying | BeatNote::Asking => None,
        BeatNote::Undecided(change) => {
            let id = change.id.clone();
            Some(html! {
                <Undecided
                    change={change.clone()}
                    on_retry={on_action(BeatAction::Retry(id.clone()))}
                    on_discard={on_action(BeatAction::Discard(id))}
                />
            })
        }
        BeatNote::Rejected(failure) => {
            let id = failure.mutation.id.clone();
            Some(html! {
                <Rejection
                    failure={Rc::clone(failure)}
                    on_retry={on_action(BeatAction::Retry(id.clone()))}
                    on_dismiss={on_action(BeatAction::Dismiss(id))}
                />
            })
        }
    }
}
