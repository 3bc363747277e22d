//! The activity with the rows that the wishes will make.

use dashboard_protocol::{Resource, Wish};

use super::super::base::Base;
use super::super::entry::{Entry, Stage};
use super::super::log::Log;
use super::{Layer, Overlay, Shape, list, showing};
use crate::view::ActivityView;

/// Folds the activity.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&ActivityView>,
) -> ActivityView {
    let rows = showing(log, Resource::Activity).filter_map(|(place, entry)| {
        let row = entry.drafts.activity.as_ref().filter(|_| happens(entry))?;
        let known = base.activity.find(&row.id).is_some();
        let mut layer = Layer::new();
        layer.ids.push(&entry.id);
        if !known {
            layer.shape = Shape::of(row);
            layer.place = place;
        }
        Some((row.id.as_str(), layer))
    });
    // Each row belongs to one wish, after which it is named.
    let overlay = Overlay::of(rows.collect());
    list(base, Resource::Activity, &base.activity, &overlay, former)
}

/// Whether the wish changes anything, as far as is known: what changes nothing is not logged by the server.
fn happens(entry: &Entry) -> bool {
    let decided = entry.stage != Stage::NeedsResolution && !entry.conflicted;
    let counts = match entry.mutation.wish {
        Wish::SetFavorite { .. } => entry.counted != 0,
        _ => true,
    };
    decided && counts
}
