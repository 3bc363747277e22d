//! The rows that a mutation will make, made when the user asks.

use std::rc::Rc;

use serde::de::DeserializeOwned;
use sync_protocol::Timestamp;

use super::reader::Reader;
use crate::map::Map;
use crate::schema::{AnyRow, Collection, MutationId, ResourceId};

/// The rows that a mutation prepared: at most one for each collection.
pub(crate) type PreparedRows = Map<ResourceId, Rc<dyn AnyRow>>;

/// Where a mutation puts the rows that it will make; see [`Mutation::prepare`](crate::schema::Mutation::prepare).
#[derive(Debug)]
pub struct OptimisticRows<'a> {
    pub(crate) reader: Reader<'a>,
    pub(crate) id: &'a MutationId,
    pub(crate) at: &'a Timestamp,
    pub(crate) rows: &'a mut PreparedRows,
}

impl<'a> OptimisticRows<'a> {
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
        let resource = self.reader.server.schema.resource_id::<C>();
        self.rows.insert(resource, Rc::new(row));
    }
}
