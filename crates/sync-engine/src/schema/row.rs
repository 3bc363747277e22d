//! Rows of collections and queries, and their erased forms: what the engine does with rows is compiled once for all
//! types, so that a browser loads it once. The type is named again where rows are read.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_protocol::{Json, Timestamp};

/// Something with an identity: a row of a [`Query`](super::Query). Every [`Row`] is one by itself; implement it only for
/// types that no collection has.
pub trait Item: fmt::Debug + PartialEq + DeserializeOwned + 'static {
    /// Identity inside its query.
    fn id(&self) -> &str;
}

impl<T: Row> Item for T {
    fn id(&self) -> &str {
        Row::id(self)
    }
}

/// A row of a [`Collection`](super::Collection); it may be a row of queries too.
pub trait Row: Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + 'static {
    /// Identity inside its collection.
    fn id(&self) -> &str;

    /// The timestamp by which the list is ordered, newest first.
    fn at(&self) -> &Timestamp;

    /// The row to keep when this one arrives for `known`, if it must not be taken as it is: a progress that never goes
    /// back, for example.
    fn reconcile(&self, known: &Self) -> Option<Self> {
        let _ = known;
        None
    }
}

/// Data of whatever type: rows, values, their changes, updates and mutations.
pub(crate) trait AnyData: Any + fmt::Debug {
    /// Whether they are equal to other data.
    fn same(&self, other: &dyn AnyData) -> bool;
}

impl<T: fmt::Debug + PartialEq + 'static> AnyData for T {
    fn same(&self, other: &dyn AnyData) -> bool {
        data_ref(other) == Some(self)
    }
}

/// An [`Item`] of whatever type.
pub(crate) trait AnyItem: AnyData {
    fn id(&self) -> &str;
}

impl<T: Item> AnyItem for T {
    fn id(&self) -> &str {
        Item::id(self)
    }
}

/// A [`Row`] of whatever type.
pub(crate) trait AnyRow: AnyItem {
    fn at(&self) -> &Timestamp;
    /// [`Row::reconcile`].
    fn reconciled(&self, known: &dyn AnyRow) -> Option<Rc<dyn AnyRow>>;
    fn json(&self) -> Option<Json>;
}

impl<T: Row> AnyRow for T {
    fn at(&self) -> &Timestamp {
        Row::at(self)
    }

    fn reconciled(&self, known: &dyn AnyRow) -> Option<Rc<dyn AnyRow>> {
        let row = self.reconcile(data_ref(known)?)?;
        Some(Rc::new(row))
    }

    fn json(&self) -> Option<Json> {
        Json::of(self)
    }
}

impl PartialEq for dyn AnyData {
    /// Data behind one pointer are equal.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(self, other) || self.same(other)
    }
}

impl PartialEq for dyn AnyItem {
    fn eq(&self, other: &Self) -> bool {
        let (item, other): (&dyn AnyData, &dyn AnyData) = (self, other);
        item == other
    }
}

impl PartialEq for dyn AnyRow {
    fn eq(&self, other: &Self) -> bool {
        let (row, other): (&dyn AnyItem, &dyn AnyItem) = (self, other);
        row == other
    }
}

/// The data, if they are of type `T`.
pub(crate) fn data_ref<T: 'static>(data: &dyn AnyData) -> Option<&T> {
    let any: &dyn Any = data;
    any.downcast_ref()
}

/// The shared row, if it is of type `T`.
pub(crate) fn row_rc<T: Row>(row: &Rc<dyn AnyRow>) -> Option<Rc<T>> {
    let any: Rc<dyn Any> = Rc::<dyn AnyRow>::clone(row);
    any.downcast().ok()
}

/// The shared item, if it is of type `T`.
pub(crate) fn item_rc<T: Item>(item: &Rc<dyn AnyItem>) -> Option<Rc<T>> {
    let any: Rc<dyn Any> = Rc::<dyn AnyItem>::clone(item);
    any.downcast().ok()
}
