//! View = fold(base, log): what is to be shown is computed from the server's last known state and the wishes on top,
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
use super::log::Log;
use super::rows::{Item, Rows};
use crate::flat::{FlatMap, sorted};
use crate::view::{ListView, Row};

/// What a fold learned about a wish.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Note {
    /// Its place in the log.
    pub(super) place: u64,
    /// Whether it no longer applies.
    pub(super) conflicted: bool,
    /// What it adds to the counter that it moves.
    pub(super) counted: i32,
}

impl Note {
    /// The note, if it says something new.
    fn news(self, entry: &Entry) -> Option<Self> {
        let same = self.conflicted == entry.conflicted && self.counted == entry.counted;
        (!same).then_some(self)
    }
}

/// What the wishes make of one row.
#[derive(Debug)]
struct Layer<'a, T> {
    shape: Shape<T>,
    /// The wishes, oldest first.
    ids: Vec<&'a Rc<str>>,
    /// Place of the wish that made the row; later ones stand first among rows of one moment.
    place: u64,
}

impl<T> Layer<'_, T> {
    fn new() -> Self {
        Self {
            shape: Shape::AsKnown,
            ids: Vec::with_capacity(1),
            place: 0,
        }
    }
}

#[derive(Clone, Debug)]
enum Shape<T> {
    /// The server's row, as it is; none if it has none.
    AsKnown,
    /// No row.
    Hidden,
    /// This row.
    Shown(Rc<T>),
}

/// What the wishes make of a list, by row id.
#[derive(Debug)]
struct Overlay<'a, T> {
    layers: FlatMap<&'a str, Layer<'a, T>>,
}

impl<'a, T: Item> Overlay<'a, T> {
    fn new() -> Self {
        Self {
            layers: FlatMap::new(),
        }
    }

    /// What many wishes make of their rows, each row once.
    fn of(layers: Vec<(&'a str, Layer<'a, T>)>) -> Self {
        Self {
            layers: layers.into_iter().collect(),
        }
    }

    /// What the wishes so far make of a row, with one wish more that has a part in it.
    fn touch(&mut self, id: &'a str, entry: &'a Entry) -> &mut Layer<'a, T> {
        let layer = self.layers.or_insert_with(id, Layer::new);
        layer.ids.push(&entry.id);
        layer
    }

    /// The row as it looks so far.
    fn look(&self, id: &str, rows: &Rows<T>) -> Option<Rc<T>> {
        match self.layers.get(id).map(|layer| &layer.shape) {
            None | Some(Shape::AsKnown) => rows.find(id).cloned(),
            Some(Shape::Hidden) => None,
            Some(Shape::Shown(item)) => Some(Rc::clone(item)),
        }
    }
}

/// Entries that are to be shown on a resource, with their place in the log.
fn showing(log: &Log, resource: Resource) -> impl Iterator<Item = (u64, &Entry)> {
    log.with_places()
        .filter(move |(_, entry)| entry.shows_on(resource))
}

/// The list with its overlay, cut to its window.
fn list<T: Item>(
    base: &Base,
    resource: Resource,
    rows: &Rows<T>,
    overlay: &Overlay<'_, T>,
    former: Option<&ListView<T>>,
) -> ListView<T> {
    let mut merged = merge(rows, overlay, former);
    let has_older = rows.has_more() || merged.len() > rows.window();
    merged.truncate(rows.window());
    ListView {
        rows: merged,
        version: base.mark(resource).version,
        has_older,
        loading_older: false,
    }
}

/// The rows in order, up to the first one behind the window.
fn merge<T: Item>(
    rows: &Rows<T>,
    overlay: &Overlay<'_, T>,
    former: Option<&ListView<T>>,
) -> Vec<Row<T>> {
    let memory = Memory::of(former);
    let held = rows.held();
    let mut added = additions(rows, overlay).into_iter().peekable();
    let enough = rows.window() + 1;
    let mut merged = Vec::with_capacity(enough);
    for made in held {
        if merged.len() >= enough {
            return merged;
        }
        while let Some((layer, item)) = added.next_if(|(_, item)| item.at() >= made.item.at()) {
            merged.push(memory.row(item, layer));
        }
        match overlay.layers.get(made.item.id()) {
            None => merged.push(Row {
                item: Rc::clone(&made.item),
                mutations: Rc::clone(&memory.none),
            }),
            Some(layer) => match &layer.shape {
                Shape::AsKnown => merged.push(memory.row(&made.item, layer)),
                Shape::Shown(item) if item.at() == made.item.at() => {
                    merged.push(memory.row(item, layer));
                }
                // Hidden, or standing at another place.
                Shape::Hidden | Shape::Shown(_) => {}
            },
        }
    }
    if !rows.has_more() {
        let rest = added.take(enough.saturating_sub(merged.len()));
        merged.extend(rest.map(|(layer, item)| memory.row(item, layer)));
    }
    merged
}

/// Rows that the server's list does not have at that place, in the list's order.
fn additions<'a, T: Item>(
    rows: &Rows<T>,
    overlay: &'a Overlay<'_, T>,
) -> Vec<(&'a Layer<'a, T>, &'a Rc<T>)> {
    let places: FlatMap<&str, &Rc<T>> = rows
        .held()
        .iter()
        .map(|made| (made.item.id(), &made.item))
        .collect();
    let added = overlay
        .layers
        .values()
        .filter_map(|layer| match &layer.shape {
            Shape::Shown(item) => Some((layer, item)),
            Shape::AsKnown | Shape::Hidden => None,
        })
        .filter(|(_, item)| {
            let known = places.get(item.id());
            known.is_none_or(|known| known.at() != item.at())
        })
        .collect();
    sorted(added, |(a, a_item), (b, b_item)| {
        model::newest_first((a_item.at(), a.place), (b_item.at(), b.place))
    })
}

/// The rows of the former view, so that a row that looks as before keeps its pointers.
struct Memory<'a, T> {
    pending: FlatMap<&'a str, &'a Row<T>>,
    /// The empty list of mutations, shared by all confirmed rows.
    none: Rc<[Rc<str>]>,
}

impl<'a, T: Item> Memory<'a, T> {
    fn of(former: Option<&'a ListView<T>>) -> Self {
        let rows = former.map_or(&[][..], |view| &view.rows);
        let none = rows
            .iter()
            .find(|row| !row.is_pending())
            .map(|row| Rc::clone(&row.mutations));
        Self {
            pending: rows
                .iter()
                .filter(|row| row.is_pending())
                .map(|row| (row.item.id(), row))
                .collect(),
            none: none.unwrap_or_else(|| Rc::from([])),
        }
    }

    fn row(&self, item: &Rc<T>, layer: &Layer<'_, T>) -> Row<T> {
        let former = self.pending.get(item.id());
        let item = former
            .map(|row| &row.item)
            .filter(|former| *former == item)
            .unwrap_or(item);
        let mutations = former
            .map(|row| &row.mutations)
            .filter(|former| former.iter().eq(layer.ids.iter().copied()));
        Row {
            item: Rc::clone(item),
            mutations: mutations
                .map_or_else(|| layer.ids.iter().copied().cloned().collect(), Rc::clone),
        }
    }
}
