//! The server's rows of one collection, as far as they are loaded.
//!
//! A list is one window: it keeps its loaded count, so a new row at the top pushes the last one out of sight. Rows that
//! were pushed out are kept for a while behind the window, because the cursor that the server gave points behind *them*:
//! "show older" first uncovers the kept rows and then reads on from the cursor, without a hole and without a row twice.

use std::cmp::Ordering;
use std::rc::Rc;

use sync_protocol::{Timestamp, limits};

use crate::map;
use crate::schema::AnyRow;

/// Most rows kept behind the window. When more are pushed out, the cursor's position is lost and older rows are read
/// through a larger snapshot.
const BEHIND_MAX: usize = limits::PAGE_ROWS_MAX;

/// A row and the version that made it, as far as that is known.
#[derive(Clone, Debug)]
pub(crate) struct VersionedRow {
    pub(crate) row: Rc<dyn AnyRow>,
    /// The event's version; the snapshot's for rows that came with one, which keep the order they came in.
    pub(crate) version: u64,
}

/// The loaded rows of a collection, of whatever type.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    /// Newest first: those in the window, then those kept behind it.
    pub(crate) rows: Vec<VersionedRow>,
    /// How many rows are shown at most, which is also how many a resync asks for.
    pub(crate) window: usize,
    /// Where the server's rows go on behind the last one.
    pub(crate) cursor: Option<String>,
    /// Whether rows behind the last one were dropped, so that `cursor` no longer continues the list.
    cut: bool,
    /// Grows whenever the end of the list becomes another one, so that a page read for the old end is not appended.
    pub(crate) end: u64,
}

/// How "show older" goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Older {
    /// There are none.
    End,
    /// Kept rows were uncovered.
    Uncovered,
    /// A page has to be read from this cursor.
    Page(String),
    /// A larger snapshot has to be read.
    Snapshot,
}

/// Order of two rows in a list: newest first, ties by the version that made the row, later first.
pub(crate) fn newest_first(a: (&Timestamp, u64), b: (&Timestamp, u64)) -> Ordering {
    b.cmp(&a)
}

impl List {
    /// Whether there are rows behind the held ones.
    pub(crate) const fn has_more(&self) -> bool {
        self.cursor.is_some() || self.cut
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Rc<dyn AnyRow>> {
        let held = self.rows.iter().find(|held| held.row.id() == id)?;
        Some(&held.row)
    }

    /// Takes a snapshot's rows. Rows that did not change keep their pointer.
    pub(crate) fn replace(
        &mut self,
        rows: Vec<Rc<dyn AnyRow>>,
        cursor: Option<String>,
        version: u64,
        page_size: usize,
    ) {
        let held = self.rows.iter().map(|held| (held.row.id(), &held.row));
        let known = map::collect(held);
        let mut replaced = Vec::with_capacity(rows.len());
        for row in rows {
            let same = known.get(row.id()).copied().filter(|known| *known == &row);
            let row = same.map_or(row, Rc::clone);
            replaced.push(VersionedRow { row, version });
        }
        self.rows = replaced;
        self.window = self.rows.len().max(page_size);
        self.cursor = cursor;
        self.cut = false;
        self.end += 1;
    }

    /// Puts a row where the list's order says, or leaves it out if that is behind the loaded rows.
    pub(crate) fn put(&mut self, row: Rc<dyn AnyRow>, version: u64) {
        let mut rows = self.rows.iter();
        let Some(index) = rows.position(|held| held.row.id() == row.id()) else {
            self.insert(row, version);
            return;
        };
        let known = &mut self.rows[index];
        let row = row.reconciled(&*known.row).unwrap_or(row);
        if *known.row == *row {
            return;
        }
        if known.row.at() == row.at() {
            known.row = row;
        } else {
            self.rows.remove(index);
            self.insert(row, version);
        }
    }

    fn insert(&mut self, row: Rc<dyn AnyRow>, version: u64) {
        let index = self.rows.partition_point(|held| {
            newest_first((held.row.at(), held.version), (row.at(), version)).is_lt()
        });
        if index == self.rows.len() && self.has_more() {
            return;
        }
        self.rows.insert(index, VersionedRow { row, version });
        if self.rows.len() > self.window + BEHIND_MAX {
            self.rows.pop();
            self.cut = true;
            self.end += 1;
        }
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, id: &str) {
        self.rows.retain(|held| held.row.id() != id);
    }

    /// Changes every row for which `change` has something new.
    pub(crate) fn update(
        &mut self,
        change: impl Fn(&dyn AnyRow) -> Option<Rc<dyn AnyRow>>,
    ) -> bool {
        let mut changed = false;
        for held in &mut self.rows {
            if let Some(row) = change(&*held.row)
                && *held.row != *row
            {
                held.row = row;
                changed = true;
            }
        }
        changed
    }

    /// How to show `count` rows more; uncovers those that are there.
    pub(crate) fn older(&mut self, count: usize) -> Older {
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
    pub(crate) fn append(&mut self, rows: Vec<Rc<dyn AnyRow>>, cursor: Option<String>) {
        let before = self.rows.len();
        for row in rows {
            if self.find(row.id()).is_none() {
                self.rows.push(VersionedRow { row, version: 0 });
            }
        }
        self.window = self.window.max(before) + (self.rows.len() - before);
        self.cursor = cursor;
        self.end += 1;
    }

    /// Lets the window grow by `count` rows, up to what one snapshot can fill.
    pub(crate) fn widen(&mut self, count: usize) {
        let wanted = (self.window + count).min(limits::PAGE_ROWS_MAX);
        self.window = self.window.max(wanted);
    }
}
