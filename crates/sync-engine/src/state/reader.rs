//! Typed reads of the known state, for an application's mutations.

use std::fmt;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use sync_protocol::Json;

use super::optimistic_rows::PreparedRows;
use super::server_state::{ResourceData, ServerState};
use crate::schema::{AnyRow, Collection, ResourceId, Value, data_ref, row_rc};

/// Reads what is known of the server's state, and what is on screen.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub(crate) server: &'a ServerState,
    pub(crate) prepared: Option<&'a PreparedRows>,
    /// The rows of a collection as they are on screen, predicted ones included.
    pub(crate) shown: Option<&'a dyn Fn(ResourceId) -> Vec<Rc<dyn AnyRow>>>,
    pub(crate) context: Option<&'a Json>,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(server: &'a ServerState) -> Self {
        Self {
            server,
            prepared: None,
            shown: None,
            context: None,
        }
    }

    /// What the user saw when they asked, if the mutation was
    /// [made with that](crate::schema::MutationRef::with_context) and it has this shape. Only for
    /// [`Mutation::prepare`](crate::schema::Mutation::prepare) and [`Mutation::subject`](crate::schema::Mutation::subject);
    /// `None` elsewhere.
    #[must_use]
    pub fn context<T: DeserializeOwned>(&self) -> Option<T> {
        self.context?.decode()
    }

    /// A row that the server has, if it is loaded.
    #[must_use]
    pub fn find<C: Collection>(&self, id: &str) -> Option<&'a C::Row> {
        let resource = self.server.schema.resource_id::<C>();
        data_ref(&**self.server.list(resource)?.find(id)?)
    }

    /// The loaded rows that the server has, newest first.
    pub fn rows<C: Collection>(&self) -> impl Iterator<Item = &'a C::Row> + use<'a, C> {
        let resource = self.server.schema.resource_id::<C>();
        let list = self.server.list(resource);
        let held = list.into_iter().flat_map(|list| &list.rows);
        held.filter_map(|held| data_ref(&*held.row))
    }

    /// Whether the server has a row, loaded or not; `None` until the collection was read.
    #[must_use]
    pub fn contains<C: Collection>(&self, id: &str) -> Option<bool> {
        let resource = self.server.schema.resource_id::<C>();
        let loaded = self.server.version(resource).loaded;
        loaded.then(|| self.server.has_row(resource, id))
    }

    /// A value that the server has, once it was read.
    #[must_use]
    pub fn value<V: Value>(&self) -> Option<&'a V::Data> {
        match self.server.data(self.server.schema.resource_id::<V>()) {
            ResourceData::Value(data) => data_ref(&**data.as_ref()?),
            ResourceData::List { .. } => None,
        }
    }

    /// The row that this mutation prepared.
    #[must_use]
    pub fn prepared<C: Collection>(&self) -> Option<Rc<C::Row>> {
        let resource = self.server.schema.resource_id::<C>();
        row_rc(self.prepared?.get(&resource)?)
    }

    /// Rows as they are on screen, predicted ones included; where the collection was not read yet, the predicted ones
    /// alone. Only for [`Mutation::duplicate_of`](crate::schema::Mutation::duplicate_of); empty elsewhere.
    pub fn shown<C: Collection>(&self) -> impl Iterator<Item = Rc<C::Row>> + use<C> {
        let resource = self.server.schema.resource_id::<C>();
        let rows = self.shown.map_or_else(Vec::new, |shown| shown(resource));
        rows.into_iter().filter_map(|row| row_rc(&row))
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
