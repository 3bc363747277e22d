//! The reads of the engine, at any time.

use std::rc::Rc;

use sync_protocol::User;

use super::Core;
use crate::metrics::MetricsView;
use crate::schema::{
    Collection, EntityKey, Item, MutationRef, Query, QueryKey, ResourceId, Schema, Value,
};
use crate::status::ConnectionView;
use crate::store::Export;
use crate::time::Now;
use crate::view::{
    EntityView, ListView, MutationsView, PagesView, QueryView, SubscriptionView, ValueView,
};

impl Core {
    /// The application's schema.
    #[must_use]
    pub const fn schema(&self) -> &Rc<Schema> {
        &self.schema
    }

    /// Who is signed in.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// The status of the connection.
    #[must_use]
    pub fn connection(&self) -> Rc<ConnectionView> {
        self.status.view()
    }

    /// How far the server's clock is ahead of this device's, in milliseconds; 0 as long as that is unknown. The ages of the
    /// server's timestamps are counted with it.
    #[must_use]
    pub const fn clock_offset_ms(&self) -> i64 {
        self.store.clock_offset_ms
    }

    /// A collection as it is on screen.
    ///
    /// # Panics
    /// The collection is not in the schema.
    #[must_use]
    pub fn collection<C: Collection>(&self) -> QueryView<ListView<C::Row>> {
        self.store.collection::<C>()
    }

    /// A value as it is on screen.
    ///
    /// # Panics
    /// The value is not in the schema.
    #[must_use]
    pub fn value<V: Value>(&self) -> QueryView<ValueView<V::Data>> {
        self.store.value::<V>()
    }

    /// A query as it is on screen, with rows of type `T`.
    #[must_use]
    pub fn query<T: Item>(&self, key: &QueryKey) -> QueryView<PagesView<T>> {
        self.queries.view(key)
    }

    /// A row of a query, if any of its pages has loaded it.
    ///
    /// # Panics
    /// The query is not in the schema.
    #[must_use]
    pub fn query_row<Q: Query>(&self, id: &str) -> Option<Rc<Q::Row>> {
        self.queries.item(self.schema.query_id::<Q>(), id)
    }

    /// Whether one row is in a collection that tracks ids.
    #[must_use]
    pub fn entity(&self, entity: &EntityKey) -> EntityView {
        self.store.entity(entity)
    }

    /// The pending mutations, and those that failed.
    #[must_use]
    pub fn mutations(&self) -> Rc<MutationsView> {
        self.store.mutations()
    }

    /// What already stands for a mutation, if it repeats another one or asks for something that is being made: the id of
    /// its entity.
    #[must_use]
    pub fn duplicate_of(&self, now: Now, mutation: &MutationRef) -> Option<Rc<str>> {
        self.store.duplicate_of(now, mutation)
    }

    /// The epoch of the known data, and the version of a resource in it; `None` before it was read in this epoch. For
    /// reports and for tests that compare with the server.
    #[must_use]
    pub fn known(&self, resource: ResourceId) -> Option<(Rc<str>, u64)> {
        self.store.epoch().zip(self.store.version_of(resource))
    }

    /// The known data and the pending mutations on top, so that a strange screen can be replayed elsewhere by
    /// [`Store::import`](crate::store::Store::import).
    #[must_use]
    pub fn export(&self) -> Export {
        self.store.export()
    }

    /// Counters and latencies.
    #[must_use]
    pub fn metrics(&self) -> Rc<MetricsView> {
        self.metrics.view()
    }

    /// The channels that are subscribed, or were, with their positions; emitted with
    /// [`Key::Metrics`](crate::view::Key::Metrics).
    #[must_use]
    pub fn subscriptions(&self) -> Vec<SubscriptionView> {
        self.connection.channels.views()
    }
}
