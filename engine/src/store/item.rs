//! A row, of whatever kind. What lists do with rows is compiled once for all kinds, so that a browser loads it once; the
//! kind is named again where rows are looked at.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use dashboard_protocol::{Activity, Download, DownloadStatus, Favorite, Order, Timestamp};

/// A row of one of the four lists.
pub(super) trait Item: Any + fmt::Debug {
    /// Identity inside its list.
    fn id(&self) -> &str;
    /// The moment that the list is ordered by.
    fn at(&self) -> &Timestamp;
    /// Whether it says the same as another row.
    fn same(&self, other: &dyn Item) -> bool;
    /// What takes the place of a known row instead, if its own value would take something back that only grows.
    fn corrected(&self, _known: &dyn Item) -> Option<Rc<dyn Item>> {
        None
    }
}

/// Whether two rows say the same.
pub(super) fn equal(a: &Rc<dyn Item>, b: &Rc<dyn Item>) -> bool {
    std::ptr::addr_eq(Rc::as_ptr(a), Rc::as_ptr(b)) || a.same(&**b)
}

/// The row as one of its kind.
pub(super) fn kind<T: Item>(item: &dyn Item) -> Option<&T> {
    let any: &dyn Any = item;
    any.downcast_ref()
}

/// The row as one of its kind, shared.
pub(super) fn shared<T: Item>(item: Rc<dyn Item>) -> Option<Rc<T>> {
    let any: Rc<dyn Any> = item;
    any.downcast().ok()
}

/// Rows of one kind as rows.
pub(super) fn items<T: Item>(rows: Vec<T>) -> Vec<Rc<dyn Item>> {
    let mut items: Vec<Rc<dyn Item>> = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(Rc::new(row));
    }
    items
}

impl Item for Favorite {
    fn id(&self) -> &str {
        &self.beat_id
    }
    fn at(&self) -> &Timestamp {
        &self.added_at
    }
    fn same(&self, other: &dyn Item) -> bool {
        kind(other) == Some(self)
    }
}

impl Item for Order {
    fn id(&self) -> &str {
        &self.id
    }
    fn at(&self) -> &Timestamp {
        &self.created_at
    }
    fn same(&self, other: &dyn Item) -> bool {
        kind(other) == Some(self)
    }
}

impl Item for Download {
    fn id(&self) -> &str {
        &self.id
    }
    fn at(&self) -> &Timestamp {
        &self.created_at
    }
    fn same(&self, other: &dyn Item) -> bool {
        kind(other) == Some(self)
    }
    fn corrected(&self, known: &dyn Item) -> Option<Rc<dyn Item>> {
        let Self { progress, .. } = *kind::<Self>(known)?;
        if self.status != DownloadStatus::Preparing || self.progress >= progress {
            return None;
        }
        Some(Rc::new(Self {
            progress,
            ..self.clone()
        }))
    }
}

impl Item for Activity {
    fn id(&self) -> &str {
        &self.id
    }
    fn at(&self) -> &Timestamp {
        &self.at
    }
    fn same(&self, other: &dyn Item) -> bool {
        kind(other) == Some(self)
    }
}
