//! The cache of plain queries: pages of rows under parameters, read while a component observes them and kept for a while.
//!
//! A query has no versions: its rows are shown at once as they were last read, and are read again when they are stale and
//! observed ([`life`]). Between reads, updates of feeds change the loaded rows. A row is one value, however
//! many queries show it.
//!
//! Driven as [`crate::core`] says.

mod entry;
mod flow;
pub mod life;
mod pages;

use std::collections::VecDeque;
use std::rc::Rc;

use self::entry::{Entry, Job};
use self::pages::Pool;
use crate::fetch::TimerEvent;
use crate::http::{HttpFailure, HttpReply, HttpRequest, HttpResult};
use crate::map::{Map, MapExt as _, Set};
use crate::random::Random;
use crate::schema::{FeedId, FeedUpdate, Item, ItemPage, QueryId, QueryKey, Schema, item_rc};
use crate::settings::Settings;
use crate::time::{Now, earliest};
use crate::view::{Key, PagesView, QueryView};

/// Queries that are kept. Past it the least recently used one that nobody observes is forgotten.
pub const QUERIES_MAX: usize = 32;

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum QueriesOutput {
    /// Make a call and report its result under this id.
    Http {
        /// Which call.
        id: u64,
        /// The call.
        request: HttpRequest,
    },
    /// Abort a call: its result no longer matters.
    CancelHttp {
        /// Which call.
        id: u64,
    },
    /// The view of a key changed.
    Changed(Key),
    /// The server said that nobody is signed in.
    Unauthenticated,
}

/// The query cache.
#[derive(Debug)]
pub struct Queries {
    schema: Rc<Schema>,
    page_size: usize,
    random: Random,
    online: bool,
    next_id: u64,
    entries: Map<QueryKey, Entry>,
    pool: Pool,
    outputs: VecDeque<QueriesOutput>,
    changed: Set<QueryKey>,
}

impl Queries {
    /// An empty cache. `seed` spreads its retries.
    #[must_use]
    pub fn new(schema: &Rc<Schema>, settings: &Settings, seed: u64) -> Self {
        Self {
            schema: Rc::clone(schema),
            page_size: settings.page_size,
            random: Random::new(seed),
            online: true,
            next_id: 0,
            entries: Map::new(),
            pool: Pool::default(),
            outputs: VecDeque::new(),
            changed: Set::new(),
        }
    }

    // Requests of components.

    /// A component observes a query; counted. The query is read if it is stale.
    pub fn observe(&mut self, now: Now, key: &QueryKey) {
        let new = || Entry::new(key.clone());
        let entry = self.entries.entry(key.clone()).or_insert_with(new);
        entry.life.observe();
        entry.used_ms = now.mono_ms;
        if entry.life.is_stale(now) {
            entry.refresh.want();
        }
        self.drain(now, key);
        self.forget_beyond_bound();
    }

    /// A component no longer observes a query.
    pub fn release(&mut self, now: Now, key: &QueryKey) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.life.release(now);
            entry.used_ms = now.mono_ms;
        }
        self.forget_beyond_bound();
    }

    /// Reads the next page; no effect if there is none, or if it is being read.
    pub fn load_more(&mut self, now: Now, key: &QueryKey) {
        if let Some(entry) = self.entries.get_mut(key)
            && entry.has_more()
        {
            entry.more.want();
            self.drain(now, key);
        }
    }

    /// Invalidates a query, or all of them. Observed ones are read again now, the others when they are observed.
    pub fn refetch(&mut self, now: Now, query: Option<&QueryKey>) {
        for key in self.keys(|key, _| query.is_none_or(|query| query == key)) {
            if let Some(entry) = self.entries.get_mut(&key) {
                if entry.life.is_observed() {
                    entry.invalidate();
                } else {
                    entry.life.invalid = true;
                }
            }
            self.drain(now, &key);
        }
    }

    /// Sets a query's first page as if it had been read just now. A read in flight is aborted.
    pub fn set(&mut self, now: Now, key: &QueryKey, page: ItemPage) {
        let new = || Entry::new(key.clone());
        let entry = self.entries.entry(key.clone()).or_insert_with(new);
        if !entry.life.is_observed() {
            // Nobody observes it yet: the time after which it is forgotten begins.
            entry.life.release(now);
        }
        entry.used_ms = now.mono_ms;
        cancel(&mut self.outputs, entry.stop());
        entry.replace(&self.schema, page, &mut self.pool);
        entry.life.read(now);
        self.spread_pool();
        self.drain(now, key);
        self.forget_beyond_bound();
    }

    /// The session has ended: every call is aborted and none is started, as without a network. The data stay, and are read
    /// again for their observers once calls can be made.
    pub fn end_session(&mut self) {
        self.online = false;
        for (key, entry) in self.entries.iter_mut() {
            cancel(&mut self.outputs, entry.stop());
            entry.life.invalid = true;
            if entry.show(false) {
                self.changed.insert(key.clone());
            }
        }
    }

    /// Forgets all data, as when the user has signed out. Observers stay: they release by themselves.
    pub fn clear(&mut self) {
        self.outputs.clear();
        for entry in self.entries.values_mut() {
            cancel(&mut self.outputs, entry.stop());
        }
        self.entries.retain(|_, entry| entry.life.is_observed());
        self.pool = Pool::default();
        self.changed.clear();
        for (key, entry) in self.entries.iter_mut() {
            entry.forget();
            if entry.show(self.online) {
                self.changed.insert(key.clone());
            }
        }
    }

    // Inputs.

    /// A feed brought updates. Only rows that change get another pointer, and only queries that show one of them notify.
    pub fn apply_updates(&mut self, feed: FeedId, updates: &[FeedUpdate]) {
        let changed = self.pool.patch(&self.schema, feed, updates);
        for entry in self.entries.values_mut() {
            entry.note_updates(feed, updates);
        }
        if changed {
            self.spread_pool();
        }
    }

    /// The result of a call. That of an aborted call is ignored.
    pub fn handle_http(&mut self, now: Now, id: u64, result: HttpResult) {
        let run_of = |(key, entry): (&QueryKey, &Entry)| Some((key.clone(), entry.job_of(id)?));
        let Some((key, job)) = self.entries.iter().find_map(run_of) else {
            return;
        };
        let page = match result {
            Ok(HttpReply::Query(page)) => Ok(page),
            Ok(_) => Err(HttpFailure::Malformed { status: 200 }),
            Err(failure) => Err(failure),
        };
        match page {
            Err(failure) => self.fail(now, &key, job, &failure),
            Ok(page) => {
                self.read_page(now, &key, job, page);
                self.spread_pool();
            }
        }
        self.drain(now, &key);
    }

    fn read_page(&mut self, now: Now, key: &QueryKey, job: Job, page: ItemPage) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        entry.fetcher(job).finish();
        match job {
            Job::More => entry.loaded_more(&self.schema, page, &mut self.pool),
            Job::Refresh => {
                if entry.refreshed(&self.schema, page, &mut self.pool, self.page_size) {
                    entry.life.read(now);
                } else {
                    entry.refresh.want();
                }
            }
        }
    }

    /// The live connection is back. If a feed was not recovered, updates were missed and all observed queries are read
    /// again; otherwise only those that are stale.
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
                let Some(entry) = self.entries.get_mut(&key) else {
                    continue;
                };
                match entry.fetcher(job).handle_timeout(now) {
                    TimerEvent::Nothing => {}
                    TimerEvent::Retry => self.drain(now, &key),
                    TimerEvent::TimedOut(id) => {
                        cancel(&mut self.outputs, [id]);
                        self.fail(now, &key, job, &HttpFailure::Timeout);
                        self.drain(now, &key);
                    }
                }
            }
            self.let_go(now, &key);
        }
    }

    // Outputs.

    /// The next thing to do. A changed key is emitted once, however often it changed since.
    pub fn poll_output(&mut self) -> Option<QueriesOutput> {
        let output = self.outputs.pop_front();
        output.or_else(|| {
            let key = self.changed.pop_first()?;
            Some(QueriesOutput::Changed(Key::Query(key)))
        })
    }

    /// When [`Self::handle_timeout`] is wanted next, by `Now::mono_ms`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let deadline = |entry: &Entry| {
            let requests = earliest(entry.refresh.next_deadline(), entry.more.next_deadline());
            let rests = entry.refresh.is_idle() && entry.more.is_idle();
            let cancel = entry.life.cancel_at_ms().filter(|_| !rests);
            let forget = entry.life.forget_at_ms();
            earliest(earliest(requests, cancel), forget)
        };
        self.entries.values().filter_map(deadline).min()
    }

    // Reads.

    /// A query as it is on screen, with rows of type `T`.
    #[must_use]
    pub fn view<T: Item>(&self, key: &QueryKey) -> QueryView<PagesView<T>> {
        let Some(entry) = self.entries.get(key) else {
            return QueryView::default();
        };
        let erased = entry.view(self.online);
        QueryView {
            data: erased.data.map(|view| view.typed()),
            status: erased.status,
            fetch: erased.fetch,
            error: erased.error,
            updated_at_ms: erased.updated_at_ms,
        }
    }

    /// How many queries are kept.
    #[cfg(any(test, feature = "test-util"))]
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// A row of a query, if any of its pages has loaded it.
    #[must_use]
    pub fn item<T: Item>(&self, query: QueryId, id: &str) -> Option<Rc<T>> {
        self.pool.get(query, id).and_then(item_rc)
    }
}

/// Aborts calls.
fn cancel(outputs: &mut VecDeque<QueriesOutput>, ids: impl IntoIterator<Item = u64>) {
    let cancelled = ids.into_iter().map(|id| QueriesOutput::CancelHttp { id });
    outputs.extend(cancelled);
}
