//! The kinds of rows. What lists do with them is compiled once for all kinds (see [`List`]), so that a browser loads it
//! once; a kind is named again where its rows are looked at.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use dashboard_protocol::{Activity, Download, DownloadStatus, Favorite, Order, Timestamp};

use super::list::List;

/// A row of one of the four lists.
pub(super) trait Item: Any + fmt::Debug {
    /// Identity inside its list.
    fn id(&self) -> &str;
    /// The moment that the list is ordered by.
    fn at(&self) -> &Timestamp;
    /// Whether it says the same as another row.
    fn same(&self, other: &dyn Item) -> bool;
    /// What an event makes of a known row; the event's value, unless that would take something back that only grows.
    fn succeed(self: Rc<Self>, known: &dyn Item) -> Rc<dyn Item>;
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
    fn succeed(self: Rc<Self>, _known: &dyn Item) -> Rc<dyn Item> {
        self
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
    fn succeed(self: Rc<Self>, _known: &dyn Item) -> Rc<dyn Item> {
        self
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
    fn succeed(self: Rc<Self>, known: &dyn Item) -> Rc<dyn Item> {
        let done = kind(known).map_or(0, |known: &Self| known.progress);
        if self.status != DownloadStatus::Preparing || self.progress >= done {
            return self;
        }
        Rc::new(Self {
            progress: done,
            ..(*self).clone()
        })
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
    fn succeed(self: Rc<Self>, _known: &dyn Item) -> Rc<dyn Item> {
        self
    }
}

/// The loaded rows of a list of one kind.
#[derive(Debug)]
pub(super) struct Rows<T> {
    pub(super) list: List,
    kind: PhantomData<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            list: List::default(),
            kind: PhantomData,
        }
    }
}

impl<T: Item> Rows<T> {
    /// All rows held, newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let held = self.list.held().iter();
        held.filter_map(|made| kind(&*made.item))
    }

    pub(super) fn find(&self, id: &str) -> Option<&T> {
        self.list.find(id).and_then(|item| kind(&**item))
    }

    /// The row of that id, shared.
    pub(super) fn get(&self, id: &str) -> Option<Rc<T>> {
        self.list.find(id).cloned().and_then(shared)
    }

    /// Takes what an event says of a row.
    pub(super) fn put(&mut self, item: T, version: u64) {
        self.list.put(Rc::new(item), version);
    }

    /// Changes every row that `change` has something new for.
    pub(super) fn update(&mut self, change: impl Fn(&T) -> Option<T>) -> bool {
        self.list.update(|item| {
            let changed = change(kind(item)?)?;
            Some(Rc::new(changed))
        })
    }
}
