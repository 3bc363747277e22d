//! Changes of the market, for whoever shows beats.

use dashboard_protocol::{Beat, BeatChange, Change, Event};

use crate::flat::FlatMap;

/// Changes that are noted while something is being read; past it that is read once more instead.
pub(crate) const MISSED_MAX: usize = 1024;

/// Notes a change for what is being read and may not know it; `false` if that are too many.
pub(crate) fn note(missed: &mut FlatMap<String, BeatChange>, change: &BeatChange) -> bool {
    if missed.len() >= MISSED_MAX && !missed.contains_key(&change.id) {
        return false;
    }
    let noted = missed.or_default(change.id.clone());
    noted.id.clone_from(&change.id);
    noted.plays = change.plays.or(noted.plays);
    if change.price.is_some() {
        noted.price.clone_from(&change.price);
    }
    if change.prices.is_some() {
        noted.prices.clone_from(&change.prices);
    }
    true
}

/// Gives the beats in an event that still waits the values of changes that came after it: applied afterwards, it must
/// not bring former ones back.
pub(crate) fn patch_event(event: &mut Event, changes: &[BeatChange]) {
    for change in &mut event.changes {
        if let Change::FavoriteAdded(favorite) = change {
            for update in changes.iter().filter(|update| update.id == favorite.beat_id) {
                patch(&mut favorite.beat, update);
            }
        }
    }
}

/// Gives a beat the values that a change names.
pub(crate) fn patch(beat: &mut Beat, change: &BeatChange) {
    if let Some(prices) = &change.prices {
        beat.price.clone_from(&prices.basic);
        beat.prices.clone_from(prices);
    }
    if let Some(price) = &change.price {
        beat.price.clone_from(price);
        beat.prices.basic.clone_from(price);
    }
    if let Some(plays) = change.plays {
        beat.plays = plays;
    }
}
