//! Pages of older rows that are being read. They carry no version, so what events say of their rows meanwhile is kept and
//! put over them.

use std::rc::Rc;

use crate::fetch::Fetcher;
use crate::map::Map;
use crate::schema::{AnyRow, RowChange};

/// Most rows whose changes are kept while a page is in flight; past it the page is read again.
const CHANGES_MAX: usize = 1000;

/// A page that somebody waits for.
#[derive(Clone, Debug)]
pub(super) struct PageRead {
    pub(super) fetcher: Fetcher,
    /// Which end of the list it continues.
    pub(super) end: u64,
    /// What events said of rows since it began, by row id; `None` for a row that is gone.
    pub(super) changed: Map<Rc<str>, Option<Rc<dyn AnyRow>>>,
}

impl PageRead {
    /// Whether too much changed to put it over the page.
    pub(super) fn is_outdated(&self) -> bool {
        self.changed.len() > CHANGES_MAX
    }

    /// Events changed rows of the collection.
    pub(super) fn note(&mut self, changes: &[RowChange]) {
        for change in changes {
            let row = match change {
                RowChange::Put(row) => Some(Rc::clone(row)),
                RowChange::Removed(_) => None,
            };
            self.changed.insert(Rc::from(change.id()), row);
        }
    }

    /// The rows of a page as they are by now.
    pub(super) fn updated(&self, rows: Vec<Rc<dyn AnyRow>>) -> Vec<Rc<dyn AnyRow>> {
        let current = |row: Rc<dyn AnyRow>| match self.changed.get(row.id()) {
            Some(changed) => changed.clone(),
            None => Some(row),
        };
        rows.into_iter().filter_map(current).collect()
    }
}
