//! What the engine needs of a resource, whatever its types.

use std::any::{Any, TypeId};
use std::rc::Rc;

use sync_protocol::{Json, TypedChange};

use super::collection::RowChange;
use super::feed::{AnyUpdate, FeedId};
use super::row::{AnyData, AnyRow, Row, rows_equal};
use crate::scheduler::Priority;
use crate::state::{IdSet, ResourceData};
use crate::view::{AnyView, ListParts, ValueParts};

/// A change of whatever type.
pub(crate) type AnyChange = dyn AnyData;

/// A value of whatever type.
pub(crate) type AnyValue = dyn AnyData;

/// The two kinds of resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Collection { tracks_ids: bool },
    Value,
}

/// Rows as a page or a snapshot brings them.
#[derive(Clone, Debug)]
pub struct RowPage {
    pub(crate) rows: Vec<Rc<dyn AnyRow>>,
    pub(crate) next_cursor: Option<String>,
}

/// One resource as a snapshot brings it.
#[derive(Clone, Debug)]
pub struct ResourceSnapshot(pub(crate) SnapshotData);

/// The data of a [`ResourceSnapshot`].
#[derive(Clone, Debug)]
pub(crate) enum SnapshotData {
    /// A collection's newest rows, and the ids of all rows if it tracks them.
    List {
        version: u64,
        page: RowPage,
        ids: Option<IdSet>,
    },
    /// A value.
    Value { version: u64, data: Rc<AnyValue> },
}

impl ResourceSnapshot {
    /// A collection's newest rows. `ids` are those of all rows, for a collection that tracks them.
    #[must_use]
    pub fn of_rows<R: Row>(version: u64, page: sync_protocol::Page<R>, ids: Option<IdSet>) -> Self {
        Self(SnapshotData::List {
            version,
            page: RowPage::new(page),
            ids,
        })
    }

    /// A value.
    #[must_use]
    pub fn of_value<T: std::fmt::Debug + PartialEq + 'static>(version: u64, data: T) -> Self {
        Self(SnapshotData::Value {
            version,
            data: Rc::new(data),
        })
    }

    pub(crate) const fn version(&self) -> u64 {
        match &self.0 {
            SnapshotData::List { version, .. } | SnapshotData::Value { version, .. } => *version,
        }
    }
}

impl PartialEq for ResourceSnapshot {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (
                SnapshotData::List { version, page, ids },
                SnapshotData::List {
                    version: other_version,
                    page: other_page,
                    ids: other_ids,
                },
            ) => version == other_version && page == other_page && ids == other_ids,
            (
                SnapshotData::Value { version, data },
                SnapshotData::Value {
                    version: other_version,
                    data: other_data,
                },
            ) => version == other_version && **data == **other_data,
            _ => false,
        }
    }
}

impl RowPage {
    /// A page as the engine handles it.
    #[must_use]
    pub fn new<R: Row>(page: sync_protocol::Page<R>) -> Self {
        let mut rows: Vec<Rc<dyn AnyRow>> = Vec::with_capacity(page.items.len());
        for row in page.items {
            rows.push(Rc::new(row));
        }
        Self {
            rows,
            next_cursor: page.next_cursor,
        }
    }
}

impl PartialEq for RowPage {
    fn eq(&self, other: &Self) -> bool {
        let equal = |(a, b): (&Rc<dyn AnyRow>, &Rc<dyn AnyRow>)| rows_equal(a, b);
        self.next_cursor == other.next_cursor
            && self.rows.len() == other.rows.len()
            && self.rows.iter().zip(&other.rows).all(equal)
    }
}

/// A resource of whatever type. Implemented for collections and values, by nothing else.
pub(crate) trait ResourceDefinition {
    fn name(&self) -> &'static str;
    fn type_id(&self) -> TypeId;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn kind(&self) -> Kind;
    fn priority(&self) -> Priority;
    fn decode_change(&self, change: &TypedChange) -> Option<Rc<AnyChange>>;
    fn change_priority(&self, change: &AnyChange) -> Priority;
    /// The key that a change states as a whole, and whether it is a passing state itself.
    fn replaces<'a>(&self, change: &'a AnyChange) -> Option<(&'a str, bool)>;
    fn apply(
        &self,
        data: &mut ResourceData,
        version: u64,
        change: &AnyChange,
        touched: &mut Vec<RowChange>,
    );
    /// A row of a collection.
    fn decode_row(&self, json: &str) -> Option<Rc<dyn AnyRow>>;
    /// The data of a value.
    fn decode_value(&self, json: &str) -> Option<Rc<AnyValue>>;
    fn encode_value(&self, data: &AnyValue) -> Option<Json>;
    fn list_view(&self, parts: &ListParts) -> Rc<AnyView>;
    fn value_view(&self, parts: &ValueParts) -> Option<Rc<AnyView>>;
    fn patch_row(
        &self,
        feed: FeedId,
        row: &dyn AnyRow,
        updates: &[Rc<dyn AnyUpdate>],
    ) -> Option<Rc<dyn AnyRow>>;
    fn patch_change(
        &self,
        feed: FeedId,
        change: &AnyChange,
        updates: &[Rc<dyn AnyUpdate>],
    ) -> Option<Rc<AnyChange>>;
    fn is_patched_by(&self, feed: FeedId) -> bool;
}
