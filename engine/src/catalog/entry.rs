//! One search text: its rows, its requests and what is shown of them.

use std::rc::Rc;

use dashboard_protocol::limits::{PAGE_ROWS_MAX, SEARCH_BYTES_MAX};
use dashboard_protocol::{Beat, BeatChange, Page};

use super::fetcher::Fetcher;
use super::pages::{Pages, Pool, ROWS_MAX};
use super::query::QueryLife;
use crate::flat::FlatMap;
use crate::http::HttpRequest;
use crate::catalog_updates::{note, patch};
use crate::view::{CatalogView, DataStatus, ErrorView, FetchStatus, QueryView};

/// The two kinds of request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Job {
    /// Reads all loaded rows, page by page.
    Refresh,
    /// Reads the next page.
    More,
}

/// What a page of a refresh came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refreshed {
    /// There is a further page to read.
    Next,
    /// The rows are those that were read.
    Done,
    /// What was read was out of date before it came; it is to be read again.
    Discarded,
}

/// One search text.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) life: QueryLife,
    pub(super) refresh: Fetcher,
    pub(super) more: Fetcher,
    pub(super) error: Option<ErrorView>,
    /// When it was last held or released, to know the least recently used.
    pub(super) used_ms: u64,
    pages: Option<Pages>,
    /// Pages of a refresh that is not complete, and where its next one begins.
    gathered: Vec<Beat>,
    gathered_cursor: Option<String>,
    /// The refresh that is under way began before the data were last declared wrong.
    outdated: bool,
    /// Changes of the market since the request that is under way began: its answer may be older than they are.
    missed: FlatMap<String, BeatChange>,
    shown: Option<Rc<CatalogView>>,
    /// What the listeners of the key were last told to read.
    notified: Option<QueryView<CatalogView>>,
}

impl Entry {
    pub(super) fn fetcher(&mut self, job: Job) -> &mut Fetcher {
        match job {
            Job::Refresh => &mut self.refresh,
            Job::More => &mut self.more,
        }
    }

    /// The data are wrong: they are read again, once, however often this is said meanwhile.
    pub(super) fn invalidate(&mut self) {
        self.life.invalidate();
        if self.refresh.running().is_some() {
            self.outdated = true;
        } else {
            self.abandon();
            self.refresh.want_now();
        }
    }

    /// Nothing is known any more, but who looks.
    pub(super) fn forget(&mut self) {
        let mut life = std::mem::take(&mut self.life);
        life.forget();
        *self = Self {
            life,
            used_ms: self.used_ms,
            notified: self.notified.take(),
            ..Self::default()
        };
    }

    /// Whether the data were declared wrong since the refresh that is under way began.
    pub(super) const fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// Whether there is a next page.
    pub(super) fn has_more(&self) -> bool {
        self.pages
            .as_ref()
            .is_some_and(|pages| pages.cursor.is_some())
    }

    /// The request of a job that is about to start.
    pub(super) fn request(&mut self, query: &str, job: Job, page_size: usize) -> HttpRequest {
        let loaded = self.pages.as_ref().map_or(0, |pages| pages.beats.len());
        let (cursor, limit) = match job {
            Job::Refresh => {
                if self.gathered.is_empty() {
                    self.missed.clear();
                    self.outdated = false;
                }
                let left = loaded.max(page_size).saturating_sub(self.gathered.len());
                (self.gathered_cursor.clone(), left.max(1))
            }
            Job::More => {
                self.missed.clear();
                let cursor = self.pages.as_ref().and_then(|pages| pages.cursor.clone());
                (cursor, page_size)
            }
        };
        HttpRequest::Beats {
            query: search_text(query).to_owned(),
            cursor,
            limit: limit.min(PAGE_ROWS_MAX),
        }
    }

    /// A page of a refresh has come.
    pub(super) fn refreshed(
        &mut self,
        page: Page<Beat>,
        pool: &mut Pool,
        page_size: usize,
    ) -> Refreshed {
        let loaded = self.pages.as_ref().map_or(0, |pages| pages.beats.len());
        let is_empty = page.items.is_empty();
        self.gathered.extend(page.items);
        self.gathered_cursor = page.next_cursor.filter(|_| !is_empty);
        let is_short = self.gathered.len() < loaded.max(page_size).min(ROWS_MAX);
        if self.gathered_cursor.is_some() && is_short {
            return Refreshed::Next;
        }
        let (beats, cursor) = (
            std::mem::take(&mut self.gathered),
            self.gathered_cursor.take(),
        );
        let outdated = std::mem::take(&mut self.outdated);
        if outdated && self.pages.is_some() {
            return Refreshed::Discarded;
        }
        let mut pages = Pages::default();
        let beats = self.take_in(beats, pool);
        pages.append(beats, cursor);
        self.pages = Some(pages);
        self.error = None;
        if outdated {
            Refreshed::Discarded
        } else {
            Refreshed::Done
        }
    }

    /// The next page has come.
    pub(super) fn loaded_more(&mut self, page: Page<Beat>, pool: &mut Pool) {
        let cursor = page.next_cursor.filter(|_| !page.items.is_empty());
        let beats = self.take_in(page.items, pool);
        if let Some(pages) = &mut self.pages {
            pages.append(beats, cursor);
        }
        self.error = None;
        if std::mem::take(&mut self.outdated) {
            self.life.invalidate();
            self.refresh.want();
        }
    }

    /// Nobody waits for an answer any more. Returns the requests that were under way.
    pub(super) fn stop(&mut self) -> impl Iterator<Item = u64> + use<> {
        let running = [self.refresh.running(), self.more.running()];
        self.refresh.finish();
        self.more.finish();
        self.abandon();
        running.into_iter().flatten()
    }

    /// The rows are those of this page from now on.
    pub(super) fn replace(&mut self, page: Page<Beat>, pool: &mut Pool) {
        let cursor = page.next_cursor.filter(|_| !page.items.is_empty());
        let mut pages = Pages::default();
        pages.append(self.take_in(page.items, pool), cursor);
        self.pages = Some(pages);
        self.error = None;
    }

    /// A refresh was given up; what it had read so far is of no use.
    pub(super) fn abandon(&mut self) {
        self.gathered = Vec::new();
        self.gathered_cursor = None;
        self.outdated = false;
        self.missed.clear();
    }

    /// Changes of the market have come. Those that an answer on its way may not know are noted for it.
    pub(super) fn note_catalog_update(&mut self, changes: &[BeatChange]) {
        if self.refresh.running().is_none()
            && self.more.running().is_none()
            && self.gathered.is_empty()
        {
            return;
        }
        for change in changes {
            self.outdated |= !note(&mut self.missed, change);
        }
    }

    /// Takes over beats that changed elsewhere. Returns whether any is shown here.
    pub(super) fn refresh_from(&mut self, pool: &Pool) -> bool {
        self.pages
            .as_mut()
            .is_some_and(|pages| pages.refresh_from(pool))
    }

    /// Beats that are loaded.
    pub(super) fn beats(&self) -> impl Iterator<Item = &Rc<Beat>> {
        self.pages.iter().flat_map(|pages| &pages.beats)
    }

    /// Brings what is shown up to date. The pointer stays if nothing changed. Returns whether the listeners have to
    /// be told.
    pub(super) fn show(&mut self, online: bool) -> bool {
        self.show_pages();
        let view = Some(self.view(online));
        let is_new = self.notified != view;
        self.notified = view;
        is_new
    }

    fn show_pages(&mut self) {
        let Some(pages) = &self.pages else {
            return;
        };
        let view = CatalogView {
            beats: pages.beats.clone(),
            has_more: pages.cursor.is_some(),
            loading_more: !self.more.is_idle(),
        };
        let is_same = self.shown.as_ref().is_some_and(|shown| {
            let same_beats = shown.beats.len() == view.beats.len()
                && shown
                    .beats
                    .iter()
                    .zip(&view.beats)
                    .all(|(a, b)| Rc::ptr_eq(a, b));
            same_beats && shown.has_more == view.has_more && shown.loading_more == view.loading_more
        });
        if !is_same {
            self.shown = Some(Rc::new(view));
        }
    }

    /// What is shown.
    pub(super) fn view(&self, online: bool) -> QueryView<CatalogView> {
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
            updated_at_ms: self.life.read_at_ms(),
        }
    }

    /// Takes beats in as they were read, with what has changed since their request began.
    fn take_in(&mut self, beats: Vec<Beat>, pool: &mut Pool) -> Vec<Rc<Beat>> {
        let missed = std::mem::take(&mut self.missed);
        let take_in = |mut beat: Beat| {
            if let Some(change) = missed.get(&beat.id) {
                patch(&mut beat, change);
            }
            pool.take_in(beat)
        };
        beats.into_iter().map(take_in).collect()
    }
}

/// The search text as it is sent: without spaces around it, and not longer than the server takes.
fn search_text(query: &str) -> &str {
    let query = query.trim();
    let end = (0..=query.len().min(SEARCH_BYTES_MAX))
        .rev()
        .find(|at| query.is_char_boundary(*at));
    &query[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_text_is_cut_between_characters() {
        assert_eq!(search_text("  lofi "), "lofi");
        let long = "ä".repeat(SEARCH_BYTES_MAX);
        assert_eq!(search_text(&long).len(), SEARCH_BYTES_MAX);
        let odd = format!("a{long}");
        assert_eq!(search_text(&odd).len(), SEARCH_BYTES_MAX - 1);
    }
}
