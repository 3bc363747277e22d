//! How requests are started, aborted and shown.

use std::rc::Rc;

use super::entry::{Entry, Job};
use super::{QUERIES_MAX, Queries, QueriesOutput, cancel};
use crate::fetch::FetchPolicy;
use crate::http::HttpFailure;
use crate::map::Set;
use crate::schema::{QueryId, QueryKey};
use crate::time::Now;
use crate::view::ErrorView;

const FETCH: FetchPolicy = FetchPolicy {
    retries: 3,
    timeout_ms: 15_000,
};

impl Queries {
    /// The keys that `wanted` selects.
    pub(super) fn keys(&self, wanted: impl Fn(&QueryKey, &Entry) -> bool) -> Vec<QueryKey> {
        let wanted = self
            .entries
            .iter()
            .filter(|(key, entry)| wanted(key, entry));
        wanted.map(|(key, _)| key.clone()).collect()
    }

    /// Starts a wanted request of a query, and brings its view up to date. The next page waits for a refresh, since that
    /// decides where the page begins.
    pub(super) fn drain(&mut self, now: Now, key: &QueryKey) {
        if self.online {
            self.start(now, key);
        }
        self.show(key);
    }

    /// Notifies the listeners of a query if its view changed.
    fn show(&mut self, key: &QueryKey) {
        if let Some(entry) = self.entries.get_mut(key)
            && entry.show(self.online)
        {
            self.changed.insert(key.clone());
        }
    }

    fn start(&mut self, now: Now, key: &QueryKey) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let job = if entry.refresh.is_wanted() {
            if let Some(id) = entry.more.running() {
                entry.more.finish();
                entry.more.want();
                cancel(&mut self.outputs, [id]);
            }
            Job::Refresh
        } else if entry.more.is_wanted() && entry.refresh.is_idle() {
            if !entry.has_more() {
                entry.more.finish();
                return;
            }
            Job::More
        } else {
            return;
        };
        self.next_id += 1;
        let id = self.next_id;
        let request = entry.request(job, self.page_size);
        entry.fetcher(job).start(now, id, &FETCH);
        self.outputs.push_back(QueriesOutput::Http { id, request });
    }

    /// A call failed. The error shows when there is no retry; the data stay.
    pub(super) fn fail(&mut self, now: Now, key: &QueryKey, job: Job, failure: &HttpFailure) {
        if failure.is_unauthenticated() {
            self.outputs.push_back(QueriesOutput::Unauthenticated);
        }
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let is_outdated = job == Job::Refresh && entry.outdated;
        if !entry
            .fetcher(job)
            .fail(now, failure, &mut self.random, &FETCH)
        {
            entry.error = Some(ErrorView::from(failure));
            if job == Job::Refresh {
                entry.abandon();
            }
            if is_outdated {
                // The data were invalidated meanwhile: that is a reason of its own, with retries of its own.
                entry.refresh.want();
            }
        }
    }

    /// Reads observed queries again that are stale, as when the page gets the focus.
    pub fn read_stale(&mut self, now: Now) {
        let is_stale =
            |_: &QueryKey, entry: &Entry| entry.life.is_observed() && entry.life.is_stale(now);
        for key in self.keys(is_stale) {
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.refresh.want();
            }
            self.drain(now, &key);
        }
    }

    /// Takes over the changed rows of the pool into all queries, and notifies those that show one.
    pub(super) fn spread_pool(&mut self) {
        for (key, entry) in self.entries.iter_mut() {
            if entry.refresh_from(&self.pool) && entry.show(self.online) {
                self.changed.insert(key.clone());
            }
        }
    }

    /// Aborts the requests that nobody waits for, and forgets a query that nobody has observed for long.
    pub(super) fn let_go(&mut self, now: Now, key: &QueryKey) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let is_past = |at_ms: Option<u64>| at_ms.is_some_and(|at_ms| at_ms <= now.mono_ms);
        let forget_at_ms = entry.life.forget_at_ms();
        if is_past(entry.life.cancel_at_ms()) {
            cancel(&mut self.outputs, entry.stop());
            self.show(key);
        }
        if is_past(forget_at_ms) {
            self.forget(key);
        }
    }

    /// Forgets the least recently used queries that nobody observes, down to the bound.
    pub(super) fn forget_beyond_bound(&mut self) {
        while self.entries.len() > QUERIES_MAX {
            let unused = self
                .entries
                .iter()
                .filter(|(_, entry)| !entry.life.is_observed());
            let Some((key, _)) = unused.min_by_key(|(_, entry)| entry.used_ms) else {
                return;
            };
            let key = key.clone();
            self.forget(&key);
        }
    }

    fn forget(&mut self, key: &QueryKey) {
        let Some(mut entry) = self.entries.remove(key) else {
            return;
        };
        cancel(&mut self.outputs, entry.stop());
        let shown: Set<(QueryId, Rc<str>)> = self
            .entries
            .iter()
            .flat_map(|(key, entry)| entry.items().map(|item| (key.query, Rc::from(item.id()))))
            .collect();
        self.pool.keep_only(&shown);
    }
}
