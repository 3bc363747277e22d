//! What the engine needs of a resource, whatever its types.

use std::any::TypeId;
use std::rc::Rc;

use sync_protocol::{Json, TypedChange};

use super::collection::RowChange;
use super::feed::{FeedId, FeedUpdate};
use super::row::{AnyData, AnyRow, Row};
use crate::event::Change;
use crate::scheduler::Priority;
use crate::state::{IdSet, ResourceData};
use crate::view::{AnyView, Rebased};

/// A change of whatever type.
pub(crate) type AnyChange = dyn AnyData;

/// A value of whatever type.
pub(crate) type AnyValue = dyn AnyData;

/// The two kinds of resource, with what only one of them has.
pub(crate) enum Kind {
    Collection {
        tracks_ids: bool,
        decode_row: fn(&str) -> Option<Rc<dyn AnyRow>>,
        /// The change with its rows patched; `None` if nothing differs.
        patch_rows: fn(&AnyChange, &PatchRow<'_>) -> Option<Rc<AnyChange>>,
    },
    Value {
        decode: fn(&str) -> Option<Rc<AnyValue>>,
        encode: fn(&AnyValue) -> Option<Json>,
    },
}

/// A row as a feed's updates make it; `None` if they change nothing.
type PatchedRow = Option<Rc<dyn AnyRow>>;

type PatchRow<'a> = dyn Fn(&dyn AnyRow) -> PatchedRow + 'a;

type ChangeBetween = fn(Option<&AnyValue>, Option<&AnyValue>) -> Option<Change>;

type RowPatch = Box<dyn Fn(&dyn AnyRow, &FeedUpdate) -> PatchedRow>;

/// Rows as a page or a snapshot brings them.
#[derive(Clone, Debug, PartialEq)]
pub struct RowPage {
    pub(crate) rows: Vec<Rc<dyn AnyRow>>,
    pub(crate) next_cursor: Option<String>,
}

/// One resource as a snapshot brings it.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceSnapshot {
    pub(crate) version: u64,
    pub(crate) data: SnapshotData,
}

/// The data of a [`ResourceSnapshot`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SnapshotData {
    /// A collection's newest rows, and the ids of all rows if it tracks them.
    List(RowPage, Option<IdSet>),
    /// A value.
    Value(Rc<AnyValue>),
}

impl ResourceSnapshot {
    /// A collection's newest rows. `ids` are those of all rows, for a collection that tracks them.
    #[must_use]
    pub fn of_rows<R: Row>(version: u64, page: sync_protocol::Page<R>, ids: Option<IdSet>) -> Self {
        let data = SnapshotData::List(RowPage::new(page), ids);
        Self { version, data }
    }

    /// A value.
    #[must_use]
    pub fn of_value<T: std::fmt::Debug + PartialEq + 'static>(version: u64, data: T) -> Self {
        let data = SnapshotData::Value(Rc::new(data));
        Self { version, data }
    }
}

impl RowPage {
    /// A page as the engine handles it.
    #[must_use]
    pub fn new<R: Row>(page: sync_protocol::Page<R>) -> Self {
        let rows = page.items.into_iter();
        Self {
            rows: rows.map(|row| -> Rc<dyn AnyRow> { Rc::new(row) }).collect(),
            next_cursor: page.next_cursor,
        }
    }
}

/// What a schema knows of a resource, whatever its types.
pub(crate) struct ResourceDefinition {
    pub(crate) name: &'static str,
    pub(super) type_id: TypeId,
    pub(crate) priority: Priority,
    pub(crate) kind: Kind,
    pub(super) decode_change: fn(&TypedChange) -> Option<Rc<AnyChange>>,
    pub(crate) change_priority: fn(&AnyChange) -> Priority,
    /// The key that a change states as a whole, and whether it is a passing state itself.
    pub(crate) replaces: fn(&AnyChange) -> Option<(&str, bool)>,
    pub(crate) apply: fn(&mut ResourceData, u64, &AnyChange, &mut Vec<RowChange>),
    /// What an event would have said of a row or value that a snapshot brought.
    pub(crate) change_between: ChangeBetween,
    /// The same of a row that is gone and was not loaded.
    pub(crate) change_of_removed: fn(&str) -> Option<Change>,
    pub(crate) view: fn(&Rebased) -> Option<Rc<AnyView>>,
    /// What the updates of feeds make of a collection's rows.
    pub(super) patches: Vec<(FeedId, RowPatch)>,
}

impl ResourceDefinition {
    /// A row as the updates of a feed make it; `None` if they change nothing.
    pub(crate) fn patch_row(
        &self,
        feed: FeedId,
        row: &dyn AnyRow,
        updates: &[FeedUpdate],
    ) -> PatchedRow {
        let mut patched: PatchedRow = None;
        for (_, patch) in self.patches.iter().filter(|(of, _)| *of == feed) {
            for update in updates {
                let new = patch(patched.as_deref().unwrap_or(row), update);
                patched = new.or(patched);
            }
        }
        patched.filter(|patched| **patched != *row)
    }

    /// A change as the updates of a feed make it; `None` if they change nothing.
    pub(crate) fn patch_change(
        &self,
        feed: FeedId,
        change: &AnyChange,
        updates: &[FeedUpdate],
    ) -> Option<Rc<AnyChange>> {
        match self.kind {
            Kind::Collection { patch_rows, .. } => {
                patch_rows(change, &|row| self.patch_row(feed, row, updates))
            }
            Kind::Value { .. } => None,
        }
    }
}
