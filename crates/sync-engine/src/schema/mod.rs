//! What an application's data are: its collections, values, mutations, queries and feeds.
//!
//! An application describes each of them by a type that implements [`Collection`], [`Value`], [`Mutation`], [`Query`]
//! or [`Feed`], and registers it in one [`Schema`]. The engine keeps, predicts and sends what the schema describes and
//! knows nothing else about it.

mod collection;
mod decode;
mod definition;
mod feed;
mod mutation;
mod query;
mod resource;
mod row;
mod value;

use std::any::TypeId;
use std::fmt;
use std::rc::Rc;

pub use collection::{Collection, ListChange, RowsMut};
pub use definition::{ResourceSnapshot, RowPage};
pub use feed::{Feed, FeedId, FeedUpdate, Update};
pub use mutation::{EntityKey, Mutation, MutationId, MutationRef, MutationRole, NewMutation};
pub use query::{ItemPage, Query, QueryId, QueryKey};
pub use resource::{RESOURCES_MAX, ResourceId, ResourceSet};
pub use row::{Item, Row};
pub use value::{Value, ValueChange};

pub(crate) use collection::RowChange;
pub use decode::{Topic, query_string};
pub(crate) use definition::{AnyChange, AnyValue, Kind, ResourceDefinition, SnapshotData};
pub(crate) use mutation::MutationDefinition;
pub(crate) use row::{AnyData, AnyItem, AnyRow, data_ref, item_rc, row_rc};

use feed::FeedDefinition;
use query::QueryDefinition;

/// Everything the engine knows about an application's data.
///
/// # Examples
/// ```ignore
/// let schema = Schema::new("dashboard")
///     .collection::<Favorites>()
///     .value::<Statistics>()
///     .mutation::<SetFavorite>()
///     .query::<Catalog>();
/// ```
pub struct Schema {
    namespace: &'static str,
    resources: Vec<ResourceDefinition>,
    mutations: Vec<MutationDefinition>,
    queries: Vec<QueryDefinition>,
    feeds: Vec<FeedDefinition>,
}

impl Schema {
    /// A schema without data. `namespace` is the first part of the names of personal channels:
    /// `<namespace>:<resource>#<user id>`.
    #[must_use]
    pub const fn new(namespace: &'static str) -> Self {
        Self {
            namespace,
            resources: Vec::new(),
            mutations: Vec::new(),
            queries: Vec::new(),
            feeds: Vec::new(),
        }
    }

    /// Adds a collection. Resources are rebased in the order of registration.
    ///
    /// # Panics
    /// There are [`RESOURCES_MAX`] resources already, or one of that name.
    #[must_use]
    pub fn collection<C: Collection>(self) -> Self {
        self.resource(collection::definition::<C>())
    }

    /// Adds a value.
    ///
    /// # Panics
    /// There are [`RESOURCES_MAX`] resources already, or one of that name.
    #[must_use]
    pub fn value<V: Value>(self) -> Self {
        self.resource(value::definition::<V>())
    }

    fn resource(mut self, definition: ResourceDefinition) -> Self {
        let name = definition.name;
        assert!(
            self.resource_named(name).is_none(),
            "the schema has a resource `{name}` already"
        );
        let _checked = ResourceId::new(self.resources.len());
        self.resources.push(definition);
        self
    }

    /// Adds a mutation, after the resources that it affects.
    ///
    /// # Panics
    /// One of [`Mutation::AFFECTS`] is not registered, or none is named.
    #[must_use]
    pub fn mutation<M: Mutation>(mut self) -> Self {
        let resolve = |name: &&str| {
            let resource = self.resource_named(name);
            resource
                .unwrap_or_else(|| panic!("`{}` affects `{name}`, which the schema lacks", M::KIND))
        };
        let affects: Vec<ResourceId> = M::AFFECTS.iter().map(resolve).collect();
        let Some(primary) = affects.first().copied() else {
            panic!("`{}` affects nothing", M::KIND);
        };
        let definition = mutation::definition::<M>(primary, affects.into_iter().collect());
        self.mutations.push(definition);
        self
    }

    /// Adds a query.
    #[must_use]
    pub fn query<Q: Query>(mut self) -> Self {
        self.queries.push(query::definition::<Q>());
        self
    }

    /// Adds a feed.
    #[must_use]
    pub fn feed<F: Feed>(mut self) -> Self {
        self.feeds.push(feed::definition::<F>());
        self
    }

    /// Says what the updates of a feed make of a collection's rows.
    ///
    /// # Panics
    /// The collection or the feed is not registered.
    #[must_use]
    pub fn patch<C: Collection, F: Feed>(
        mut self,
        patch: fn(&C::Row, &F::Update) -> Option<C::Row>,
    ) -> Self {
        let feed = self.feed_id::<F>();
        let resource = self.resource_id::<C>();
        let erased = move |row: &dyn AnyRow, update: &FeedUpdate| {
            let patched: Rc<dyn AnyRow> = Rc::new(patch(data_ref(row)?, update.downcast()?)?);
            Some(patched)
        };
        let definition = &mut self.resources[resource.index()];
        definition.patches.push((feed, Box::new(erased)));
        self
    }

    /// Says what the updates of a feed make of a query's rows.
    ///
    /// # Panics
    /// The query or the feed is not registered.
    #[must_use]
    pub fn patch_query<Q: Query, F: Feed>(
        mut self,
        patch: fn(&Q::Row, &F::Update) -> Option<Q::Row>,
    ) -> Self {
        let feed = self.feed_id::<F>();
        let query = self.query_id::<Q>();
        let erased = move |item: &dyn AnyItem, update: &FeedUpdate| {
            let patched: Rc<dyn AnyItem> = Rc::new(patch(data_ref(item)?, update.downcast()?)?);
            Some(patched)
        };
        let definition = &mut self.queries[query.index()];
        definition.patches.push((feed, Box::new(erased)));
        self
    }

    // Reads.

    /// Every resource, in the order of registration.
    pub fn resources(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..self.resources.len()).map(ResourceId::new)
    }

    /// All resources.
    #[must_use]
    pub const fn all_resources(&self) -> ResourceSet {
        ResourceSet::first(self.resources.len())
    }

    /// How many resources there are.
    #[must_use]
    pub const fn resource_count(&self) -> usize {
        self.resources.len()
    }

    /// The resource of that name; `None` for one that this schema lacks.
    #[must_use]
    pub fn resource_named(&self, name: &str) -> Option<ResourceId> {
        let mut resources = self.resources();
        resources.find(|resource| self.name_of(*resource) == name)
    }

    /// The name of a resource.
    #[must_use]
    pub fn name_of(&self, resource: ResourceId) -> &'static str {
        self.resources[resource.index()].name
    }

    /// The resource of a collection or value type.
    ///
    /// # Panics
    /// It is not registered.
    #[must_use]
    pub fn resource_id<T: 'static>(&self) -> ResourceId {
        let types = self.resources.iter().map(|known| known.type_id);
        ResourceId::new(index_of::<T>(types))
    }

    /// The id of a query type.
    ///
    /// # Panics
    /// It is not registered.
    #[must_use]
    pub fn query_id<Q: Query>(&self) -> QueryId {
        QueryId(index_of::<Q>(
            self.queries.iter().map(|known| known.type_id),
        ))
    }

    /// The key of a query under its parameters.
    ///
    /// # Panics
    /// The query is not registered.
    #[must_use]
    pub fn query_key<Q: Query>(&self, query: &Q) -> QueryKey {
        QueryKey {
            query: self.query_id::<Q>(),
            params: query_string(&query.params()).into(),
        }
    }

    /// The name of a query: the last part of its address.
    #[must_use]
    pub fn query_name(&self, query: QueryId) -> &'static str {
        self.queries[query.index()].name
    }

    /// The id of a feed type.
    ///
    /// # Panics
    /// It is not registered.
    #[must_use]
    pub fn feed_id<F: Feed>(&self) -> FeedId {
        FeedId(index_of::<F>(self.feeds.iter().map(|known| known.type_id)))
    }

    /// Every feed, in the order of registration.
    pub fn feeds(&self) -> impl Iterator<Item = FeedId> + use<> {
        (0..self.feeds.len()).map(FeedId)
    }

    /// Resources whose rows a feed's updates change.
    pub(crate) fn patched_by(&self, feed: FeedId) -> ResourceSet {
        let patches = |one: &ResourceId| &self.definition(*one).patches;
        let patched = self
            .resources()
            .filter(|one| patches(one).iter().any(|(of, _)| *of == feed));
        patched.collect()
    }

    pub(crate) fn definition(&self, resource: ResourceId) -> &ResourceDefinition {
        &self.resources[resource.index()]
    }

    /// What the schema knows of a kind of mutation.
    ///
    /// # Panics
    /// The mutation is not registered.
    pub(crate) fn mutation_of(&self, mutation: &MutationRef) -> &MutationDefinition {
        let kind = mutation.kind();
        self.mutation_named(kind)
            .unwrap_or_else(|| panic!("register `{kind}` with Schema::mutation"))
    }

    /// What a mutation is about.
    pub(crate) fn entity_of(&self, mutation: &MutationRef) -> EntityKey {
        EntityKey {
            resource: self.mutation_of(mutation).primary,
            id: Rc::from(mutation.body.entity()),
        }
    }

    pub(crate) fn mutation_named(&self, kind: &str) -> Option<&MutationDefinition> {
        self.mutations.iter().find(|known| known.kind == kind)
    }

    pub(crate) fn feed_priority(&self, feed: FeedId) -> crate::scheduler::Priority {
        self.feeds[feed.index()].priority
    }

    pub(crate) fn patch_item(
        &self,
        query: QueryId,
        feed: FeedId,
        item: &dyn AnyItem,
        update: &FeedUpdate,
    ) -> Option<Rc<dyn AnyItem>> {
        let patches = self.queries[query.index()].patches.iter();
        let mut patches = patches.filter(|(of, _)| *of == feed);
        patches.find_map(|(_, patch)| patch(item, update))
    }
}

#[track_caller]
fn index_of<T: 'static>(mut types: impl Iterator<Item = TypeId>) -> usize {
    let index = types.position(|known| known == TypeId::of::<T>());
    index.unwrap_or_else(|| panic!("register `{}` in the schema", std::any::type_name::<T>()))
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.resources.iter().map(|known| known.name).collect();
        f.debug_struct("Schema")
            .field("namespace", &self.namespace)
            .field("resources", &names)
            .finish_non_exhaustive()
    }
}
