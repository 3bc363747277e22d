//! The market: favorites show the prices and play counts of the catalog, which carry no version.

use std::rc::Rc;

use dashboard_protocol::{BeatChange, MarketEvent, Resource};

use super::Store;
use crate::flat::{FlatMap, FlatSet};
use crate::http::ListName;
use crate::market::{note, patch};
use crate::time::Now;

/// Changes that came while favorites were on their way: what comes may be older than they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Missed {
    changes: FlatMap<String, BeatChange>,
    /// Whether there were more than are kept.
    overflow: bool,
}

impl Store {
    /// Whether favorites are on their way, read or in the reply to a wish: they may be older than what comes meanwhile.
    fn awaits_favorites(&self) -> bool {
        let fetches = &self.fetches;
        let is_read = fetches.in_flight().has(Resource::Favorites);
        is_read || fetches.is_reading(ListName::Favorites) || self.parcels.sends_favorites()
    }

    /// The catalog changed: favorites, also those not yet confirmed, show the new prices and play counts.
    pub fn handle_market(&mut self, now: Now, event: &MarketEvent) {
        self.now = now;
        if self.awaits_favorites() {
            for change in &event.changes {
                let missed = &mut self.fetches.missed;
                missed.overflow |= !note(&mut missed.changes, change);
            }
        }
        let named: FlatSet<&str> = event.changes.iter().map(|news| news.id.as_str()).collect();
        self.inbox.market(&event.changes);
        let mut changed = self.base.market(&event.changes);
        for entry in self.log.iter_mut() {
            let Some(draft) = entry.drafts.favorite.as_mut() else {
                continue;
            };
            if !named.contains(draft.beat_id.as_str()) {
                continue;
            }
            let mut favorite = (**draft).clone();
            let news = event.changes.iter();
            for news in news.filter(|news| news.id == favorite.beat_id) {
                patch(&mut favorite.beat, news);
            }
            if **draft != favorite {
                *draft = Rc::new(favorite);
                changed = true;
            }
        }
        if changed {
            self.views.dirty.insert(Resource::Favorites);
        }
        self.commit();
    }

    /// Favorites came, or did not: what changed on the market meanwhile is put over them.
    pub(super) fn apply_missed(&mut self) {
        let missed = &self.fetches.missed;
        if missed.changes.is_empty() {
            return;
        }
        let changes: Vec<_> = missed.changes.values().cloned().collect();
        let overflow = missed.overflow;
        if !self.awaits_favorites() {
            self.fetches.missed = Missed::default();
            if overflow {
                self.reread_whole(Resource::Favorites);
            }
        }
        if self.base.market(&changes) {
            self.views.dirty.insert(Resource::Favorites);
        }
    }
}
