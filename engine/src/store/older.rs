//! Pages of older rows. They carry no version, so what events say of their rows while they are on their way is kept and
//! put over them, and a page that was read for another end of the list than it has by now is read anew.

use std::rc::Rc;

use dashboard_protocol::{Page, Resource};

use super::fetch::{RETRY_FIRST_MS, RETRY_LONGEST_MS, backoff};
use super::item::{Item, items};
use super::list::Older;
use super::{StoreOutput, Store};
use crate::flat::FlatMap;
use crate::http::{HttpFailure, HttpReply, HttpRequest, ListName};
use crate::time::Now;
use crate::view::ErrorView;

/// How long a page may take.
const PAGE_TIMEOUT_MS: u64 = 4000;

/// Most rows whose news are kept while a page is on its way; past it the page is read anew.
const UPDATES_MAX: usize = 1000;

/// How often a page that failed is tried again before the user is told.
const RETRIES_MAX: u32 = 3;

/// A page that somebody waits for.
#[derive(Clone, Debug)]
struct Reading {
    /// The call, while it is on its way.
    request: Option<u64>,
    /// When the call is given up, or, without one, when it is made; by `Now::mono_ms`.
    due: u64,
    failures: u32,
    /// Which end of the list it continues.
    end: u64,
    /// Rows that are gone.
    gone: Vec<String>,
    /// Rows that changed, by id.
    updates: FlatMap<String, Rc<dyn Item>>,
}

impl Reading {
    fn updates(&self) -> usize {
        self.gone.len() + self.updates.len()
    }
}

/// The pages on their way, one a list at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    reading: FlatMap<ListName, Reading>,
}

impl Pages {
    pub(super) fn next_deadline(&self, paused: bool) -> Option<u64> {
        let reading = self.reading.values();
        let waits = reading.filter(|reading| reading.request.is_some() || !paused);
        waits.map(|reading| reading.due).min()
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = u64> {
        self.reading.values().filter_map(|reading| reading.request)
    }
}

impl super::fetch::Fetches {
    /// Whether older rows of a list are being read.
    pub(super) fn is_reading(&self, list: ListName) -> bool {
        self.pages.reading.contains_key(&list)
    }

    /// The list whose page this call reads, if it reads one.
    pub(super) fn page_of(&self, id: u64) -> Option<ListName> {
        let mut pages = self.pages.reading.iter();
        let (list, _) = pages.find(|(_, reading)| reading.request == Some(id))?;
        Some(*list)
    }

    pub(super) fn note_gone(&mut self, list: ListName, id: &str) {
        if let Some(reading) = self.pages.reading.get_mut(&list) {
            reading.gone.push(id.to_owned());
        }
    }

    pub(super) fn note_row<T: Item + Clone>(&mut self, list: ListName, row: &T) {
        if let Some(reading) = self.pages.reading.get_mut(&list) {
            let item = Rc::new(row.clone());
            reading.updates.insert(row.id().to_owned(), item);
        }
    }
}

/// The resource of a list.
const fn resource_of(list: ListName) -> Resource {
    match list {
        ListName::Favorites => Resource::Favorites,
        ListName::Orders => Resource::Orders,
        ListName::Downloads => Resource::Downloads,
        ListName::Activity => Resource::Activity,
    }
}

/// The list of a resource, if it is one.
pub(super) const fn list_of(resource: Resource) -> Option<ListName> {
    match resource {
        Resource::Favorites => Some(ListName::Favorites),
        Resource::Orders => Some(ListName::Orders),
        Resource::Downloads => Some(ListName::Downloads),
        Resource::Activity => Some(ListName::Activity),
        Resource::Stats => None,
    }
}

impl Store {
    /// Shows older rows of a list: those that were pushed out of sight before, else a page from the server.
    pub fn load_older(&mut self, now: Now, list: ListName) {
        self.now = now;
        let resource = resource_of(list);
        if self.user.is_some() && self.base.version_of_base(resource).current && !self.fetches.is_reading(list)
        {
            self.extend(list);
        }
        self.commit();
    }

    fn extend(&mut self, list: ListName) {
        let resource = resource_of(list);
        let size = self.page_size;
        match self.base.list_mut(list).older(size) {
            Older::End => {}
            Older::Uncovered => self.views.dirty.insert(resource),
            Older::Page(cursor) => self.read_page(list, cursor),
            Older::Snapshot => {
                self.base.list_mut(list).widen(size);
                self.reread_whole(resource);
            }
        }
    }

    /// Makes the call for a page, or keeps it waiting as long as nothing may be sent.
    fn read_page(&mut self, list: ListName, cursor: String) {
        let former = self.fetches.pages.reading.get(&list);
        let failures = former.map_or(0, |reading| reading.failures);
        let request = (!self.paused).then(|| self.next_request());
        let time = request.map_or(0, |_| PAGE_TIMEOUT_MS);
        let reading = Reading {
            request,
            due: self.now.mono_ms + time,
            failures,
            end: self.base.list(list).end(),
            gone: Vec::new(),
            updates: FlatMap::new(),
        };
        self.fetches.pages.reading.insert(list, reading);
        self.views.dirty.insert(resource_of(list));
        if let Some(id) = request {
            let limit = self.page_size;
            let request = HttpRequest::Older {
                list,
                cursor,
                limit,
            };
            self.outputs.push_back(StoreOutput::Http { id, request });
        }
    }

    /// A snapshot gave the list another end: a page on its way would leave a hole, so it is read from the new one.
    pub(super) fn restart_page(&mut self, list: ListName) {
        if let Some(reading) = self.fetches.pages.reading.remove(&list) {
            let call = reading.request.map(|id| StoreOutput::CancelHttp { id });
            self.outputs.extend(call);
            self.extend(list);
        }
    }

    /// The result of a page; nothing if the id is of none.
    pub(super) fn on_page_settled(&mut self, id: u64, result: Result<HttpReply, HttpFailure>) {
        let Some(list) = self.fetches.page_of(id) else {
            return;
        };
        let Some(reading) = self.fetches.pages.reading.remove(&list) else {
            return;
        };
        self.views.dirty.insert(resource_of(list));
        match result {
            Ok(_) if reading.end != self.base.list(list).end() || reading.updates() > UPDATES_MAX => {
                self.extend(list);
            }
            Ok(reply) => {
                self.append(list, &reading, reply);
                let fetch_error = &mut self.fetches.fetch_error[resource_of(list).index()];
                if fetch_error.failures == 0 {
                    fetch_error.error = None;
                }
            }
            // The cursor is no longer good: the list is read whole and gets a new one.
            Err(HttpFailure::Status { status: 400, .. }) => {
                self.reread_whole(resource_of(list));
            }
            Err(failure) => self.page_failed(list, reading, &failure),
        }
    }

    /// A page waits for another try, or for the sign-in; after the last try the user is told and may ask again.
    fn page_failed(&mut self, list: ListName, mut reading: Reading, failure: &HttpFailure) {
        let error = ErrorView::from(failure);
        reading.request = None;
        reading.due = self.now.mono_ms;
        if failure.is_unauthenticated() {
            self.ask_for_sign_in();
        } else if reading.failures >= RETRIES_MAX {
            self.fetches.fetch_error[resource_of(list).index()].error = Some(error);
            return;
        } else {
            let attempts = reading.failures;
            let wait = backoff(&mut self.random, attempts, RETRY_FIRST_MS, RETRY_LONGEST_MS);
            reading.due += wait.max(error.retry_after_ms.unwrap_or(0));
            reading.failures += 1;
        }
        self.fetches.pages.reading.insert(list, reading);
    }

    fn append(&mut self, list: ListName, reading: &Reading, reply: HttpReply) {
        let (mut rows, cursor) = match reply {
            HttpReply::Favorites(page) => parts(page),
            HttpReply::Orders(page) => parts(page),
            HttpReply::Downloads(page) => parts(page),
            HttpReply::Activity(page) => parts(page),
            // A reply to another call cannot carry this id.
            HttpReply::Session(_)
            | HttpReply::Token(_)
            | HttpReply::Snapshot(_)
            | HttpReply::Mutations(_)
            | HttpReply::Beats(_) => return,
        };
        rows.retain(|row| !reading.gone.iter().any(|gone| gone == row.id()));
        for row in &mut rows {
            if let Some(newer) = reading.updates.get(row.id()) {
                *row = Rc::clone(newer);
            }
        }
        self.base.list_mut(list).append(rows, cursor);
    }

    /// Gives up pages that take too long, and makes the calls that are due once more.
    pub(super) fn page_timeouts(&mut self) {
        let now = self.now.mono_ms;
        let paused = self.paused;
        let reading = self.fetches.pages.reading.iter();
        let due = reading
            .filter(|(_, reading)| reading.due <= now && (reading.request.is_some() || !paused));
        let due: Vec<_> = due
            .map(|(list, reading)| (*list, reading.request))
            .collect();
        for (list, request) in due {
            if let Some(id) = request {
                self.outputs.push_back(StoreOutput::CancelHttp { id });
                self.on_page_settled(id, Err(HttpFailure::Timeout));
            } else {
                self.resume_page(list);
            }
        }
    }

    /// Nothing holds calls back any more: pages that waited are read now.
    pub(super) fn resume_pages(&mut self) {
        let reading = self.fetches.pages.reading.iter();
        let waiting = reading.filter(|(_, reading)| reading.request.is_none());
        for list in waiting.map(|(list, _)| *list).collect::<Vec<_>>() {
            self.resume_page(list);
        }
    }

    /// Reads a page that waited, from where the list ends by now.
    fn resume_page(&mut self, list: ListName) {
        self.extend(list);
        let reading = self.fetches.pages.reading.get(&list);
        if reading.is_some_and(|reading| reading.request.is_none()) {
            // There was something to uncover instead.
            self.fetches.pages.reading.remove(&list);
            self.views.dirty.insert(resource_of(list));
        }
    }
}

fn parts<T: Item>(page: Page<T>) -> (Vec<Rc<dyn Item>>, Option<String>) {
    (items(page.items), page.next_cursor)
}
