//! Pages of older rows that are being read. They carry no version, so what events say of their rows meanwhile is kept and
//! put over them.

use std::rc::Rc;

use crate::fetch::{Fetcher, TimerEvent};
use crate::map::Map;
use crate::schema::{AnyRow, ResourceId, RowChange};
use crate::time::Now;

/// Most rows whose changes are kept while a page is in flight; past it the page is read again.
const CHANGES_MAX: usize = 1000;

/// A page that somebody waits for.
#[derive(Clone, Debug)]
pub(super) struct PageRead {
    pub(super) fetcher: Fetcher,
    /// Which end of the list it continues.
    pub(super) end: u64,
    /// What events said of rows since it began, by row id; `None` for a row that is gone.
    changed: Map<Rc<str>, Option<Rc<dyn AnyRow>>>,
}

impl PageRead {
    pub(super) const fn new(fetcher: Fetcher, end: u64) -> Self {
        Self {
            fetcher,
            end,
            changed: Map::new(),
        }
    }

    /// Whether too much changed to put it over the page.
    pub(super) fn is_outdated(&self) -> bool {
        self.changed.len() > CHANGES_MAX
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

/// The pages being read, one for each collection at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    reads: Map<ResourceId, PageRead>,
}

impl Pages {
    pub(super) fn next_deadline(&self) -> Option<u64> {
        let reads = self.reads.values();
        reads.filter_map(|read| read.fetcher.next_deadline()).min()
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = u64> {
        self.reads
            .values()
            .filter_map(|read| read.fetcher.running())
    }

    /// Whether older rows of a collection are being read.
    pub(super) fn is_reading(&self, resource: ResourceId) -> bool {
        self.reads.contains_key(&resource)
    }

    pub(super) fn get(&self, resource: ResourceId) -> Option<&PageRead> {
        self.reads.get(&resource)
    }

    pub(super) fn insert(&mut self, resource: ResourceId, read: PageRead) {
        self.reads.insert(resource, read);
    }

    pub(super) fn remove(&mut self, resource: ResourceId) -> Option<PageRead> {
        self.reads.remove(&resource)
    }

    /// The collection whose page this call reads, if it reads one.
    pub(super) fn of_request(&self, id: u64) -> Option<ResourceId> {
        let mut reads = self.reads.iter();
        let (resource, _) = reads.find(|(_, read)| read.fetcher.running() == Some(id))?;
        Some(*resource)
    }

    /// Events changed rows of a collection.
    pub(super) fn note(&mut self, resource: ResourceId, changes: &[RowChange]) {
        let Some(read) = self.reads.get_mut(&resource) else {
            return;
        };
        for change in changes {
            let row = match change {
                RowChange::Put(row) => Some(Rc::clone(row)),
                RowChange::Removed(_) => None,
            };
            read.changed.insert(Rc::from(change.id()), row);
        }
    }

    /// Pages that are due: to time out, or to be read once more.
    pub(super) fn handle_timeout(&mut self, now: Now) -> Vec<(ResourceId, TimerEvent)> {
        let events = self
            .reads
            .iter_mut()
            .map(|(resource, read)| (*resource, read.fetcher.handle_timeout(now)));
        events
            .filter(|(_, event)| *event != TimerEvent::Nothing)
            .collect()
    }

    /// Collections whose page waits to be read.
    pub(super) fn waiting(&self) -> Vec<ResourceId> {
        let waiting = self
            .reads
            .iter()
            .filter(|(_, read)| read.fetcher.running().is_none());
        waiting.map(|(resource, _)| *resource).collect()
    }
}
