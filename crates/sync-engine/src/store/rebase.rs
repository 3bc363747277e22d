//! View = rebase(server state, pending mutations): what is shown is computed from the server's last known state and the
//! pending mutations on top, never patched and never restored from a copy. Rebasing equal inputs gives equal values.

use std::rc::Rc;

use super::pending::{PendingMutation, Stage};
use super::pending_mutations::PendingMutations;
use crate::map::{self, Map};
use crate::schema::{AnyRow, MutationId, ResourceId};
use crate::state::{
    Effect, IdSet, List, Overlay, PredictedRow, Prediction, ResourceData, RowOverlay, ServerState,
    newest_first,
};
use crate::view::{ListView, Rebased, RowView, ValueView};

/// Rebases a resource. Notes say what its own mutations come to, by their index, where that is another effect than
/// before. `None` for a value that was not read.
pub(super) fn rebase(
    server: &ServerState,
    pending: &PendingMutations,
    resource: ResourceId,
    former: Option<&Rebased>,
    loading_older: bool,
) -> (Option<Rebased>, Vec<(u64, Effect)>) {
    let (overlay, notes) = predict(server, pending, resource);
    let version = server.version(resource).version;
    let rebased = match server.data(resource) {
        ResourceData::List { list, ids } => {
            let memory = Memory::of(former);
            let mut rows = merge(list, &overlay, &memory);
            let has_older = list.has_more() || rows.len() > list.window;
            rows.truncate(list.window);
            Some(Rebased::List(Rc::new(ListView {
                rows,
                version,
                has_older,
                loading_older,
                ids: ids.as_ref().map(|ids| predicted_ids(ids, &overlay)),
            })))
        }
        ResourceData::Value(known) => known.as_ref().map(|known| {
            let former = match former {
                Some(Rebased::Value(parts)) => Some(parts),
                _ => None,
            };
            let data = overlay.value.as_ref().unwrap_or(known);
            let same_data = former
                .map(|parts| &parts.data)
                .filter(|former| ***former == **data);
            Rebased::Value(Rc::new(ValueView {
                data: Rc::clone(same_data.unwrap_or(data)),
                version,
                mutations: keep_pointer(
                    former.map(|parts| &parts.mutations),
                    &overlay.value_mutations,
                ),
            }))
        }),
    };
    (rebased, notes)
}

/// Has each mutation that shows on a resource predict it, in order.
fn predict(
    server: &ServerState,
    pending: &PendingMutations,
    resource: ResourceId,
) -> (Overlay, Vec<(u64, Effect)>) {
    let mut overlay = Overlay::default();
    let mut notes = Vec::new();
    let entries = pending.entries.iter();
    for (index, entry) in entries.filter(|(_, entry)| entry.shows_on(resource)) {
        let is_primary = resource == entry.ack.primary;
        let before = entry.optimistic.effect;
        let mut prediction = Prediction {
            resource,
            server,
            id: &entry.id,
            index: *index,
            at: &entry.optimistic.created,
            prepared: &entry.optimistic.prepared,
            decided: entry.stage != Stage::NeedsResolution,
            effect: Effect {
                conflicted: before.conflicted && !is_primary,
                ..before
            },
            overlay: &mut overlay,
        };
        entry.mutation.body.predict(&mut prediction);
        let effect = prediction.effect;
        if is_primary && effect != before {
            notes.push((*index, effect));
        }
    }
    (overlay, notes)
}

/// The ids of all rows, with those that come and go.
fn predicted_ids(ids: &Rc<IdSet>, overlay: &Overlay) -> Rc<IdSet> {
    let mut predicted = Rc::clone(ids);
    for (id, present) in &overlay.presence {
        if ids.contains(&**id) == *present {
            continue;
        }
        if *present {
            Rc::make_mut(&mut predicted).insert(Rc::clone(id));
        } else {
            Rc::make_mut(&mut predicted).remove(&**id);
        }
    }
    predicted
}

/// The list of mutations, under its former pointer if it is the same.
fn keep_pointer(former: Option<&Rc<[MutationId]>>, mutations: &[MutationId]) -> Rc<[MutationId]> {
    let same = former.filter(|former| ***former == *mutations);
    same.map_or_else(|| mutations.into(), Rc::clone)
}

/// A row of a view, of whatever type.
type ShownRow = RowView<dyn AnyRow>;

/// A predicted row with the mutations that made it.
type Predicted<'a> = (&'a PredictedRow, &'a Rc<dyn AnyRow>);

/// The rows in order, up to the first one behind the window.
fn merge(list: &List, overlay: &Overlay, memory: &Memory<'_>) -> Vec<ShownRow> {
    let mut added = additions(list, overlay).into_iter().peekable();
    let enough = list.window + 1;
    let mut merged = Vec::with_capacity(enough.min(list.rows.len() + added.len()));
    for held in &list.rows {
        if merged.len() >= enough {
            return merged;
        }
        while let Some((predicted, row)) = added.next_if(|(_, row)| row.at() >= held.row.at()) {
            merged.push(memory.row(row, &predicted.mutations));
        }
        match overlay.rows.get(held.row.id()) {
            None => merged.push(RowView {
                item: Rc::clone(&held.row),
                mutations: Rc::clone(&memory.none),
            }),
            Some(predicted) => match &predicted.overlay {
                RowOverlay::AsKnown => merged.push(memory.row(&held.row, &predicted.mutations)),
                RowOverlay::Shown(row) if row.at() == held.row.at() => {
                    merged.push(memory.row(row, &predicted.mutations));
                }
                // Hidden, or at another index.
                RowOverlay::Hidden | RowOverlay::Shown(_) => {}
            },
        }
    }
    if !list.has_more() {
        let rest = added.take(enough.saturating_sub(merged.len()));
        merged.extend(rest.map(|(predicted, row)| memory.row(row, &predicted.mutations)));
    }
    merged
}

/// Predicted rows that the server's list does not have at that index, in the list's order.
fn additions<'a>(list: &List, overlay: &'a Overlay) -> Vec<Predicted<'a>> {
    if overlay.rows.is_empty() {
        return Vec::new();
    }
    let held = list.rows.iter();
    let held = map::collect(held.map(|held| (held.row.id(), &held.row)));
    let mut added = Vec::new();
    for predicted in overlay.rows.values() {
        if let RowOverlay::Shown(row) = &predicted.overlay
            && held
                .get(row.id())
                .is_none_or(|known| known.at() != row.at())
        {
            added.push((predicted, row));
        }
    }
    map::sort_by(added, |(a, a_row), (b, b_row)| {
        newest_first((a_row.at(), a.index), (b_row.at(), b.index))
    })
}

/// The pending rows of the former view, so that a row that looks as before keeps its pointers.
struct Memory<'a> {
    pending: Map<&'a str, &'a ShownRow>,
    /// The empty list of mutations, shared by all rows that are as the server has them.
    none: Rc<[MutationId]>,
}

impl<'a> Memory<'a> {
    fn of(former: Option<&'a Rebased>) -> Self {
        let rows = match former {
            Some(Rebased::List(parts)) => &parts.rows[..],
            _ => &[],
        };
        let is_pending = |row: &&ShownRow| row.is_pending();
        let confirmed = rows.iter().find(|row| !row.is_pending());
        Self {
            none: confirmed.map_or_else(|| Rc::from([]), |row| Rc::clone(&row.mutations)),
            pending: map::collect(
                rows.iter()
                    .filter(is_pending)
                    .map(|row| (row.item.id(), row)),
            ),
        }
    }

    fn row(&self, row: &Rc<dyn AnyRow>, mutations: &[MutationId]) -> ShownRow {
        let former = self.pending.get(row.id());
        let same_row = former
            .map(|shown| &shown.item)
            .filter(|former| *former == row);
        RowView {
            item: Rc::clone(same_row.unwrap_or(row)),
            mutations: keep_pointer(former.map(|shown| &shown.mutations), mutations),
        }
    }
}

/// The rows of a collection as they are on screen; where it was not read, the rows that pending mutations prepared, as
/// long as nothing newer is asked for the same entity.
pub(super) fn shown_rows(
    rebased: Option<&Rebased>,
    pending: &PendingMutations,
    resource: ResourceId,
) -> Vec<Rc<dyn AnyRow>> {
    if let Some(Rebased::List(parts)) = rebased {
        return parts
            .rows
            .iter()
            .map(|shown| Rc::clone(&shown.item))
            .collect();
    }
    let is_last = |entry: &&PendingMutation| {
        let last = pending.of_entity(&entry.entity).next_back();
        last.is_some_and(|last| last.id == entry.id)
    };
    let prepared = pending.iter().rev().filter(is_last);
    prepared
        .filter_map(|entry| entry.optimistic.prepared.get(&resource).cloned())
        .collect()
}
