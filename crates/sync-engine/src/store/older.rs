//! Showing older rows: those that were pushed out of sight before, else a page from the server. A page that was read for
//! another end of the list than it has by now is read again.

use super::Store;
use super::pages::PageRead;
use crate::fetch::{FetchPolicy, Fetcher, TimerEvent};
use crate::http::{HttpFailure, HttpRequest};
use crate::map::Map;
use crate::schema::{ResourceId, ResourceSet, RowPage};
use crate::state::Older;
use crate::time::Now;
use crate::view::ErrorView;

/// After the last retry the user sees the error.
const POLICY: FetchPolicy = FetchPolicy {
    retries: 3,
    timeout_ms: 4000,
};

impl Store {
    /// Shows older rows of a collection; does nothing for a value.
    pub fn load_older(&mut self, now: Now, resource: ResourceId) {
        self.now = now;
        let is_known = self.server.version(resource).current;
        let is_reading = self.reads.pages.contains_key(&resource);
        if self.identity.user.is_some() && is_known && !is_reading {
            self.extend(resource);
        }
        self.commit();
    }

    fn extend(&mut self, resource: ResourceId) {
        let size = self.page_size;
        let Some(list) = self.server.list_mut(resource) else {
            return;
        };
        match list.older(size) {
            Older::End => {}
            Older::Uncovered => self.shown.views.dirty.insert(resource),
            Older::Page(cursor) => self.read_page(resource, cursor),
            Older::Snapshot => {
                list.widen(size);
                self.reread_whole(ResourceSet::one(resource));
            }
        }
    }

    fn end_of(&self, resource: ResourceId) -> u64 {
        self.server.list(resource).map_or(0, |list| list.end)
    }

    /// Makes the call for a page, or keeps it waiting as long as nothing may be sent.
    fn read_page(&mut self, resource: ResourceId, cursor: String) {
        let former = self.reads.pages.get(&resource);
        let mut fetcher = former.map_or_else(Fetcher::default, |read| read.fetcher.clone());
        fetcher.want();
        if !self.identity.paused {
            let id = self.io.call(HttpRequest::Older {
                resource,
                cursor,
                limit: self.page_size,
            });
            fetcher.start(self.now, id, &POLICY);
        }
        let read = PageRead {
            fetcher,
            end: self.end_of(resource),
            changed: Map::new(),
        };
        self.reads.pages.insert(resource, read);
        self.shown.views.dirty.insert(resource);
    }

    /// A snapshot gave the list another end: a page in flight would leave a hole, so it is read from the new one.
    pub(super) fn restart_page(&mut self, resource: ResourceId) {
        if let Some(read) = self.reads.pages.remove(&resource) {
            if let Some(id) = read.fetcher.running() {
                self.io.cancel(id);
            }
            self.extend(resource);
        }
    }

    /// The result of a page; nothing happens if the id is of none.
    pub(super) fn on_page(&mut self, id: u64, result: Result<RowPage, HttpFailure>) {
        let mut pages = self.reads.pages.iter();
        let page = pages.find(|(_, read)| read.fetcher.running() == Some(id));
        let Some(resource) = page.map(|(resource, _)| *resource) else {
            return;
        };
        let Some(read) = self.reads.pages.remove(&resource) else {
            return;
        };
        self.shown.views.dirty.insert(resource);
        match result {
            Ok(_) if read.end != self.end_of(resource) || read.is_outdated() => {
                self.extend(resource);
            }
            Ok(page) => {
                let rows = read.updated(page.rows);
                if let Some(list) = self.server.list_mut(resource) {
                    list.append(rows, page.next_cursor);
                }
                let error = self.reads.error_mut(resource);
                if error.failures == 0 {
                    error.error = None;
                }
            }
            // The cursor is no longer good: the list is read whole and gets a new one.
            Err(HttpFailure::Status { status: 400, .. }) => {
                self.reread_whole(ResourceSet::one(resource));
            }
            Err(failure) => self.page_failed(resource, read, &failure),
        }
    }

    /// A page waits for a retry, or for the sign-in; after the last retry the user sees the error and may ask again.
    fn page_failed(&mut self, resource: ResourceId, mut read: PageRead, failure: &HttpFailure) {
        if failure.is_unauthenticated() {
            read.fetcher.finish();
            read.fetcher.want();
            self.ask_for_sign_in();
        } else if !read
            .fetcher
            .fail(self.now, failure, &mut self.random, &POLICY)
        {
            self.reads.error_mut(resource).error = Some(ErrorView::from(failure));
            return;
        }
        self.reads.pages.insert(resource, read);
    }

    /// Times out pages that take too long, and makes the calls that are due once more.
    pub(super) fn page_timeouts(&mut self) {
        for resource in self.schema().resources() {
            let read = self.reads.pages.get_mut(&resource);
            match read.map(|read| read.fetcher.handle_timeout(self.now)) {
                Some(TimerEvent::TimedOut(id)) => {
                    self.io.cancel(id);
                    self.on_page(id, Err(HttpFailure::Timeout));
                }
                Some(TimerEvent::Retry) if !self.identity.paused => self.resume_page(resource),
                Some(TimerEvent::Retry | TimerEvent::Nothing) | None => {}
            }
        }
    }

    /// Calls may be made again: pages that waited are read now.
    pub(super) fn resume_pages(&mut self) {
        for resource in self.schema().resources() {
            let read = self.reads.pages.get(&resource);
            if read.is_some_and(|read| read.fetcher.running().is_none()) {
                self.resume_page(resource);
            }
        }
    }

    /// Reads a page that waited, from where the list ends by now.
    fn resume_page(&mut self, resource: ResourceId) {
        self.extend(resource);
        let read = self.reads.pages.get(&resource);
        if read.is_some_and(|read| read.fetcher.running().is_none()) {
            // There were kept rows to uncover instead.
            self.reads.pages.remove(&resource);
            self.shown.views.dirty.insert(resource);
        }
    }
}
