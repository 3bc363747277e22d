//! The server's rows of one list, as far as they are loaded.
//!
//! A list is one window: it keeps its loaded count, so a new row at the top pushes the last one out of sight. Rows that
//! were pushed out are kept for a while behind the window, because the cursor that the server gave stands behind *them*:
//! "show older" first uncovers what is kept and then reads on from the cursor, without a hole and without a row twice.

use std::rc::Rc;

use dashboard_protocol::{limits, model};

use super::item::{Item, equal};
use crate::flat::FlatMap;

/// Most rows kept behind the window. When more are pushed out, the cursor's place is lost and older rows are read
/// through a larger snapshot.
const BEHIND_MAX: usize = limits::PAGE_ROWS_MAX;

/// A row and the version that made it, as far as that is known.
#[derive(Clone, Debug)]
pub(super) struct VersionedRow {
    pub(super) item: Rc<dyn Item>,
    /// The event's version; the snapshot's for rows that came with one, which keep the order they came in.
    pub(super) version: u64,
}

/// The loaded rows of a list, of whatever kind. What is special of a kind stands in [`super::rows::Rows`].
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    /// Newest first: those in the window, then those kept behind it.
    rows: Vec<VersionedRow>,
    /// How many rows the window shows.
    window: usize,
    /// Where the server's rows go on behind the last one.
    cursor: Option<String>,
    /// Whether rows behind the last one were let go, so that `cursor` no longer continues the list.
    cut: bool,
    /// Grows whenever the end of the list becomes another one, so that a page read for the old end is not appended.
    end: u64,
}

/// How "show older" goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Older {
    /// There are none.
    End,
    /// Rows that were kept were uncovered.
    Uncovered,
    /// A page has to be read from this cursor.
    Page(String),
    /// A larger snapshot has to be read.
    Snapshot,
}

impl List {
    /// All rows held, newest first; the window is the first [`Self::window`] of them.
    pub(super) fn held(&self) -> &[VersionedRow] {
        &self.rows
    }

    /// How many rows are to be shown at most, which is also how many a resync asks for.
    pub(super) const fn window(&self) -> usize {
        self.window
    }

    /// Which end the list has, to compare with later.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    /// Whether there are rows behind those held.
    pub(super) const fn has_more(&self) -> bool {
        self.cursor.is_some() || self.cut
    }

    /// The place behind the last row, for an export.
    pub(super) const fn cursor(&self) -> Option<&String> {
        self.cursor.as_ref()
    }

    pub(super) fn find(&self, id: &str) -> Option<&Rc<dyn Item>> {
        let row = self.rows.iter().find(|row| row.item.id() == id)?;
        Some(&row.item)
    }

    /// Takes a snapshot's rows. Rows that did not change keep their pointer.
    pub(super) fn replace(
        &mut self,
        items: Vec<Rc<dyn Item>>,
        cursor: Option<String>,
        version: u64,
        page_size: usize,
    ) {
        let held = self.rows.iter().map(|row| (row.item.id(), &row.item));
        let known: FlatMap<&str, &Rc<dyn Item>> = held.collect();
        let mut rows = Vec::with_capacity(items.len());
        for item in items {
            let same = known.get(item.id()).filter(|known| equal(known, &item));
            let item = same.map_or(item, |known| Rc::clone(known));
            rows.push(VersionedRow { item, version });
        }
        self.rows = rows;
        self.window = self.rows.len().max(page_size);
        self.cursor = cursor;
        self.cut = false;
        self.end += 1;
    }

    /// Takes what an event says of a row: puts it where the list's order says, or leaves it out if that is behind the
    /// loaded rows.
    pub(super) fn put(&mut self, item: Rc<dyn Item>, version: u64) {
        let mut rows = self.rows.iter();
        let Some(index) = rows.position(|row| row.item.id() == item.id()) else {
            self.insert(item, version);
            return;
        };
        let known = &mut self.rows[index];
        let item = item.corrected(&*known.item).unwrap_or(item);
        if equal(&known.item, &item) {
            return;
        }
        if known.item.at() == item.at() {
            known.item = item;
        } else {
            self.rows.remove(index);
            self.insert(item, version);
        }
    }

    fn insert(&mut self, item: Rc<dyn Item>, version: u64) {
        let index = self.rows.partition_point(|row| {
            model::newest_first((row.item.at(), row.version), (item.at(), version)).is_lt()
        });
        if index == self.rows.len() && self.has_more() {
            return;
        }
        self.rows.insert(index, VersionedRow { item, version });
        if self.rows.len() > self.window + BEHIND_MAX {
            self.rows.pop();
            self.cut = true;
            self.end += 1;
        }
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, id: &str) {
        self.rows.retain(|row| row.item.id() != id);
    }

    /// Changes every row that `change` has something new for.
    pub(super) fn update(&mut self, change: impl Fn(&dyn Item) -> Option<Rc<dyn Item>>) -> bool {
        let mut changed = false;
        for row in &mut self.rows {
            if let Some(item) = change(&*row.item)
                && !equal(&row.item, &item)
            {
                row.item = item;
                changed = true;
            }
        }
        changed
    }

    /// How to show `count` rows more; uncovers those that are there.
    pub(super) fn older(&mut self, count: usize) -> Older {
        if self.rows.len() > self.window {
            self.window = self.rows.len().min(self.window + count);
            return Older::Uncovered;
        }
        if self.cut {
            return Older::Snapshot;
        }
        self.cursor.clone().map_or(Older::End, Older::Page)
    }

    /// Appends a page that was read from the cursor.
    pub(super) fn append(&mut self, items: Vec<Rc<dyn Item>>, cursor: Option<String>) {
        let before = self.rows.len();
        for item in items {
            if self.find(item.id()).is_none() {
                self.rows.push(VersionedRow { item, version: 0 });
            }
        }
        self.window = self.window.max(before) + (self.rows.len() - before);
        self.cursor = cursor;
        self.end += 1;
    }

    /// How the rows came here tells no two lists apart from now on: whatever comes is newer than each of them, and no page
    /// is on its way.
    #[cfg(test)]
    pub(super) fn forget_past(&mut self) {
        self.end = 0;
        for row in &mut self.rows {
            row.version = 0;
        }
    }

    /// Lets the window grow by `count` rows, up to what one snapshot can fill.
    pub(super) fn widen(&mut self, count: usize) {
        let wanted = (self.window + count).min(limits::PAGE_ROWS_MAX);
        self.window = self.window.max(wanted);
    }
}
