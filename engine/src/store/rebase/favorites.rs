//! The favorites with the mutations on top.

use std::rc::Rc;

use dashboard_protocol::{Resource, MutationBody};

use super::super::base::Base;
use super::super::entry::{Entity, Entry};
use super::super::log::Log;
use super::{RowOverlay, Note, Overlay, RowState, list, showing};
use crate::flat::{FlatSet, sorted};
use crate::view::FavoritesView;

/// Folds the favorites. Notes tell what each mutation adds to the counter, where that is another number than before.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&FavoritesView>,
) -> (FavoritesView, Vec<Note>) {
    let entries = showing(log, Resource::Favorites)
        .filter_map(Marked::of)
        .collect();
    let entries = sorted(entries, |a: &Marked<'_>, b| a.beat_id.cmp(b.beat_id));
    let (mut row_overlays, mut notes) = (Vec::new(), Vec::new());
    let (mut added, mut removed) = (Vec::new(), FlatSet::new());
    // Beat by beat, each beat's mutations in their order.
    for mutations in entries.chunk_by(|a, b| a.beat_id == b.beat_id) {
        let beat_id = mutations[0].beat_id;
        let known = base.favorite_ids.contains(beat_id);
        let mut is = known;
        let mut row_overlay = RowOverlay::new();
        for body in mutations {
            let counted = i32::from(body.favorite) - i32::from(is);
            body.state(counted, &mut row_overlay);
            is = body.favorite;
            let note = Note {
                position: body.position,
                conflicted: false,
                counted,
            };
            notes.extend(note.updates(body.entry));
        }
        match (known, is) {
            (false, true) => added.push(Rc::clone(beat_id)),
            (true, false) => {
                removed.insert(beat_id);
            }
            (true, true) | (false, false) => {}
        }
        row_overlays.push((&**beat_id, row_overlay));
    }
    let overlay = Overlay::of(row_overlays);
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

/// A mutation about one beat.
#[derive(Clone, Copy)]
struct Marked<'a> {
    beat_id: &'a Rc<str>,
    favorite: bool,
    position: u64,
    entry: &'a Entry,
}

impl<'a> Marked<'a> {
    fn of((position, entry): (u64, &'a Entry)) -> Option<Self> {
        let (MutationBody::SetFavorite { favorite, .. }, Entity::Favorite(beat_id)) =
            (&entry.mutation.body, &entry.entity)
        else {
            return None;
        };
        Some(Self {
            beat_id,
            favorite: *favorite,
            position,
            entry,
        })
    }

    /// What it makes of the row, if it adds `counted` to the number of favorites.
    fn state(&self, counted: i32, row_overlay: &mut RowOverlay<'a>) {
        row_overlay.ids.push(&self.entry.id);
        if counted > 0 {
            // Without the beat there is nothing to show in a row; the favorite is right all the same.
            let row = self.entry.optimistic_rows.favorite.as_ref();
            row_overlay.state = row.map_or(RowState::Hidden, RowState::of);
            row_overlay.position = self.position;
        } else if counted < 0 {
            row_overlay.state = RowState::Hidden;
        }
    }
}
