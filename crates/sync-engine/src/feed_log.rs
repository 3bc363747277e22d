//! Updates of feeds that came while rows were being read: the rows may be older than the updates.

use std::rc::Rc;

use crate::map::Map;
use crate::schema::{FeedId, FeedUpdate};

/// Most things whose updates are kept; past it the rows are read once more instead.
pub(crate) const UPDATES_MAX: usize = 1024;

/// Updates by feed and by what they are about.
#[derive(Clone, Debug, Default)]
pub(crate) struct FeedLog {
    updates: Map<(FeedId, Rc<str>), FeedUpdate>,
    /// Feeds with more updates than are kept.
    overflow: Vec<FeedId>,
}

impl FeedLog {
    /// Notes updates, merged with earlier ones about the same thing. Returns whether there were more than are kept.
    pub(crate) fn note(&mut self, feed: FeedId, updates: &[FeedUpdate]) -> bool {
        for update in updates {
            let key = (feed, Rc::from(update.key()));
            if let Some(known) = self.updates.get_mut(&key) {
                *known = known.merged(update);
            } else if self.updates.len() < UPDATES_MAX {
                self.updates.insert(key, update.clone());
            } else if !self.overflow.contains(&feed) {
                self.overflow.push(feed);
            }
        }
        self.overflow.contains(&feed)
    }

    /// The feeds with updates.
    pub(crate) fn feeds(&self) -> Vec<FeedId> {
        let mut feeds: Vec<_> = self.updates.keys().map(|(feed, _)| *feed).collect();
        feeds.dedup();
        feeds
    }

    /// The updates of a feed.
    pub(crate) fn of(&self, feed: FeedId) -> Vec<FeedUpdate> {
        let updates = self.updates.iter().filter(|((of, _), _)| *of == feed);
        updates.map(|(_, update)| update.clone()).collect()
    }

    /// The update of a feed about one thing.
    pub(crate) fn about(&self, feed: FeedId, key: &str) -> Option<&FeedUpdate> {
        self.updates.get(&(feed, Rc::from(key)))
    }

    /// Forgets all updates.
    pub(crate) fn clear_all(&mut self) {
        *self = Self::default();
    }

    /// Forgets a feed's updates. Returns whether there were more than were kept.
    pub(crate) fn clear(&mut self, feed: FeedId) -> bool {
        self.updates.retain(|(of, _), _| *of != feed);
        let overflowed = self.overflow.contains(&feed);
        self.overflow.retain(|of| *of != feed);
        overflowed
    }
}
