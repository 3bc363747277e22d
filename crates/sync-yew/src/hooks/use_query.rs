//! Data that stay current while a component shows them.

use std::marker::PhantomData;
use std::rc::Rc;

use sync_engine::Core;
use sync_engine::schema::{Collection, Query, Schema, Value};
use sync_engine::topics::TopicSet;
use sync_engine::view::{Key, ListView, PagesView, QueryView, RowView, ValueView};
use yew::prelude::*;

use super::use_topics::use_subscribed;
use super::use_view::use_view;
use crate::client::SyncClient;
use crate::guard::Subscribable;
use crate::provider::use_sync;

/// Something that can be read and kept current: a collection, a value, a query.
pub trait QuerySource: Clone + PartialEq + 'static {
    /// The type of the data.
    type Data: 'static;

    /// The key that changes when the data do.
    fn key(&self, schema: &Schema) -> Key;

    /// What to subscribe to, to keep it current.
    fn subscribable(&self, schema: &Schema) -> Subscribable;

    /// Reads the data.
    fn read(&self, core: &Core) -> QueryView<Self::Data>;
}

/// A collection as a [`QuerySource`].
#[derive(Debug)]
pub struct CollectionSource<C>(PhantomData<C>);

/// A value as a [`QuerySource`].
#[derive(Debug)]
pub struct ValueSource<V>(PhantomData<V>);

/// A query as a [`QuerySource`].
#[derive(Clone, Debug, PartialEq)]
pub struct PagesSource<Q>(pub Q);

macro_rules! resource_source {
    ($name:ident, $of:ident, $data:ty, $read:ident) => {
        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self(PhantomData)
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> PartialEq for $name<T> {
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }

        impl<T: $of> QuerySource for $name<T> {
            type Data = $data;

            fn key(&self, schema: &Schema) -> Key {
                Key::Resource(schema.resource_id::<T>())
            }

            fn subscribable(&self, schema: &Schema) -> Subscribable {
                Subscribable::Topics(TopicSet::of(schema.resource_id::<T>()))
            }

            fn read(&self, core: &Core) -> QueryView<$data> {
                core.$read::<T>()
            }
        }
    };
}

resource_source!(CollectionSource, Collection, ListView<T::Row>, collection);
resource_source!(ValueSource, Value, ValueView<T::Data>, value);

impl<Q: Query> QuerySource for PagesSource<Q> {
    type Data = PagesView<Q::Row>;

    fn key(&self, schema: &Schema) -> Key {
        Key::Query(schema.query_key(&self.0))
    }

    fn subscribable(&self, schema: &Schema) -> Subscribable {
        Subscribable::Query(schema.query_key(&self.0))
    }

    fn read(&self, core: &Core) -> QueryView<Self::Data> {
        core.query(&core.schema().query_key(&self.0))
    }
}

/// The handle of [`use_query`].
#[derive(Clone, Debug)]
pub struct UseQueryHandle<T> {
    view: QueryView<T>,
    key: Key,
    client: SyncClient,
}

impl<T> UseQueryHandle<T> {
    /// The data, if any were fetched.
    #[must_use]
    pub const fn data(&self) -> Option<&Rc<T>> {
        self.view.data.as_ref()
    }

    /// The data with their state: fetched, being fetched, or failed.
    #[must_use]
    pub const fn view(&self) -> &QueryView<T> {
        &self.view
    }

    /// Refetches.
    pub fn refetch(&self) {
        self.client.refetch(&self.key);
    }
}

impl<T> UseQueryHandle<ListView<T>> {
    /// The rows, newest first; none before they were fetched.
    #[must_use]
    pub fn rows(&self) -> &[RowView<T>] {
        self.data().map_or(&[], |list| &list.rows)
    }

    /// Whether the server has older rows than these.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.data().is_some_and(|list| list.has_older)
    }

    /// Shows older rows.
    pub fn load_older(&self) {
        self.client.load_more(&self.key);
    }
}

impl<T> UseQueryHandle<PagesView<T>> {
    /// The rows, in the order of the pages; none before they were fetched.
    #[must_use]
    pub fn rows(&self) -> &[Rc<T>] {
        self.data().map_or(&[], |pages| &pages.rows)
    }

    /// Whether the server has more rows than these.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.data().is_some_and(|pages| pages.has_more)
    }

    /// Shows more rows.
    pub fn load_more(&self) {
        self.client.load_more(&self.key);
    }
}

impl<T> PartialEq for UseQueryHandle<T> {
    /// Equal if they show the same data of the same client.
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.client == other.client && self.view == other.view
    }
}

/// Reads data and keeps them current while the component is mounted. Renders when the data or their state changed; data
/// with the same pointer are equal.
///
/// # Panics
/// There is no `SyncProvider` above the component, or the schema lacks the source.
#[hook]
pub fn use_query<S: QuerySource>(source: S) -> UseQueryHandle<S::Data> {
    use_query_if(true, source)
}

/// As [`use_query`], but keeps the data current only while `is_wanted`. Otherwise nothing is fetched, and the handle has
/// what the cache happens to hold.
///
/// # Panics
/// There is no `SyncProvider` above the component, or the schema lacks the source.
#[hook]
pub fn use_query_if<S: QuerySource>(is_wanted: bool, source: S) -> UseQueryHandle<S::Data> {
    let client = use_sync();
    let schema = client.schema();
    let key = source.key(&schema);
    let data = if is_wanted {
        source.subscribable(&schema)
    } else {
        Subscribable::Topics(TopicSet::default())
    };
    use_subscribed(&client, data);
    let view = use_view(&client, key.clone(), move |core| source.read(core));
    UseQueryHandle { view, key, client }
}

/// A collection, kept current while the component is mounted; see [`use_query`].
///
/// # Panics
/// There is no `SyncProvider` above the component, or the collection is not in the schema.
#[hook]
pub fn use_collection<C: Collection>() -> UseQueryHandle<ListView<C::Row>> {
    use_query(CollectionSource::<C>::default())
}

/// A value, kept current while the component is mounted; see [`use_query`].
///
/// # Panics
/// There is no `SyncProvider` above the component, or the value is not in the schema.
#[hook]
pub fn use_value<V: Value>() -> UseQueryHandle<ValueView<V::Data>> {
    use_query(ValueSource::<V>::default())
}

/// A query with its parameters, fetched page by page while the component is mounted; see [`use_query`].
///
/// # Panics
/// There is no `SyncProvider` above the component, or the query is not in the schema.
#[hook]
pub fn use_pages<Q: Query>(query: Q) -> UseQueryHandle<PagesView<Q::Row>> {
    use_query(PagesSource(query))
}

/// As [`use_pages`], but fetches only while `is_wanted`; see [`use_query_if`].
///
/// # Panics
/// There is no `SyncProvider` above the component, or the query is not in the schema.
///
/// # Examples
/// ```no_run
/// use sync_yew::prelude::*;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Properties)]
/// struct FoundProps<Q: Query> {
///     text: String,
///     query: Q,
/// }
///
/// /// Searches once there is something to search for.
/// #[component]
/// fn Found<Q: Query>(props: &FoundProps<Q>) -> Html {
///     let found = use_pages_if(!props.text.is_empty(), props.query.clone());
///     html! { <p>{ found.rows().len() }</p> }
/// }
/// ```
#[hook]
pub fn use_pages_if<Q: Query>(is_wanted: bool, query: Q) -> UseQueryHandle<PagesView<Q::Row>> {
    use_query_if(is_wanted, PagesSource(query))
}
