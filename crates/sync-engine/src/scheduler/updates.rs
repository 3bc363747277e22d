//! Updates of feeds that wait to be shown: of each thing the latest value of each field.

use std::rc::Rc;

use crate::map::Map;
use crate::schema::{AnyUpdate, FeedId, FeedUpdate};

/// Waiting updates.
#[derive(Debug, Default)]
pub(super) struct Updates {
    waiting: Map<(FeedId, Rc<str>), Rc<dyn AnyUpdate>>,
}

impl Updates {
    /// Adds an update. Returns whether it was merged into an earlier one about the same thing.
    pub(super) fn add(&mut self, feed: FeedId, update: &FeedUpdate) -> bool {
        let key = (feed, Rc::from(update.0.key()));
        let Some(known) = self.waiting.get_mut(&key) else {
            self.waiting.insert(key, Rc::clone(&update.0));
            return false;
        };
        *known = known.merged(&*update.0);
        true
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes out all updates, by feed.
    pub(super) fn take(&mut self) -> Map<FeedId, Vec<Rc<dyn AnyUpdate>>> {
        let mut by_feed: Map<FeedId, Vec<_>> = Map::new();
        for ((feed, _), update) in std::mem::take(&mut self.waiting) {
            by_feed.entry(feed).or_default().push(update);
        }
        by_feed
    }
}
