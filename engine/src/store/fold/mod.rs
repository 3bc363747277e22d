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
use super::log::{Entry, Log};
use super::rows::{Item, Rows};
use crate::flat::{FlatMap, sorted};
use crate::view::{ListView, Row};

/// What the wishes make of one row.
#[derive(Debug)]
struct Layer<T> {
    shape: Shape<T>,
    /// The wishes, oldest first.
    ids: Vec<Rc<str>>,
    /// Place of the wish that made the row; later ones stand first among rows of one moment.
    order: usize,
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
struct Overlay<T> {
    layers: FlatMap<String, Layer<T>>,
}

impl<T> Overlay<T> {
    const fn new() -> Self {
        Self {
            layers: FlatMap::new(),
        }
    }

    /// What the wishes so far make of a row, with one wish more that has a part in it.
    fn touch(&mut self, id: &str, entry: &Entry) -> &mut Layer<T> {
        let layer = self.layers.or_insert_with(id.to_owned(), || Layer {
            shape: Shape::AsKnown,
            ids: Vec::new(),
            order: 0,
        });
        layer.ids.push(Rc::clone(&entry.id));
        layer
    }

    /// The row as it looks so far, and whether it is the server's.
    fn look<'a>(&'a self, id: &str, rows: &'a Rows<T>) -> Option<&'a Rc<T>>
    where
        T: Item,
    {
        match self.layers.get(id).map(|layer| &layer.shape) {
            None | Some(Shape::AsKnown) => rows.find(id),
            Some(Shape::Hidden) => None,
            Some(Shape::Shown(item)) => Some(item),
        }
    }
}

/// Entries that are to be shown on a resource, with their place in the log.
fn showing(log: &mut Log, resource: Resource) -> impl Iterator<Item = (usize, &mut Entry)> {
    log.iter_mut()
        .enumerate()
        .filter(move |(_, entry)| entry.shows_on(resource))
}

/// The list with its overlay, cut to its window.
fn list<T: Item>(
    base: &Base,
    resource: Resource,
    rows: &Rows<T>,
    overlay: &Overlay<T>,
    former: Option<&ListView<T>>,
) -> ListView<T> {
    let merged = merge(rows, overlay, former);
    let has_older = rows.has_more() || merged.len() > rows.window();
    let mut merged = merged;
    merged.truncate(rows.window());
    ListView {
        rows: merged,
        version: base.mark(resource).version,
        has_older,
        loading_older: false,
    }
}

fn merge<T: Item>(
    rows: &Rows<T>,
    overlay: &Overlay<T>,
    former: Option<&ListView<T>>,
) -> Vec<Row<T>> {
    let memory = Memory::of(former);
    let held = rows.held();
    let mut added = additions(rows, overlay).into_iter().peekable();
    let mut merged = Vec::with_capacity(held.len() + overlay.layers.len());
    for made in held {
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
        merged.extend(added.map(|(layer, item)| memory.row(item, layer)));
    }
    merged
}

/// Rows that the server's list does not have at that place, in the list's order.
fn additions<'a, T: Item>(
    rows: &Rows<T>,
    overlay: &'a Overlay<T>,
) -> Vec<(&'a Layer<T>, &'a Rc<T>)> {
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
        model::newest_first((a_item.at(), a.order as u64), (b_item.at(), b.order as u64))
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

    fn row(&self, item: &Rc<T>, layer: &Layer<T>) -> Row<T> {
        let former = self.pending.get(item.id());
        let item = former
            .map(|row| &row.item)
            .filter(|former| *former == item)
            .unwrap_or(item);
        let mutations = former
            .map(|row| &row.mutations)
            .filter(|former| ***former == *layer.ids);
        Row {
            item: Rc::clone(item),
            mutations: mutations.map_or_else(|| layer.ids.as_slice().into(), Rc::clone),
        }
    }
}
