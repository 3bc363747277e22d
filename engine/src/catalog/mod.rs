//! The catalog: pages of beats under search texts, read when somebody looks and kept for a while.
//!
//! The catalog has no versions, so it is a plain query: shown at once as it was last read, and read again when it has
//! grown stale and somebody looks ([`query::QueryPolicy`]). Prices and play counts come over the market stream in
//! between and are written into the loaded beats. One beat is one value, whatever lists show it.
//!
//! Driven as [`crate::core`] says.

mod entry;
pub mod fetcher;
mod flow;
mod pages;
pub mod query;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::rc::Rc;

use dashboard_protocol::{Beat, BeatChange, Page};

use self::entry::{Entry, Job, Refreshed};
use self::fetcher::TimerEvent;
use self::pages::Pool;
use self::query::QueryPolicy;
use crate::flat::{FlatMap, FlatSet};
use crate::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use crate::random::Random;
use crate::settings::Settings;
use crate::time::{Now, earliest};
use crate::view::{CatalogView, Key, QueryView};

/// Search texts that are kept. Past it the one that was not looked at for the longest time is forgotten.
pub const QUERIES_MAX: usize = 32;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum CatalogOutput {
    /// Make a call and report its result under this id.
    Http {
        /// Which call.
        id: u64,
        /// The call.
        request: HttpRequest,
    },
    /// Give a call up: its result no longer matters.
    CancelHttp {
        /// Which call.
        id: u64,
    },
    /// What is shown under a key changed.
    Changed(Key),
    /// The server said that nobody is signed in.
    Unauthenticated,
}

/// The catalog.
#[derive(Debug)]
pub struct Catalog {
    page_size: usize,
    policy: QueryPolicy,
    random: Random,
    online: bool,
    next_id: u64,
    entries: FlatMap<Rc<str>, Entry>,
    runs: FlatMap<u64, (Rc<str>, Job)>,
    pool: Pool,
    outputs: VecDeque<CatalogOutput>,
    changed: FlatSet<Rc<str>>,
}

impl Catalog {
    /// A catalog of which nothing is known. `seed` spreads its retries.
    #[must_use]
    pub fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            page_size: settings.page_size,
            policy: QueryPolicy::DEFAULT,
            random: Random::new(seed),
            online: true,
            next_id: 0,
            entries: FlatMap::new(),
            runs: FlatMap::new(),
            pool: Pool::default(),
            outputs: VecDeque::new(),
            changed: FlatSet::new(),
        }
    }

    // Mutations.

    /// Somebody shows the catalog under a search text; counted. It is read if it is stale.
    pub fn hold(&mut self, now: Now, query: &str) {
        let key = self.key(query);
        let entry = self.entries.or_default(Rc::clone(&key));
        entry.life.hold();
        entry.used_ms = now.mono_ms;
        if entry.life.is_stale(now, &self.policy) {
            entry.refresh.want();
        }
        self.drain(now, &key);
        self.forget_beyond_bound();
    }

    /// Somebody no longer shows it.
    pub fn release(&mut self, now: Now, query: &str) {
        if let Some(entry) = self.entries.get_mut(query) {
            entry.life.release(now);
            entry.used_ms = now.mono_ms;
        }
        self.forget_beyond_bound();
    }

    /// Read more of it; without effect if there is no more, or if more is being read.
    pub fn load_more(&mut self, now: Now, query: &str) {
        let key = self.key(query);
        if let Some(entry) = self.entries.get_mut(query)
            && entry.has_more()
        {
            entry.more.want();
            self.drain(now, &key);
        }
    }

    /// What is known under a search text is wrong; without one, under all texts. What is on screen is read again, and
    /// the rest when it is looked at.
    pub fn refetch(&mut self, now: Now, query: Option<&str>) {
        for key in self.keys(|key, _| query.is_none_or(|query| query == &**key)) {
            if let Some(entry) = self.entries.get_mut(&key) {
                if entry.life.is_observed() {
                    entry.invalidate();
                } else {
                    entry.life.invalidate();
                }
            }
            self.drain(now, &key);
        }
    }

    /// Takes a first page in as if it had been read just now. What is being read under that search text is given up.
    pub fn set(&mut self, now: Now, query: &str, page: Page<Beat>) {
        let key = self.key(query);
        let entry = self.entries.or_default(Rc::clone(&key));
        if !entry.life.is_observed() {
            // Nobody looks yet: the time after which it is forgotten begins.
            entry.life.release(now);
        }
        entry.used_ms = now.mono_ms;
        let given_up = entry.stop();
        entry.replace(page, &mut self.pool);
        entry.life.read(now);
        for id in given_up {
            self.cancel(id);
        }
        self.spread_pool();
        self.drain(now, &key);
        self.forget_beyond_bound();
    }

    /// The session has ended: every call is given up and nothing is started, as without a network. What is known stays,
    /// and is read again by whoever looks once calls can be made.
    pub fn set_aside(&mut self) {
        self.online = false;
        for (id, _) in std::mem::take(&mut self.runs) {
            self.outputs.push_back(CatalogOutput::CancelHttp { id });
        }
        for (key, entry) in self.entries.iter_mut() {
            drop(entry.stop());
            entry.life.invalidate();
            if entry.show(false) {
                self.changed.insert(Rc::clone(key));
            }
        }
    }

    /// Forgets all data, as when the user has signed out. Who looks stays known: they stop by themselves.
    pub fn clear(&mut self) {
        self.outputs.clear();
        for (id, _) in std::mem::take(&mut self.runs) {
            self.outputs.push_back(CatalogOutput::CancelHttp { id });
        }
        self.entries.retain(|_, entry| entry.life.is_observed());
        self.pool = Pool::default();
        self.changed.clear();
        for (key, entry) in self.entries.iter_mut() {
            entry.forget();
            if entry.show(self.online) {
                self.changed.insert(Rc::clone(key));
            }
        }
    }

    // What happened.

    /// Changes of prices and play counts have come. Only beats that really change get another pointer, and only lists
    /// that show one of them are told.
    pub fn apply_catalog_updates(&mut self, changes: &[BeatChange]) {
        let mut any = false;
        for change in changes {
            any |= self.pool.patch(change);
        }
        for entry in self.entries.values_mut() {
            entry.note_catalog_update(changes);
        }
        if any {
            self.spread_pool();
        }
    }

    /// The result of a call. That of a call which was given up is ignored.
    pub fn handle_http(&mut self, now: Now, id: u64, result: HttpResult) {
        let Some((key, job)) = self.runs.remove(&id) else {
            return;
        };
        match (result, job) {
            (Ok(HttpReply::Beats(page)), Job::Refresh) => {
                let Some(entry) = self.entries.get_mut(&key) else {
                    return;
                };
                entry.refresh.finish();
                match entry.refreshed(page, &mut self.pool, self.page_size) {
                    Refreshed::Next | Refreshed::Discarded => entry.refresh.want(),
                    Refreshed::Done => entry.life.read(now),
                }
                self.spread_pool();
            }
            (Ok(HttpReply::Beats(page)), Job::More) => {
                let Some(entry) = self.entries.get_mut(&key) else {
                    return;
                };
                entry.more.finish();
                entry.loaded_more(page, &mut self.pool);
                self.spread_pool();
            }
            (Ok(_), _) => self.fail(now, &key, job, &HttpFailure::Malformed { status: 200 }),
            (Err(failure), _) => self.fail(now, &key, job, &failure),
        }
        self.drain(now, &key);
    }

    /// The page got the focus: what is on screen and stale is read again.
    pub fn on_focus(&mut self, now: Now) {
        self.read_stale(now);
    }

    /// The live connection is back. If the market stream was not recovered, changes were missed and what is on screen
    /// is read again; else only what is stale.
    pub fn on_reconnected(&mut self, now: Now, recovered: bool) {
        if recovered {
            self.read_stale(now);
        } else {
            self.refetch(now, None);
        }
    }

    /// The server can be asked, or not: there is no network, or nobody is signed in. Nothing is started then.
    pub fn set_online(&mut self, now: Now, online: bool) {
        if self.online == online {
            return;
        }
        self.online = online;
        if online {
            self.read_stale(now);
        }
        for key in self.keys(|_, _| true) {
            self.drain(now, &key);
        }
    }

    /// The alarm rang; harmless if it rang early or late.
    pub fn handle_timeout(&mut self, now: Now) {
        for key in self.keys(|_, _| true) {
            for job in [Job::Refresh, Job::More] {
                let event = self.entries.get_mut(&key).map_or(TimerEvent::Nothing, |entry| {
                    entry.fetcher(job).handle_timeout(now)
                });
                match event {
                    TimerEvent::Nothing => {}
                    TimerEvent::Retry => self.drain(now, &key),
                    TimerEvent::TimedOut(id) => {
                        self.cancel(id);
                        self.fail(now, &key, job, &HttpFailure::Timeout);
                        self.drain(now, &key);
                    }
                }
            }
            self.let_go(now, &key);
        }
    }

    // What to do.

    /// The next thing to do. A key that changed is told once, however often it did since the last one.
    pub fn poll_output(&mut self) -> Option<CatalogOutput> {
        let output = self.outputs.pop_front();
        output.or_else(|| {
            let key = self.changed.pop_first()?;
            Some(CatalogOutput::Changed(Key::Catalog(key)))
        })
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let deadline = |entry: &Entry| {
            let requests = earliest(entry.refresh.next_deadline(), entry.more.next_deadline());
            let rests = entry.refresh.is_idle() && entry.more.is_idle();
            let cancel = entry.life.cancel_at_ms(&self.policy).filter(|_| !rests);
            let forget = entry.life.forget_at_ms(&self.policy);
            earliest(earliest(requests, cancel), forget)
        };
        self.entries.values().filter_map(deadline).min()
    }

    // Reads.

    /// The catalog under a search text.
    #[must_use]
    pub fn view(&self, query: &str) -> QueryView<CatalogView> {
        self.entries
            .get(query)
            .map(|entry| entry.view(self.online))
            .unwrap_or_default()
    }

    /// A beat, if any list has loaded it.
    #[must_use]
    pub fn beat(&self, id: &str) -> Option<Rc<Beat>> {
        self.pool.get(id).cloned()
    }
}
