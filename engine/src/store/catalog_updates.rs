//! The market: favorites show the prices and play counts of the catalog, which carry no version.

use std::rc::Rc;

use dashboard_protocol::{BeatChange, CatalogUpdate, Resource};

use super::Store;
use crate::flat::{FlatMap, FlatSet};
use crate::http::ListName;
use crate::catalog_updates::{note, patch};
use crate::time::Now;

/// Changes that came while favorites were on their way: what comes may be older than they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Missed {
    changes: FlatMap<String, BeatChange>,
    /// Whether there were more than are kept.
    overflow: bool,
}

impl Store {
    /// Whether favorites are on their way, read or in the reply to a mutation: they may be older than what comes meanwhile.
    fn awaits_favorites(&self) -> bool {
        let fetches = &self.fetches;
        let is_read = fetches.in_flight().has(Resource::Favorites);
        is_read || fetches.is_reading(ListName::Favorites) || self.batches.sends_favorites()
    }

    /// The catalog changed: favorites, also those not yet confirmed, show the new prices and play counts.
    pub fn handle_catalog_update(&mut self, now: Now, event: &CatalogUpdate) {
        self.now = now;
        if self.awaits_favorites() {
            for change in &event.changes {
                let missed = &mut self.fetches.missed;
                missed.overflow |= !note(&mut missed.changes, change);
            }
        }
        let named: FlatSet<&str> = event.changes.iter().map(|updates| updates.id.as_str()).collect();
        self.inbox.catalog_updates(&event.changes);
        let mut changed = self.base.catalog_updates(&event.changes);
        for entry in self.log.iter_mut() {
            let Some(row) = entry.optimistic_rows.favorite.as_mut() else {
                continue;
            };
            if !named.contains(row.beat_id.as_str()) {
                continue;
            }
            let mut favorite = (**row).clone();
            let updates = event.changes.iter();
            for updates in updates.filter(|updates| updates.id == favorite.beat_id) {
                patch(&mut favorite.beat, updates);
            }
            if **row != favorite {
                *row = Rc::new(favorite);
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
        if self.base.catalog_updates(&changes) {
            self.views.dirty.insert(Resource::Favorites);
        }
    }
}
