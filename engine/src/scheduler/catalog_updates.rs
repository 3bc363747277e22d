//! Changes of the catalog that wait to be shown: of each beat the latest value of each field.

use dashboard_protocol::BeatChange;

use crate::flat::FlatMap;

/// Waiting changes of beats.
#[derive(Debug, Default)]
pub(super) struct CatalogUpdates {
    beats: FlatMap<String, BeatChange>,
}

impl CatalogUpdates {
    /// Adds a change. Returns whether it replaced an earlier one of the same beat.
    pub(super) fn add(&mut self, change: BeatChange) -> bool {
        let Some(known) = self.beats.get_mut(&change.id) else {
            self.beats.insert(change.id.clone(), change);
            return false;
        };
        known.plays = change.plays.or(known.plays);
        if change.price.is_some() {
            known.price = change.price;
        }
        if change.prices.is_some() {
            known.prices = change.prices;
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        self.beats.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.beats.is_empty()
    }

    /// Takes all changes, ordered by beat.
    pub(super) fn take(&mut self) -> Vec<BeatChange> {
        std::mem::take(&mut self.beats).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashboard_protocol::Money;

    #[test]
    fn the_latest_value_of_each_field_stays() {
        let mut catalog_updates = CatalogUpdates::default();
        let change = |plays, amount: Option<i64>| BeatChange {
            id: "b".to_owned(),
            price: amount.map(|amount| Money {
                amount,
                ..Money::default()
            }),
            prices: None,
            plays,
        };
        assert!(!catalog_updates.add(change(Some(1), Some(100))));
        assert!(catalog_updates.add(change(Some(2), None)));
        assert_eq!(catalog_updates.take(), [change(Some(2), Some(100))]);
        assert!(catalog_updates.is_empty());
    }
}
