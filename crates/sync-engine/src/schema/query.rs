//! Plain queries: lists without versions, read page by page when somebody looks.

use std::any::TypeId;
use std::fmt;
use std::rc::Rc;

use super::feed::{FeedId, FeedUpdate};
use super::row::{AnyItem, Item};

/// A list without versions under some parameters, such as a catalog under a search text. It is read page by page when
/// a component shows it, read again when it is stale, and kept for a while.
pub trait Query: Clone + fmt::Debug + PartialEq + 'static {
    /// Its name on the wire: the last part of its address.
    const NAME: &'static str;
    /// A row.
    type Row: Item + Clone;

    /// The parameters of the call, in the order in which they are sent. Equal parameters are the same query.
    fn params(&self) -> Vec<(&'static str, String)>;
}

/// One query of a schema: its index in the order of registration.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct QueryId(pub(super) usize);

impl QueryId {
    /// Its index in the order of registration.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// A query with its parameters: what a cache entry is found by.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct QueryKey {
    /// Which query.
    pub query: QueryId,
    /// Its parameters as a query string, without the question mark; empty if it has none.
    pub params: Rc<str>,
}

pub(super) type ItemPatch = Box<dyn Fn(&dyn AnyItem, &FeedUpdate) -> Option<Rc<dyn AnyItem>>>;

/// The erased form of a [`Query`].
pub(super) struct QueryDefinition {
    pub(super) name: &'static str,
    pub(super) type_id: TypeId,
    pub(super) decode_page: fn(&str) -> Option<ItemPage>,
    pub(super) patches: Vec<(FeedId, ItemPatch)>,
}

/// Rows as a page of a query brings them.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemPage {
    pub(crate) items: Vec<Rc<dyn AnyItem>>,
    pub(crate) next_cursor: Option<String>,
}

impl ItemPage {
    /// A page as the engine handles it.
    #[must_use]
    pub fn new<T: Item>(page: sync_protocol::Page<T>) -> Self {
        let items = page.items.into_iter();
        Self {
            items: items
                .map(|item| -> Rc<dyn AnyItem> { Rc::new(item) })
                .collect(),
            next_cursor: page.next_cursor,
        }
    }
}

pub(super) fn definition<Q: Query>() -> QueryDefinition {
    QueryDefinition {
        name: Q::NAME,
        type_id: TypeId::of::<Q>(),
        decode_page: |json| {
            let page: sync_protocol::Page<Q::Row> = serde_json::from_str(json).ok()?;
            Some(ItemPage::new(page))
        },
        patches: Vec::new(),
    }
}
