//! What a snapshot changes against the known data, as the changes that events would have brought.

use std::rc::Rc;

use super::list::List;
use super::server_state::{IdSet, ResourceData, ServerState};
use crate::event::Change;
use crate::map;
use crate::schema::{AnyData, AnyRow, ResourceDefinition, ResourceId, RowPage, SnapshotData};

impl ServerState {
    /// The changes from the known data of a resource to a snapshot's. There are no more than rows and ids in both.
    pub(super) fn changes_to(&self, resource: ResourceId, new: &SnapshotData) -> Vec<Change> {
        let definition = self.schema.definition(resource);
        match (self.data(resource), new) {
            (ResourceData::List { list, ids }, SnapshotData::List(page, new_ids)) => {
                let known = Known {
                    list,
                    ids: ids.as_deref(),
                };
                known.changes_to(definition, page, new_ids.as_ref())
            }
            (ResourceData::Value(Some(known)), SnapshotData::Value(new)) if **known != **new => {
                let change = (definition.change_between)(Some(&**known), Some(&**new));
                change.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The known rows of a collection.
struct Known<'a> {
    list: &'a List,
    ids: Option<&'a IdSet>,
}

impl Known<'_> {
    /// First what is gone, then what is new or another one; both oldest first, as events come. Rows that were not loaded
    /// are older than those that were, and in no order.
    fn changes_to(
        &self,
        definition: &ResourceDefinition,
        page: &RowPage,
        ids: Option<&IdSet>,
    ) -> Vec<Change> {
        let new = map::collect(page.rows.iter().map(|row| (row.id(), row)));
        let known = self.list.rows.iter().map(|held| &held.row);
        let all = self.ids.into_iter().flat_map(|ids| ids.iter());
        let unloaded = all.filter_map(|id| {
            let is_gone = ids.is_some_and(|ids| !ids.contains(id)) && self.list.find(id).is_none();
            is_gone.then(|| (definition.change_of_removed)(id))?
        });
        let gone = known.clone().rev().filter_map(|row| {
            let is_gone = !new.contains_key(row.id())
                && is_absent(&**row, ids, page.rows.last(), page.next_cursor.is_some());
            is_gone.then(|| (definition.change_between)(Some(&**row), None))?
        });
        let oldest = known.clone().next_back();
        let known = map::collect(known.map(|row| (row.id(), row)));
        let put = page.rows.iter().rev().filter_map(|row| {
            let before: Option<&Rc<dyn AnyRow>> = known.get(row.id()).copied();
            let is_change = match before {
                Some(before) => before != row,
                None => is_absent(&**row, self.ids, oldest, self.list.has_more()),
            };
            let before = before.map(|before| -> &dyn AnyData { &**before });
            is_change.then(|| (definition.change_between)(before, Some(&**row)))?
        });
        unloaded.chain(gone).chain(put).collect()
    }
}

/// Whether a row that is not among some is in none of the others either: by the ids of all, else because the oldest of
/// these is older, or there are no others.
fn is_absent(
    row: &dyn AnyRow,
    ids: Option<&IdSet>,
    oldest: Option<&Rc<dyn AnyRow>>,
    has_more: bool,
) -> bool {
    match ids {
        Some(ids) => !ids.contains(row.id()),
        None => !has_more || oldest.is_some_and(|oldest| row.at() > oldest.at()),
    }
}
