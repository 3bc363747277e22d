//! The favorites with the wishes on top.

use std::rc::Rc;

use dashboard_protocol::{Resource, Wish};

use super::super::base::Base;
use super::super::log::Log;
use super::{Overlay, Shape, list, showing};
use crate::flat::FlatSet;
use crate::view::FavoritesView;

/// Folds the favorites. Each wish also learns what it adds to the counter; the second value tells whether that
/// became another number for any of them.
pub(in crate::store) fn fold(
    base: &Base,
    log: &mut Log,
    former: Option<&FavoritesView>,
) -> (FavoritesView, bool) {
    let mut ids: FlatSet<Rc<str>> = base.favorite_ids.clone();
    let mut overlay = Overlay::new();
    let mut recounted = false;
    for (order, entry) in showing(log, Resource::Favorites) {
        let Wish::SetFavorite { beat_id, favorite } = &entry.mutation.wish else {
            continue;
        };
        let was = ids.contains(beat_id.as_str());
        let layer = overlay.touch(beat_id, entry);
        match (*favorite, was) {
            (true, false) => {
                ids.insert(Rc::from(beat_id.as_str()));
                // Without the beat there is nothing to show in a row; the heart is right all the same.
                let row = entry.drafts.favorite.as_ref();
                layer.shape = row.map_or(Shape::Hidden, |row| Shape::Shown(Rc::clone(row)));
                layer.order = order;
            }
            (false, true) => {
                ids.remove(beat_id.as_str());
                layer.shape = Shape::Hidden;
            }
            (true, true) | (false, false) => {}
        }
        let counted = i32::from(*favorite) - i32::from(was);
        recounted |= counted != entry.counted;
        entry.counted = counted;
    }
    let rows = list(
        base,
        Resource::Favorites,
        &base.favorites,
        &overlay,
        former.map(|view| &view.list),
    );
    (FavoritesView { list: rows, ids }, recounted)
}
