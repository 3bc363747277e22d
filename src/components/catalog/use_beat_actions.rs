//! Purchases and downloads of beats, and their outcomes, by beat.

use std::rc::Rc;

use dashboard_model::{Beat, DownloadFormat, License, PlaceOrder, RequestDownload};
use sync_engine::map::Map;
use sync_engine::schema::{MutationId, MutationRef};
use sync_engine::status::ShownState;
use sync_engine::view::{FailureView, MutationState, PendingView};
use yew::prelude::*;

use super::beat_item::BeatItem;
use crate::components::is_undecided;
use crate::hooks::{
    UseOptimisticUpdatesHandle, use_optimistic_download, use_optimistic_order,
    use_realtime_connection,
};

/// The outcome of the last action on a beat, as long as there is something to show.
#[derive(Clone, Debug, PartialEq)]
pub enum BeatNote {
    /// A purchase is in progress.
    Buying,
    /// A download is being requested.
    Asking,
    /// A mutation that waits for the user's decision: the price changed, or it could not be sent.
    Undecided(PendingView),
    /// The server rejected it.
    Rejected(Rc<FailureView>),
}

/// An action of the user on a beat, other than marking it as a favorite.
#[derive(Clone, Debug, PartialEq)]
pub enum BeatAction {
    /// Buy it, under the basic license.
    Buy(Rc<Beat>),
    /// Request its file, as mp3.
    Download(Rc<Beat>),
    /// Do it anyway: after a rejection, or at the new price.
    Retry(MutationId),
    /// Discard it, while it waits for the user's decision.
    Discard(MutationId),
    /// Dismiss the message.
    Dismiss(MutationId),
}

/// The handle of [`use_beat_actions`].
#[derive(Clone, Debug, PartialEq)]
pub struct UseBeatActionsHandle {
    notes: Map<String, BeatNote>,
    /// The same callback for all rows and all renders.
    on_action: Callback<BeatAction>,
    /// Purchases and downloads cannot wait for a network.
    is_offline: bool,
}

impl UseBeatActionsHandle {
    /// Draws the row of a beat, with the outcome of the last action on it.
    pub fn row(&self, beat: &Rc<Beat>, pending: bool) -> Html {
        let note = self.notes.get(&beat.id).cloned();
        html! {
            <BeatItem
                key={beat.id.clone()}
                beat={Rc::clone(beat)}
                {note}
                {pending}
                is_offline={self.is_offline}
                on_action={self.on_action.clone()}
            />
        }
    }
}

/// Buys and downloads beats for a whole list at once, so that rows need not follow all mutations of the user. A request
/// for a file that is already being prepared makes no new mutation: `on_made` gets the id of the active download, and
/// leads the user there.
///
/// # Panics
/// There is no `RealtimeProvider` above the component.
#[hook]
pub fn use_beat_actions(on_made: Callback<AttrValue>) -> UseBeatActionsHandle {
    let orders = use_optimistic_order();
    let downloads = use_optimistic_download();
    let is_offline = use_realtime_connection().view().shown == ShownState::Offline;
    let notes = notes([orders.updates(), downloads.updates()]);
    // The handles of the last render: a row's callback outlives many renders.
    let latest = use_mut_ref(|| None);
    latest.replace(Some((orders, downloads, on_made)));
    let on_action = use_callback((), move |action, ()| {
        let handles = latest.borrow().clone();
        let Some((orders, downloads, on_made)) = handles else {
            return;
        };
        match action {
            BeatAction::Buy(beat) => drop(orders.place(vec![(beat, License::Basic)])),
            BeatAction::Download(beat) => {
                match downloads.in_progress(&beat.id, DownloadFormat::Mp3) {
                    Some(download) => on_made.emit(download.id.clone().into()),
                    None => drop(downloads.request(&beat, DownloadFormat::Mp3)),
                }
            }
            BeatAction::Retry(id) => orders.updates().retry(&id),
            BeatAction::Discard(id) => orders.updates().cancel(&id),
            BeatAction::Dismiss(id) => orders.updates().dismiss(&id),
        }
    });
    UseBeatActionsHandle {
        notes,
        on_action,
        is_offline,
    }
}

/// The notes to show, by beat. A later action of the user replaces a rejection.
fn notes(updates: [&UseOptimisticUpdatesHandle; 2]) -> Map<String, BeatNote> {
    let mut notes = Map::new();
    for failure in updates.iter().flat_map(|of| of.failures().iter().rev()) {
        for beat_id in beats_of(&failure.mutation.mutation) {
            notes.insert(beat_id.to_owned(), BeatNote::Rejected(Rc::clone(failure)));
        }
    }
    for pending in updates.iter().flat_map(|of| of.pending()) {
        for beat_id in beats_of(&pending.mutation) {
            if let Some(note) = note_of(pending) {
                notes.insert(beat_id.to_owned(), note);
            }
        }
    }
    notes
}

fn beats_of(mutation: &MutationRef) -> Vec<&str> {
    if let Some(order) = mutation.downcast::<PlaceOrder>() {
        return order.lines.iter().map(|line| &*line.beat_id).collect();
    }
    let file = mutation.downcast::<RequestDownload>();
    file.map(|file| &*file.beat_id).into_iter().collect()
}

fn note_of(pending: &PendingView) -> Option<BeatNote> {
    if is_undecided(pending) {
        return Some(BeatNote::Undecided(pending.clone()));
    }
    let is_unsettled = matches!(
        pending.state,
        MutationState::Queued | MutationState::Sent | MutationState::Unknown
    );
    if !is_unsettled {
        return None;
    }
    if pending.mutation.downcast::<PlaceOrder>().is_some() {
        return Some(BeatNote::Buying);
    }
    let file = pending.mutation.downcast::<RequestDownload>();
    file.map(|_| BeatNote::Asking)
}
