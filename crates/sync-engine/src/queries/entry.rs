//! One query under its parameters: its rows, its requests and its view.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use sync_protocol::limits::PAGE_ROWS_MAX;

use super::life::QueryLife;
use super::pages::{Pages, Pool, ROWS_MAX};
use crate::feed_log::FeedLog;
use crate::fetch::Fetcher;
use crate::http::HttpRequest;
use crate::schema::{AnyItem, FeedId, FeedUpdate, Item, ItemPage, QueryKey, Schema, item_rc};
use crate::view::{DataStatus, ErrorView, FetchStatus, PagesView, QueryView};

/// The two kinds of request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Job {
    /// Reads all loaded rows, page by page.
    Refresh,
    /// Reads the next page.
    More,
}

/// One query under its parameters.
#[derive(Debug)]
pub(super) struct Entry {
    key: QueryKey,
    pub(super) life: QueryLife,
    pub(super) refresh: Fetcher,
    pub(super) more: Fetcher,
    pub(super) error: Option<ErrorView>,
    /// When it was last observed or released, to find the least recently used.
    pub(super) used_ms: u64,
    pages: Option<Pages>,
    /// Pages of a refresh that is not complete, and where its next one begins.
    gathered: Vec<Rc<dyn AnyItem>>,
    gathered_cursor: Option<String>,
    /// The refresh in flight began before the data were last invalidated.
    pub(super) outdated: bool,
    /// Updates of feeds since the request in flight began: its answer may be older than they are.
    missed: FeedLog,
    shown: Option<Rc<ItemsView>>,
    /// The view of which the listeners were last notified.
    emitted: Option<QueryView<ItemsView>>,
}

impl Entry {
    pub(super) fn new(key: QueryKey) -> Self {
        Self {
            key,
            life: QueryLife::default(),
            refresh: Fetcher::default(),
            more: Fetcher::default(),
            error: None,
            used_ms: 0,
            pages: None,
            gathered: Vec::new(),
            gathered_cursor: None,
            outdated: false,
            missed: FeedLog::default(),
            shown: None,
            emitted: None,
        }
    }

    pub(super) fn fetcher(&mut self, job: Job) -> &mut Fetcher {
        match job {
            Job::Refresh => &mut self.refresh,
            Job::More => &mut self.more,
        }
    }

    /// The job of a request that is in flight.
    pub(super) fn job_of(&self, id: u64) -> Option<Job> {
        if self.refresh.running() == Some(id) {
            Some(Job::Refresh)
        } else {
            (self.more.running() == Some(id)).then_some(Job::More)
        }
    }

    /// The data are wrong: they are read again once, however often this is called meanwhile.
    pub(super) fn invalidate(&mut self) {
        self.life.invalid = true;
        if self.refresh.running().is_some() {
            self.outdated = true;
        } else {
            self.abandon();
            self.refresh.want_now();
        }
    }

    /// Forgets everything but the observers.
    pub(super) fn forget(&mut self) {
        let mut life = std::mem::take(&mut self.life);
        life.forget();
        *self = Self {
            life,
            used_ms: self.used_ms,
            emitted: self.emitted.take(),
            ..Self::new(self.key.clone())
        };
    }

    /// Whether there is a next page.
    pub(super) fn has_more(&self) -> bool {
        self.pages
            .as_ref()
            .is_some_and(|pages| pages.cursor.is_some())
    }

    /// The request of a job that is about to start.
    pub(super) fn request(&mut self, job: Job, page_size: usize) -> HttpRequest {
        let loaded = self.items().count();
        let (cursor, limit) = match job {
            Job::Refresh => {
                if self.gathered.is_empty() {
                    self.missed.clear_all();
                    self.outdated = false;
                }
                let left = loaded.max(page_size).saturating_sub(self.gathered.len());
                (self.gathered_cursor.clone(), left.max(1))
            }
            Job::More => {
                self.missed.clear_all();
                let cursor = self.pages.as_ref().and_then(|pages| pages.cursor.clone());
                (cursor, page_size)
            }
        };
        HttpRequest::Query {
            key: self.key.clone(),
            cursor,
            limit: limit.min(PAGE_ROWS_MAX),
        }
    }

    /// A page of a refresh has come. Returns whether the rows were read whole; if not, there is a further page to read, or the
    /// rows were outdated before they came and have to be read again.
    pub(super) fn refreshed(
        &mut self,
        schema: &Schema,
        page: ItemPage,
        pool: &mut Pool,
        page_size: usize,
    ) -> bool {
        let is_empty = page.items.is_empty();
        self.gathered.extend(page.items);
        self.gathered_cursor = page.next_cursor.filter(|_| !is_empty);
        let is_short = self.gathered.len() < self.items().count().max(page_size).min(ROWS_MAX);
        if self.gathered_cursor.is_some() && is_short {
            return false;
        }
        let page = ItemPage {
            items: std::mem::take(&mut self.gathered),
            next_cursor: self.gathered_cursor.take(),
        };
        let outdated = std::mem::take(&mut self.outdated);
        if !outdated || self.pages.is_none() {
            self.replace(schema, page, pool);
        }
        !outdated
    }

    /// The next page has come.
    pub(super) fn loaded_more(&mut self, schema: &Schema, page: ItemPage, pool: &mut Pool) {
        self.append(schema, page, pool);
        if std::mem::take(&mut self.outdated) {
            self.life.invalid = true;
            self.refresh.want();
        }
    }

    /// Nobody waits for an answer any more. Returns the requests in flight.
    pub(super) fn stop(&mut self) -> impl Iterator<Item = u64> + use<> {
        let running = [self.refresh.running(), self.more.running()];
        self.refresh.finish();
        self.more.finish();
        self.abandon();
        running.into_iter().flatten()
    }

    /// The rows are those of this page from now on.
    pub(super) fn replace(&mut self, schema: &Schema, page: ItemPage, pool: &mut Pool) {
        self.pages = None;
        self.append(schema, page, pool);
    }

    fn append(&mut self, schema: &Schema, page: ItemPage, pool: &mut Pool) {
        let cursor = page.next_cursor.filter(|_| !page.items.is_empty());
        let items = self.take_in(schema, page.items, pool);
        self.pages.get_or_insert_default().append(items, cursor);
        self.error = None;
    }

    /// A refresh was aborted: its pages so far are of no use.
    pub(super) fn abandon(&mut self) {
        self.gathered = Vec::new();
        self.gathered_cursor = None;
        self.outdated = false;
        self.missed.clear_all();
    }

    /// A feed brought updates. They are noted for an answer in flight that may not include them.
    pub(super) fn note_updates(&mut self, feed: FeedId, updates: &[FeedUpdate]) {
        if self.refresh.running().is_none()
            && self.more.running().is_none()
            && self.gathered.is_empty()
        {
            return;
        }
        self.outdated |= self.missed.note(feed, updates);
    }

    /// Takes over rows that changed elsewhere. Returns whether any is shown here.
    pub(super) fn refresh_from(&mut self, pool: &Pool) -> bool {
        self.pages
            .as_mut()
            .is_some_and(|pages| pages.refresh_from(self.key.query, pool))
    }

    /// The loaded rows.
    pub(super) fn items(&self) -> impl Iterator<Item = &Rc<dyn AnyItem>> {
        self.pages.iter().flat_map(|pages| &pages.items)
    }

    /// Brings the view up to date. The pointer stays if nothing changed. Returns whether the listeners have to be
    /// notified.
    pub(super) fn show(&mut self, online: bool) -> bool {
        self.show_pages();
        let view = Some(self.view(online));
        let is_new = self.emitted != view;
        self.emitted = view;
        is_new
    }

    fn show_pages(&mut self) {
        let Some(pages) = &self.pages else {
            return;
        };
        let (has_more, loading_more) = (pages.cursor.is_some(), !self.more.is_idle());
        let is_same = self.shown.as_ref().is_some_and(|shown| {
            let same = |(a, b): (&Rc<dyn AnyItem>, &Rc<dyn AnyItem>)| Rc::ptr_eq(a, b);
            shown.items.len() == pages.items.len()
                && shown.items.iter().zip(&pages.items).all(same)
                && (shown.has_more, shown.loading_more) == (has_more, loading_more)
        });
        if !is_same {
            self.shown = Some(Rc::new(ItemsView {
                items: pages.items.clone(),
                has_more,
                loading_more,
                typed: OnceCell::new(),
            }));
        }
    }

    /// The view.
    pub(super) fn view(&self, online: bool) -> QueryView<ItemsView> {
        let status = match (&self.shown, &self.error) {
            (Some(_), _) => DataStatus::Success,
            (None, Some(_)) => DataStatus::Error,
            (None, None) => DataStatus::Pending,
        };
        let fetch = match self.refresh.status(online) {
            FetchStatus::Idle => self.more.status(online),
            status @ (FetchStatus::Fetching | FetchStatus::Paused) => status,
        };
        QueryView {
            data: self.shown.clone(),
            status,
            fetch,
            error: self.error.clone(),
            updated_at_ms: self.life.read_at.map(|at| at.wall_ms),
        }
    }

    /// Adds rows as they were read, with the updates since their request began.
    fn take_in(
        &mut self,
        schema: &Schema,
        items: Vec<Rc<dyn AnyItem>>,
        pool: &mut Pool,
    ) -> Vec<Rc<dyn AnyItem>> {
        let missed = std::mem::take(&mut self.missed);
        let query = self.key.query;
        let feeds = missed.feeds();
        let take_in = |mut item: Rc<dyn AnyItem>| {
            for feed in &feeds {
                let update = missed.about(*feed, item.id());
                let patched =
                    update.and_then(|update| schema.patch_item(query, *feed, &*item, update));
                item = patched.unwrap_or(item);
            }
            pool.take_in(query, item)
        };
        items.into_iter().map(take_in).collect()
    }
}

/// The rows of a query, of whatever type.
#[derive(Debug)]
pub(super) struct ItemsView {
    items: Vec<Rc<dyn AnyItem>>,
    has_more: bool,
    loading_more: bool,
    /// The same with the type of its rows, once somebody has read it.
    typed: OnceCell<Rc<dyn Any>>,
}

impl ItemsView {
    /// The view with rows of type `T`: always the same pointer.
    pub(super) fn typed<T: Item>(&self) -> Rc<PagesView<T>> {
        let make = || PagesView {
            rows: self.items.iter().filter_map(item_rc).collect(),
            has_more: self.has_more,
            loading_more: self.loading_more,
        };
        let typed = self.typed.get_or_init(|| Rc::new(make()));
        let typed = Rc::clone(typed).downcast();
        typed.unwrap_or_else(|_| Rc::new(make()))
    }
}
