//! View = fold(base, log): what is to be shown is computed from the server's last known state and the mutations on top,
//! never patched and never put back from a copy. Folding equal inputs gives equal values.

pub(super) mod activity;
pub(super) mod downloads;
pub(super) mod favorites;
pub(super) mod orders;
pub(super) mod stats;

use std::rc::Rc;

use dashboard_protocol::{Resource, model};

use super::base::Base;
use super::entry::Entry;
use super::item::{Item, equal, shared};
use super::list::List;
use super::log::Log;
use super::rows::Rows;
use crate::flat::{FlatMap, sorted};
use crate::view::{ListView, Row};

/// What a fold learned about a mutation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Note {
    /// Its place in the log.
    pub(super) position: u64,
    /// Whether it no longer applies.
    pub(super) conflicted: bool,
    /// What it adds to the counter that it moves.
    pub(super) counted: i32,
}

impl Note {
    /// The note, if it says something new.
    fn updates(self, entry: &Entry) -> Option<Self> {
        let same = self.conflicted == entry.conflicted && self.counted == entry.counted;
        (!same).then_some(self)
    }
}

/// What the mutations make of one row.
#[derive(Debug)]
struct RowOverlay<'a> {
    state: RowState,
    /// The mutations, oldest first.
    ids: Vec<&'a Rc<str>>,
    /// Place of the mutation that made the row; later ones stand first among rows of one moment.
    position: u64,
}

impl RowOverlay<'_> {
    fn new() -> Self {
        Self {
            state: RowState::AsKnown,
            ids: Vec::with_capacity(1),
            position: 0,
        }
    }
}

#[derive(Clone, Debug)]
enum RowState {
    /// The server's row, as it is; none if it has none.
    AsKnown,
    /// No row.
    Hidden,
    /// This row.
    Shown(Rc<dyn Item>),
}

impl RowState {
    fn of<T: Item>(row: &Rc<T>) -> Self {
        let row: Rc<T> = Rc::clone(row);
        Self::Shown(row)
    }
}

/// What the mutations make of a list, by row id.
#[derive(Debug)]
struct Overlay<'a> {
    row_overlays: FlatMap<&'a str, RowOverlay<'a>>,
}

impl<'a> Overlay<'a> {
    fn new() -> Self {
        Self {
            row_overlays: FlatMap::new(),
        }
    }

    /// What many mutations make of their rows, each row once.
    fn of(row_overlays: Vec<(&'a str, RowOverlay<'a>)>) -> Self {
        Self {
            row_overlays: row_overlays.into_iter().collect(),
        }
    }

    /// What the mutations so far make of a row, with one mutation more that has a part in it.
    fn touch(&mut self, id: &'a str, entry: &'a Entry) -> &mut RowOverlay<'a> {
        let row_overlay = self.row_overlays.or_insert_with(id, RowOverlay::new);
        row_overlay.ids.push(&entry.id);
        row_overlay
    }

    /// The row as it looks so far.
    fn look<T: Item>(&self, id: &str, rows: &Rows<T>) -> Option<Rc<T>> {
        match self.row_overlays.get(id).map(|row_overlay| &row_overlay.state) {
            None | Some(RowState::AsKnown) => rows.get(id),
            Some(RowState::Hidden) => None,
            Some(RowState::Shown(item)) => shared(Rc::clone(item)),
        }
    }
}

/// Entries that are to be shown on a resource, with their place in the log.
fn showing(log: &Log, resource: Resource) -> impl Iterator<Item = (u64, &Entry)> {
    log.with_positions()
        .filter(move |(_, entry)| entry.shows_on(resource))
}

/// The list with its overlay, cut to its window.
fn list<T: Item>(
    base: &Base,
    resource: Resource,
    rows: &Rows<T>,
    overlay: &Overlay<'_>,
    former: Option<&ListView<T>>,
) -> ListView<T> {
    let list = &rows.list;
    let mut merged = merge(list, overlay, &memory_of(former));
    let has_older = list.has_more() || merged.len() > list.window();
    merged.truncate(list.window());
    let rows = merged.into_iter().filter_map(|shown| {
        let item = shared(shown.item)?;
        let mutations = shown.mutations;
        Some(Row { item, mutations })
    });
    ListView {
        rows: rows.collect(),
        version: base.version_of_base(resource).version,
        has_older,
        loading_older: false,
    }
}

/// A row of a view, of whatever kind.
struct Shown {
    item: Rc<dyn Item>,
    mutations: Rc<[Rc<str>]>,
}

/// The rows in order, up to the first one behind the window.
fn merge(list: &List, overlay: &Overlay<'_>, memory: &Memory<'_>) -> Vec<Shown> {
    let mut added = additions(list, overlay).into_iter().peekable();
    let enough = list.window() + 1;
    let mut merged = Vec::with_capacity(enough);
    for row in list.held() {
        if merged.len() >= enough {
            return merged;
        }
        while let Some((row_overlay, item)) = added.next_if(|(_, item)| item.at() >= row.item.at()) {
            merged.push(memory.row(item, row_overlay));
        }
        match overlay.row_overlays.get(row.item.id()) {
            None => merged.push(Shown {
                item: Rc::clone(&row.item),
                mutations: Rc::clone(&memory.none),
            }),
            Some(row_overlay) => match &row_overlay.state {
                RowState::AsKnown => merged.push(memory.row(&row.item, row_overlay)),
                RowState::Shown(item) if item.at() == row.item.at() => {
                    merged.push(memory.row(item, row_overlay));
                }
                // Hidden, or standing at another place.
                RowState::Hidden | RowState::Shown(_) => {}
            },
        }
    }
    if !list.has_more() {
        let rest = added.take(enough.saturating_sub(merged.len()));
        merged.extend(rest.map(|(row_overlay, item)| memory.row(item, row_overlay)));
    }
    merged
}

/// Rows that the server's list does not have at that place, in the list's order.
fn additions<'a>(list: &List, overlay: &'a Overlay<'_>) -> Vec<(&'a RowOverlay<'a>, &'a Rc<dyn Item>)> {
    if overlay.row_overlays.is_empty() {
        return Vec::new();
    }
    let held = list.held().iter();
    let positions: FlatMap<&str, &Rc<dyn Item>> =
        held.map(|row| (row.item.id(), &row.item)).collect();
    let mut added = Vec::new();
    for row_overlay in overlay.row_overlays.values() {
        if let RowState::Shown(item) = &row_overlay.state
            && positions
                .get(item.id())
                .is_none_or(|known| known.at() != item.at())
        {
            added.push((row_overlay, item));
        }
    }
    sorted(added, |(a, a_item), (b, b_item)| {
        model::newest_first((a_item.at(), a.position), (b_item.at(), b.position))
    })
}

/// The rows of the former view that were not confirmed, so that a row that looks as before keeps its pointers.
struct Memory<'a> {
    pending: FlatMap<&'a str, Shown>,
    /// The empty list of mutations, shared by all confirmed rows.
    none: Rc<[Rc<str>]>,
}

fn memory_of<T: Item>(former: Option<&ListView<T>>) -> Memory<'_> {
    let mut pending = Vec::new();
    let mut none = None;
    for row in former.map_or(&[][..], |view| &view.rows) {
        if row.is_pending() {
            let (item, mutations) = (Rc::clone(&row.item), Rc::clone(&row.mutations));
            pending.push((row.item.id(), Shown { item, mutations }));
        } else {
            none.get_or_insert(&row.mutations);
        }
    }
    Memory {
        none: none.map_or_else(|| Rc::from([]), Rc::clone),
        pending: pending.into_iter().collect(),
    }
}

impl Memory<'_> {
    fn row(&self, item: &Rc<dyn Item>, row_overlay: &RowOverlay<'_>) -> Shown {
        let former = self.pending.get(item.id());
        let item = former
            .map(|row| &row.item)
            .filter(|former| equal(former, item))
            .unwrap_or(item);
        let mutations = former
            .map(|row| &row.mutations)
            .filter(|former| former.iter().eq(row_overlay.ids.iter().copied()));
        Shown {
            item: Rc::clone(item),
            mutations: mutations
                .map_or_else(|| row_overlay.ids.iter().copied().cloned().collect(), Rc::clone),
        }
    }
}
