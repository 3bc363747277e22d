//! Lists of rows that the server versions.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sync_protocol::{Json, TypedChange};

use super::definition::{AnyChange, AnyValue, Kind, ResourceDefinition};
use super::feed::{AnyUpdate, FeedId};
use super::row::{AnyRow, Row, data_ref, row_rc, row_ref};
use crate::scheduler::Priority;
use crate::state::List;
use crate::state::{IdSet, ResourceData};
use crate::view::{AnyView, ListParts, ListView, RowView};

/// A list of rows that the server versions: it is read by snapshots, followed by events and paged.
///
/// # Examples
/// ```
/// use serde::{Deserialize, Serialize};
/// use sync_engine::schema::{Collection, Row, RowsMut};
/// use sync_protocol::Timestamp;
///
/// #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
/// struct Todo {
///     id: String,
///     text: String,
///     created_at: Timestamp,
/// }
///
/// impl Row for Todo {
///     fn id(&self) -> &str {
///         &self.id
///     }
///
///     fn at(&self) -> &Timestamp {
///         &self.created_at
///     }
/// }
///
/// #[derive(Debug, Deserialize, PartialEq)]
/// #[serde(rename_all = "snake_case")]
/// enum TodoChange {
///     TodoAdded(Todo),
///     TodoRemoved { id: String },
/// }
///
/// struct Todos;
///
/// impl Collection for Todos {
///     const NAME: &'static str = "todos";
///     type Row = Todo;
///     type Change = TodoChange;
///
///     fn apply(rows: &mut RowsMut<'_, Todo>, change: &TodoChange) {
///         match change {
///             TodoChange::TodoAdded(todo) => rows.put(todo.clone()),
///             TodoChange::TodoRemoved { id } => rows.remove(id),
///         }
///     }
/// }
/// ```
pub trait Collection: 'static {
    /// Its name on the wire: in channels, snapshots and addresses.
    const NAME: &'static str;
    /// How soon any change of it has to be on the screen.
    const PRIORITY: Priority = Priority::Medium;
    /// Whether snapshots carry the ids of all its rows (`ids`), beyond those that are loaded, so that membership is
    /// known for every row.
    const TRACKS_IDS: bool = false;
    /// A row.
    type Row: Row;
    /// What an event says of it: an enum whose variants are the types of [`TypedChange`]. A change that cannot be read has
    /// the collection read again.
    type Change: fmt::Debug + PartialEq + DeserializeOwned + 'static;

    /// Applies a change to the server's rows.
    fn apply(rows: &mut RowsMut<'_, Self::Row>, change: &Self::Change);

    /// How soon this change has to be on the screen, if sooner than [`Self::PRIORITY`].
    fn priority(change: &Self::Change) -> Priority {
        let _ = change;
        Self::PRIORITY
    }

    /// The id of the row that this change states as a whole, so that earlier passing states of it may be left out.
    fn replaces(change: &Self::Change) -> Option<&str> {
        let _ = change;
        None
    }

    /// Whether this change is a passing state, such as a progress: it is left out if a later change in the same batch
    /// [replaces](Self::replaces) it.
    fn is_transient(change: &Self::Change) -> bool {
        let _ = change;
        false
    }

    /// The change with its rows replaced by what `patch` makes of them; `None` if it holds no row or nothing differs.
    /// Needed only for rows that a [`Feed`](super::Feed) updates.
    fn patch_rows(
        change: &Self::Change,
        patch: &dyn Fn(&Self::Row) -> Option<Self::Row>,
    ) -> Option<Self::Change> {
        let _ = (change, patch);
        None
    }
}

/// A change of a collection that needs no changes of its own: `{"type": "put", "data": {…}}` adds or replaces a row,
/// `{"type": "removed", "data": {"id": …}}` takes one out.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListChange<R> {
    /// The row is so.
    Put(R),
    /// The row is gone.
    Removed {
        /// Its id.
        id: String,
    },
}

impl<R: Row> ListChange<R> {
    /// Applies the change, as [`Collection::apply`] does.
    pub fn apply(&self, rows: &mut RowsMut<'_, R>) {
        match self {
            Self::Put(row) => rows.put(row.clone()),
            Self::Removed { id } => rows.remove(id),
        }
    }
}

/// The server's rows of a collection while a change is applied to them.
#[derive(Debug)]
pub struct RowsMut<'a, R> {
    list: &'a mut List,
    ids: Option<&'a mut Rc<IdSet>>,
    version: u64,
    touched: &'a mut Vec<RowChange>,
    row: PhantomData<R>,
}

/// What a change did to one row.
#[derive(Clone, Debug)]
pub(crate) enum RowChange {
    Put(Rc<dyn AnyRow>),
    Removed(Rc<str>),
}

impl RowChange {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Put(row) => row.id(),
            Self::Removed(id) => id,
        }
    }
}

impl<R: Row> RowsMut<'_, R> {
    /// Adds a row, or replaces the one with its id, where the list's order says.
    pub fn put(&mut self, row: R) {
        let row: Rc<dyn AnyRow> = Rc::new(row);
        if let Some(ids) = &mut self.ids {
            Rc::make_mut(ids).insert(Rc::from(row.id()));
        }
        self.list.put(Rc::clone(&row), self.version);
        self.touched.push(RowChange::Put(row));
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: &str) {
        if let Some(ids) = &mut self.ids {
            Rc::make_mut(ids).remove(id);
        }
        self.list.remove(id);
        self.touched.push(RowChange::Removed(Rc::from(id)));
    }

    /// A loaded row.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&R> {
        self.list.find(id).and_then(|row| row_ref(&**row))
    }
}

type RowPatch<R> = Box<dyn Fn(&R, &dyn AnyUpdate) -> Option<R>>;

/// The erased form of a [`Collection`].
pub(super) struct CollectionDefinition<C: Collection> {
    patches: Vec<(FeedId, RowPatch<C::Row>)>,
}

impl<C: Collection> CollectionDefinition<C> {
    pub(super) const fn new() -> Self {
        Self {
            patches: Vec::new(),
        }
    }

    pub(super) fn patched_by(&mut self, feed: FeedId, patch: RowPatch<C::Row>) {
        self.patches.push((feed, patch));
    }

    fn patched(&self, feed: FeedId, row: &C::Row, updates: &[Rc<dyn AnyUpdate>]) -> Option<C::Row> {
        let mut patched: Option<C::Row> = None;
        for (_, patch) in self.patches.iter().filter(|(of, _)| *of == feed) {
            for update in updates {
                let new = patch(patched.as_ref().unwrap_or(row), &**update);
                patched = new.or(patched);
            }
        }
        patched.filter(|patched| patched != row)
    }
}

impl<C: Collection> ResourceDefinition for CollectionDefinition<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn type_id(&self) -> TypeId {
        TypeId::of::<C>()
    }

    fn as_any_mut(&mut self) -> &mut dyn std::any::Any {
        self
    }

    fn kind(&self) -> Kind {
        Kind::Collection {
            tracks_ids: C::TRACKS_IDS,
        }
    }

    fn priority(&self) -> Priority {
        C::PRIORITY
    }

    fn decode_change(&self, change: &TypedChange) -> Option<Rc<AnyChange>> {
        let change: C::Change = change.decode()?;
        Some(Rc::new(change))
    }

    fn change_priority(&self, change: &AnyChange) -> Priority {
        data_ref(change).map_or(C::PRIORITY, |change| C::priority(change).max(C::PRIORITY))
    }

    fn replaces<'a>(&self, change: &'a AnyChange) -> Option<(&'a str, bool)> {
        let change = data_ref(change)?;
        C::replaces(change).map(|id| (id, C::is_transient(change)))
    }

    fn apply(
        &self,
        data: &mut ResourceData,
        version: u64,
        change: &AnyChange,
        touched: &mut Vec<RowChange>,
    ) {
        let (ResourceData::List { list, ids }, Some(change)) = (data, data_ref(change)) else {
            return;
        };
        let mut rows = RowsMut {
            list,
            ids: ids.as_mut(),
            version,
            touched,
            row: PhantomData,
        };
        C::apply(&mut rows, change);
    }

    fn decode_row(&self, json: &str) -> Option<Rc<dyn AnyRow>> {
        let row: C::Row = serde_json::from_str(json).ok()?;
        Some(Rc::new(row))
    }

    fn decode_value(&self, _: &str) -> Option<Rc<AnyValue>> {
        None
    }

    fn encode_value(&self, _: &AnyValue) -> Option<Json> {
        None
    }

    fn list_view(&self, parts: &ListParts) -> Rc<AnyView> {
        let rows = parts.rows.iter().filter_map(|shown| {
            Some(RowView {
                item: row_rc::<C::Row>(&shown.row)?,
                mutations: Rc::clone(&shown.mutations),
            })
        });
        Rc::new(ListView {
            rows: rows.collect(),
            version: parts.version,
            has_older: parts.has_older,
            loading_older: parts.loading_older,
            ids: parts.ids.clone(),
        })
    }

    fn value_view(&self, _: &crate::view::ValueParts) -> Option<Rc<AnyView>> {
        None
    }

    fn patch_row(
        &self,
        feed: FeedId,
        row: &dyn AnyRow,
        updates: &[Rc<dyn AnyUpdate>],
    ) -> Option<Rc<dyn AnyRow>> {
        let patched = self.patched(feed, row_ref(row)?, updates)?;
        Some(Rc::new(patched))
    }

    fn patch_change(
        &self,
        feed: FeedId,
        change: &AnyChange,
        updates: &[Rc<dyn AnyUpdate>],
    ) -> Option<Rc<AnyChange>> {
        let change = C::patch_rows(data_ref(change)?, &|row| self.patched(feed, row, updates))?;
        Some(Rc::new(change))
    }

    fn is_patched_by(&self, feed: FeedId) -> bool {
        self.patches.iter().any(|(of, _)| *of == feed)
    }
}
