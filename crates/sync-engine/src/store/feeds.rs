//! Feeds: rows show the values of public updates, which carry no version.

use std::rc::Rc;

use super::Store;
use crate::schema::{FeedId, FeedUpdate, ResourceSet};
use crate::time::Now;

impl Store {
    /// A feed brought updates: rows show the new values, also predicted ones.
    pub fn handle_updates(&mut self, now: Now, feed: FeedId, updates: &[FeedUpdate]) {
        self.now = now;
        let patched = self.schema().patched_by(feed);
        if self.awaits_rows(patched) {
            let _overflow = self.reads.feed_log.note(feed, updates);
        }
        let schema = Rc::clone(self.schema());
        self.inbox.patch(&schema, feed, updates);
        let changed = self.server.patch(feed, updates);
        let predicted = self.pending.patch(&schema, feed, updates);
        self.shown.views.dirty.insert_all(changed | predicted);
        self.commit();
    }

    /// Whether rows of these resources are being read, or may come in the reply to a mutation: they may be older than
    /// updates that come meanwhile.
    fn awaits_rows(&self, resources: ResourceSet) -> bool {
        let is_read = !(self.reads.in_flight() & resources).is_empty();
        let is_paged = || {
            resources
                .iter()
                .any(|one| self.reads.pages.contains_key(&one))
        };
        is_read || is_paged() || self.outbox.sends_any_of(resources)
    }

    /// Rows came, or did not: updates that came meanwhile are put over them.
    pub(super) fn apply_feed_log(&mut self) {
        for feed in self.reads.feed_log.feeds() {
            let updates = self.reads.feed_log.of(feed);
            let patched = self.schema().patched_by(feed);
            if !self.awaits_rows(patched) && self.reads.feed_log.clear(feed) {
                self.reread_whole(patched);
            }
            let changed = self.server.patch(feed, &updates);
            self.shown.views.dirty.insert_all(changed);
        }
    }
}
