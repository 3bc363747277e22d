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
use super::item::{Item, equal, shared};
use super::list::List;
use super::log::Log;
use super::rows::Rows;
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
struct Layer<'a> {
    shape: Shape,
    /// The wishes, oldest first.
    ids: Vec<&'a Rc<str>>,
    /// Place of the wish that made the row; later ones stand first among rows of one moment.
    place: u64,
}

impl Layer<'_> {
    fn new() -> Self {
        Self {
            shape: Shape::AsKnown,
            ids: Vec::with_capacity(1),
            place: 0,
        }
    }
}

#[derive(Clone, Debug)]
enum Shape {
    /// The server's row, as it is; none if it has none.
    AsKnown,
    /// No row.
    Hidden,
    /// This row.
    Shown(Rc<dyn Item>),
}

impl Shape {
    fn of<T: Item>(row: &Rc<T>) -> Self {
        let row: Rc<T> = Rc::clone(row);
        Self::Shown(row)
    }
}

/// What the wishes make of a list, by row id.
#[derive(Debug)]
struct Overlay<'a> {
    layers: FlatMap<&'a str, Layer<'a>>,
}

impl<'a> Overlay<'a> {
    fn new() -> Self {
        Self {
            layers: FlatMap::new(),
        }
    }

    /// What many wishes make of their rows, each row once.
    fn of(layers: Vec<(&'a str, Layer<'a>)>) -> Self {
        Self {
            layers: layers.into_iter().collect(),
        }
    }

    /// What the wishes so far make of a row, with one wish more that has a part in it.
    fn touch(&mut self, id: &'a str, entry: &'a Entry) -> &mut Layer<'a> {
        let layer = self.layers.or_insert_with(id, Layer::new);
        layer.ids.push(&entry.id);
        layer
    }

    /// The row as it looks so far.
    fn look<T: Item>(&self, id: &str, rows: &Rows<T>) -> Option<Rc<T>> {
        match self.layers.get(id).map(|layer| &layer.shape) {
            None | Some(Shape::AsKnown) => rows.get(id),
            Some(Shape::Hidden) => None,
            Some(Shape::Shown(item)) => shared(Rc::clone(item)),
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
        version: base.mark(resource).version,
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
    for made in list.held() {
        if merged.len() >= enough {
            return merged;
        }
        while let Some((layer, item)) = added.next_if(|(_, item)| item.at() >= made.item.at()) {
            merged.push(memory.row(item, layer));
        }
        match overlay.layers.get(made.item.id()) {
            None => merged.push(Shown {
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
    if !list.has_more() {
        let rest = added.take(enough.saturating_sub(merged.len()));
        merged.extend(rest.map(|(layer, item)| memory.row(item, layer)));
    }
    merged
}

/// Rows that the server's list does not have at that place, in the list's order.
fn additions<'a>(list: &List, overlay: &'a Overlay<'_>) -> Vec<(&'a Layer<'a>, &'a Rc<dyn Item>)> {
    if overlay.layers.is_empty() {
        return Vec::new();
    }
    let held = list.held().iter();
    let places: FlatMap<&str, &Rc<dyn Item>> =
        held.map(|made| (made.item.id(), &made.item)).collect();
    let mut added = Vec::new();
    for layer in overlay.layers.values() {
        if let Shape::Shown(item) = &layer.shape
            && places
                .get(item.id())
                .is_none_or(|known| known.at() != item.at())
        {
            added.push((layer, item));
        }
    }
    sorted(added, |(a, a_item), (b, b_item)| {
        model::newest_first((a_item.at(), a.place), (b_item.at(), b.place))
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
    fn row(&self, item: &Rc<dyn Item>, layer: &Layer<'_>) -> Shown {
        let former = self.pending.get(item.id());
        let item = former
            .map(|row| &row.item)
            .filter(|former| equal(former, item))
            .unwrap_or(item);
        let mutations = former
            .map(|row| &row.mutations)
            .filter(|former| former.iter().eq(layer.ids.iter().copied()));
        Shown {
            item: Rc::clone(item),
            mutations: mutations
                .map_or_else(|| layer.ids.iter().copied().cloned().collect(), Rc::clone),
        }
    }
}
