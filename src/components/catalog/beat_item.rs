//! One beat of the catalog or of the favorites: drawn, and with its favorite button, its actions and their outcomes, live.

use std::rc::Rc;

use dashboard_model::Beat;
use yew::prelude::*;

use super::cover::cover;
use super::use_beat_actions::{BeatAction, BeatNote};
use crate::components::{is_undecided, rejection, undecided};
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
    let (is_waiting, favorite) = (handle.pending().is_some(), handle.favorite());
    let on_set = Callback::from(move |wanted| handle.set(wanted));
    let button = favorite_button(&beat.title, favorite, is_waiting, &on_set);
    let words = BeatWords {
        about: format::about_beat(beat),
        plays: format::plays(beat.plays),
        price: format::money(&beat.price),
    };
    let pending = props.pending || is_waiting;
    beat_row(beat, &words, pending, message, beat_actions(props), button)
}

fn favorite_message(handle: &UseOptimisticFavoriteHandle) -> Option<Html> {
    let (retry, leave) = (handle.clone(), handle.clone());
    let on_retry = Callback::from(move |()| retry.retry());
    if let Some(failure) = handle.failure() {
        let on_dismiss = Callback::from(move |()| leave.dismiss());
        return Some(rejection(failure, on_retry, &on_dismiss));
    }
    let change = handle.pending().filter(|change| is_undecided(change))?;
    let on_discard = Callback::from(move |()| leave.cancel());
    Some(undecided(change, on_retry, &on_discard))
}

fn note_message(props: &BeatItemProps) -> Option<Html> {
    let on_action = |action: BeatAction| props.on_action.reform(move |()| action.clone());
    match props.note.as_ref()? {
        BeatNote::Buying | BeatNote::Asking => None,
        BeatNote::Undecided(change) => Some(undecided(
            change,
            on_action(BeatAction::Retry(change.id.clone())),
            &on_action(BeatAction::Discard(change.id.clone())),
        )),
        BeatNote::Rejected(failure) => Some(rejection(
            failure,
            on_action(BeatAction::Retry(failure.mutation.id.clone())),
            &on_action(BeatAction::Dismiss(failure.mutation.id.clone())),
        )),
    }
}

/// Draws the buttons to buy a beat and to download it. An action that is not possible now stays visible, with the reason.
fn beat_actions(props: &BeatItemProps) -> Html {
    let BeatItemProps {
        beat,
        note,
        is_offline,
        on_action,
        ..
    } = props;
    let reason = is_offline.then_some(text::NEEDS_NETWORK);
    let cannot_ask = *note == Some(BeatNote::Asking) || *is_offline;
    let on_download = {
        let (on_action, beat) = (on_action.clone(), Rc::clone(beat));
        Callback::from(move |_: MouseEvent| {
            if !cannot_ask {
                on_action.emit(BeatAction::Download(Rc::clone(&beat)));
            }
        })
    };
    let cannot_buy = *note == Some(BeatNote::Buying) || *is_offline;
    let on_buy = {
        let (on_action, beat) = (on_action.clone(), Rc::clone(beat));
        Callback::from(move |_: MouseEvent| {
            if !cannot_buy {
                on_action.emit(BeatAction::Buy(Rc::clone(&beat)));
            }
        })
    };
    let name = text::download_name(&beat.title);
    html! {
        <>
            <button
                class="button"
                aria-label={text::buy_name(&beat.title)}
                title={reason}
                aria-description={reason}
                aria-disabled={cannot_buy.then_some("true")}
                onclick={on_buy}
            >
                { text::BUY }
            </button>
            <button
                class="beat-row-file icon icon-download"
                aria-label={name.clone()}
                title={reason.map_or_else(|| name.into(), AttrValue::Static)}
                aria-description={reason}
                aria-disabled={cannot_ask.then_some("true")}
                onclick={on_download}
            />
        </>
    }
}

/// Draws a toggle with a constant name; `aria-pressed` has its state. A mutation that takes longer than 400 ms gets a
/// mark, by the delay of an animation and without a timer.
///
/// `on_set` gets the requested value: it is the target, not a toggle.
pub fn favorite_button(
    title: &str,
    favorite: bool,
    pending: bool,
    on_set: &Callback<bool>,
) -> Html {
    html! {
        <button
            class="favorite-button icon icon-heart"
            aria-label={text::favorite_name(title)}
            aria-pressed={if favorite { "true" } else { "false" }}
            data-pending={pending.then_some("true")}
            onclick={on_set.reform(move |_: MouseEvent| !favorite)}
        />
    }
}

/// A beat's values, as the user's locale writes them.
#[derive(Clone, Debug, PartialEq)]
pub struct BeatWords {
    /// The producer and the style: the second line.
    pub about: AttrValue,
    /// Play count.
    pub plays: AttrValue,
    /// Price of the basic licence.
    pub price: AttrValue,
}

/// Draws a row: cover, title, second line, plays, price, actions. `message` is the outcome of the last action on this row;
/// it covers the second line, and has a line of its own on a phone.
pub fn beat_row(
    beat: &Beat,
    words: &BeatWords,
    pending: bool,
    message: Option<Html>,
    actions: Html,
    favorite: Html,
) -> Html {
    html! {
        <li class="beat-row" data-id={beat.id.clone()} data-pending={pending.then_some("true")}>
            { cover(&beat.id) }
            <div class="beat-row-words">
                <p class="beat-row-title">{ &beat.title }</p>
                <p class="beat-row-about">{ &words.about }</p>
            </div>
            <span class="beat-row-plays tabular">{ &words.plays }</span>
            <div class="beat-row-side">
                <span class="beat-row-price tabular" data-money="true">{ &words.price }</span>
                { actions }
            </div>
            { favorite }
            if let Some(message) = message {
                <div class="beat-row-message">{ message }</div>
            }
        </li>
    }
}
