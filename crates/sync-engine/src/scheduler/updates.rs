//! Updates of feeds that wait to be applied: of each thing the latest value of each field.

use std::rc::Rc;

use super::queue::Due;
use crate::map::Map;
use crate::schema::{FeedId, FeedUpdate};

/// Waiting updates.
#[derive(Debug, Default)]
pub(super) struct Updates {
    pub(super) waiting: Map<(FeedId, Rc<str>), FeedUpdate>,
    /// When to apply them; `Due::Low` if there are none.
    pub(super) due: Due,
}

impl Updates {
    /// Adds an update. Returns whether it was merged into an earlier one about the same thing.
    pub(super) fn add(&mut self, feed: FeedId, update: &FeedUpdate, due: Due) -> bool {
        self.due = self.due.min(due);
        let key = (feed, Rc::from(update.key()));
        let Some(known) = self.waiting.get_mut(&key) else {
            self.waiting.insert(key, update.clone());
            return false;
        };
        *known = known.merged(update);
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether there are updates that are due by `limit`.
    pub(super) fn is_due(&self, limit: Due) -> bool {
        !self.is_empty() && self.due <= limit
    }

    /// Whether updates are gathered in the low window.
    pub(super) fn are_gathered(&self) -> bool {
        !self.is_empty() && self.due == Due::Low
    }

    /// Takes out all updates, by feed.
    pub(super) fn take(&mut self) -> Map<FeedId, Vec<FeedUpdate>> {
        let mut by_feed: Map<FeedId, Vec<_>> = Map::new();
        for ((feed, _), update) in std::mem::take(self).waiting {
            by_feed.entry(feed).or_default().push(update);
        }
        by_feed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{PriceUpdate, Prices, schema};

    #[test]
    fn the_latest_value_of_each_field_stays() {
        let feed = schema().feed_id::<Prices>();
        let update = |price, views| {
            FeedUpdate::new(PriceUpdate {
                id: "a".to_owned(),
                price,
                views,
            })
        };
        let mut updates = Updates::default();
        assert!(!updates.add(feed, &update(Some(100), Some(1)), Due::Low));
        assert!(updates.add(feed, &update(None, Some(2)), Due::Low));
        assert_eq!(updates.waiting.len(), 1);
        let taken = updates.take().remove(&feed).unwrap_or_default();
        assert_eq!(taken, [update(Some(100), Some(2))]);
        assert!(updates.is_empty());
    }
}
