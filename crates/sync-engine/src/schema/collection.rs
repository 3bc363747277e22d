//! Lists of rows that the server versions.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::definition::{Kind, ResourceDefinition};
use super::row::{AnyRow, Row, data_ref, row_rc};
use crate::event::Change;
use crate::scheduler::Priority;
use crate::state::{IdSet, List, ResourceData};
use crate::view::{ListView, Rebased, RowView};

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
    /// What an event says of it: an enum whose variants are the types of
    /// [`TypedChange`](sync_protocol::TypedChange). A change that cannot be read has the collection read again.
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

    /// What an event would have said of a row that a snapshot brought, with its type on the wire: `before` is `None` for a
    /// new row, `after` for one that is gone. Without it, listeners hear nothing of what was read and not received.
    fn change_between(
        before: Option<&Self::Row>,
        after: Option<&Self::Row>,
    ) -> Option<(&'static str, Self::Change)> {
        let _ = (before, after);
        None
    }

    /// The same of a row that is gone and was not loaded, so that only its id is known. It is known with
    /// [`Self::TRACKS_IDS`].
    fn change_of_removed(id: &str) -> Option<(&'static str, Self::Change)> {
        let _ = id;
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

    /// The change of a row, as [`Collection::change_between`] returns it.
    pub fn between(before: Option<&R>, after: Option<&R>) -> Option<(&'static str, Self)> {
        match (before, after) {
            (_, Some(row)) => Some(("put", Self::Put(row.clone()))),
            (Some(row), None) => {
                let id = row.id().to_owned();
                Some(("removed", Self::Removed { id }))
            }
            (None, None) => None,
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
        data_ref(&**self.list.find(id)?)
    }
}

/// The erased form of a [`Collection`].
pub(super) fn definition<C: Collection>() -> ResourceDefinition {
    ResourceDefinition {
        name: C::NAME,
        type_id: TypeId::of::<C>(),
        priority: C::PRIORITY,
        kind: Kind::Collection {
            tracks_ids: C::TRACKS_IDS,
            decode_row: |json| {
                let row: C::Row = serde_json::from_str(json).ok()?;
                Some(Rc::new(row))
            },
            patch_rows: |change, patch| {
                let patch = |row: &C::Row| data_ref(&*patch(row)?).cloned();
                let change = C::patch_rows(data_ref(change)?, &patch)?;
                Some(Rc::new(change))
            },
        },
        decode_change: |change| {
            let change: C::Change = change.decode()?;
            Some(Rc::new(change))
        },
        change_priority: |change| {
            data_ref(change).map_or(C::PRIORITY, |change| C::priority(change).max(C::PRIORITY))
        },
        replaces: |change| {
            let change = data_ref(change)?;
            C::replaces(change).map(|id| (id, C::is_transient(change)))
        },
        apply: |data, version, change, touched| {
            if let (ResourceData::List { list, ids }, Some(change)) = (data, data_ref(change)) {
                let mut rows = RowsMut {
                    list,
                    ids: ids.as_mut(),
                    version,
                    touched,
                    row: PhantomData,
                };
                C::apply(&mut rows, change);
            }
        },
        view: |rebased| {
            let Rebased::List(parts) = rebased else {
                return None;
            };
            let rows = parts.rows.iter().filter_map(|shown| {
                Some(RowView {
                    item: row_rc::<C::Row>(&shown.item)?,
                    mutations: Rc::clone(&shown.mutations),
                })
            });
            Some(Rc::new(ListView {
                rows: rows.collect(),
                version: parts.version,
                has_older: parts.has_older,
                loading_older: parts.loading_older,
                ids: parts.ids.clone(),
            }))
        },
        change_between: |before, after| {
            let before = before.and_then(data_ref);
            let (kind, change) = C::change_between(before, after.and_then(data_ref))?;
            Some(Change::new(kind, change))
        },
        change_of_removed: |id| {
            let (kind, change) = C::change_of_removed(id)?;
            Some(Change::new(kind, change))
        },
        patches: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use sync_protocol::Timestamp;

    use super::*;
    use crate::fixture::Job;

    #[test]
    fn a_row_that_differs_was_put_and_one_that_is_gone_was_removed() {
        let job = |progress| Job {
            id: "j1".to_owned(),
            progress,
            at: Timestamp::from_unix_ms(0),
        };
        let (before, after) = (job(1), job(2));
        let put = Some(("put", ListChange::Put(job(2))));
        assert_eq!(ListChange::between(None, Some(&after)), put);
        assert_eq!(ListChange::between(Some(&before), Some(&after)), put);
        let id = "j1".to_owned();
        let removed = Some(("removed", ListChange::Removed { id }));
        assert_eq!(ListChange::between(Some(&before), None), removed);
    }
}
