//! The rows that a mutation will make, made when the user asks.

use std::rc::Rc;

use serde::de::DeserializeOwned;
use sync_protocol::Timestamp;

use super::reader::Reader;
use crate::schema::{AnyRow, AnyUpdate, Collection, FeedId, MutationId, ResourceId, Schema};

/// Prepared rows: at most one for each resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreparedRows {
    rows: Vec<(ResourceId, Rc<dyn AnyRow>)>,
}

impl PreparedRows {
    pub(crate) fn get(&self, resource: ResourceId) -> Option<&Rc<dyn AnyRow>> {
        let mut rows = self.rows.iter();
        rows.find(|(of, _)| *of == resource).map(|(_, row)| row)
    }

    fn set(&mut self, resource: ResourceId, row: Rc<dyn AnyRow>) {
        self.rows.retain(|(of, _)| *of != resource);
        self.rows.push((resource, row));
    }

    /// A feed brought updates. Returns the resource whose row changed.
    pub(crate) fn patch(
        &mut self,
        schema: &Schema,
        feed: FeedId,
        updates: &[Rc<dyn AnyUpdate>],
    ) -> Option<ResourceId> {
        let mut changed = None;
        for (resource, row) in &mut self.rows {
            if let Some(patched) = schema
                .definition(*resource)
                .patch_row(feed, &**row, updates)
            {
                *row = patched;
                changed = Some(*resource);
            }
        }
        changed
    }
}

/// Where a mutation puts the rows that it will make; see [`Mutation::prepare`](crate::schema::Mutation::prepare).
#[derive(Debug)]
pub struct OptimisticRows<'a> {
    reader: Reader<'a>,
    id: &'a MutationId,
    at: &'a Timestamp,
    rows: &'a mut PreparedRows,
}

impl<'a> OptimisticRows<'a> {
    pub(crate) const fn new(
        reader: Reader<'a>,
        id: &'a MutationId,
        at: &'a Timestamp,
        rows: &'a mut PreparedRows,
    ) -> Self {
        Self {
            reader,
            id,
            at,
            rows,
        }
    }

    /// The id of the mutation.
    #[must_use]
    pub const fn id(&self) -> &'a MutationId {
        self.id
    }

    /// The timestamp for its rows: now, and not before any that the server has named, so that new rows come first also
    /// where this clock is slow.
    #[must_use]
    pub const fn at(&self) -> &'a Timestamp {
        self.at
    }

    /// What is known of the server's state.
    #[must_use]
    pub const fn reader(&self) -> Reader<'a> {
        self.reader
    }

    /// What the user saw when they asked, if the mutation was
    /// [made with that](crate::schema::MutationRef::with_context) and it has this shape.
    #[must_use]
    pub fn context<T: DeserializeOwned>(&self) -> Option<T> {
        self.reader.context()
    }

    /// Adds a row; one for each collection.
    pub fn add<C: Collection>(&mut self, row: C::Row) {
        let resource = self.reader.schema().resource_id::<C>();
        self.rows.set(resource, Rc::new(row));
    }
}
