//! The favorites with the wishes on top.

use std::rc::Rc;

use dashboard_protocol::{Resource, Wish};

use super::super::base::Base;
use super::super::entry::{Entity, Entry};
use super::super::log::Log;
use super::{Layer, Note, Overlay, Shape, list, showing};
use crate::flat::{FlatSet, sorted};
use crate::view::FavoritesView;

/// Folds the favorites. Notes tell what each wish adds to the counter, where that is another number than before.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&FavoritesView>,
) -> (FavoritesView, Vec<Note>) {
    let entries = showing(log, Resource::Favorites)
        .filter_map(Marked::of)
        .collect();
    let entries = sorted(entries, |a: &Marked<'_>, b| a.beat_id.cmp(b.beat_id));
    let (mut layers, mut notes) = (Vec::new(), Vec::new());
    let (mut added, mut removed) = (Vec::new(), FlatSet::new());
    // Beat by beat, each beat's wishes in their order.
    for wishes in entries.chunk_by(|a, b| a.beat_id == b.beat_id) {
        let beat_id = wishes[0].beat_id;
        let known = base.favorite_ids.contains(beat_id);
        let mut is = known;
        let mut layer = Layer::new();
        for wish in wishes {
            let counted = i32::from(wish.favorite) - i32::from(is);
            wish.shape(counted, &mut layer);
            is = wish.favorite;
            let note = Note {
                place: wish.place,
                conflicted: false,
                counted,
            };
            notes.extend(note.news(wish.entry));
        }
        match (known, is) {
            (false, true) => added.push(Rc::clone(beat_id)),
            (true, false) => {
                removed.insert(beat_id);
            }
            (true, true) | (false, false) => {}
        }
        layers.push((&**beat_id, layer));
    }
    let overlay = Overlay::of(layers);
    let ids = base.favorite_ids.iter().filter(|id| !removed.contains(id));
    let ids = ids.cloned().chain(added).collect();
    let rows = list(
        base,
        Resource::Favorites,
        &base.favorites,
        &overlay,
        former.map(|view| &view.list),
    );
    (FavoritesView { list: rows, ids }, notes)
}

/// A wish about one beat.
#[derive(Clone, Copy)]
struct Marked<'a> {
    beat_id: &'a Rc<str>,
    favorite: bool,
    place: u64,
    entry: &'a Entry,
}

impl<'a> Marked<'a> {
    fn of((place, entry): (u64, &'a Entry)) -> Option<Self> {
        let (Wish::SetFavorite { favorite, .. }, Entity::Favorite(beat_id)) =
            (&entry.mutation.wish, &entry.entity)
        else {
            return None;
        };
        Some(Self {
            beat_id,
            favorite: *favorite,
            place,
            entry,
        })
    }

    /// What it makes of the row, if it adds `counted` to the number of favorites.
    fn shape(&self, counted: i32, layer: &mut Layer<'a>) {
        layer.ids.push(&self.entry.id);
        if counted > 0 {
            // Without the beat there is nothing to show in a row; the heart is right all the same.
            let row = self.entry.drafts.favorite.as_ref();
            layer.shape = row.map_or(Shape::Hidden, Shape::of);
            layer.place = self.place;
        } else if counted < 0 {
            layer.shape = Shape::Hidden;
        }
    }
}
