//! The activity with the rows that the wishes will make.

use dashboard_protocol::{Resource, Wish};

use super::super::base::Base;
use super::super::log::{Entry, Log, Stage};
use super::{Overlay, Shape, list, showing};
use crate::view::ActivityView;

/// Folds the activity.
pub(in crate::store) fn fold(
    base: &Base,
    log: &mut Log,
    former: Option<&ActivityView>,
) -> ActivityView {
    let mut overlay = Overlay::new();
    for (order, entry) in showing(log, Resource::Activity) {
        let Some(row) = entry.drafts.activity.clone() else {
            continue;
        };
        if happens(entry) {
            let known = base.activity.find(&row.id).is_some();
            let layer = overlay.touch(&row.id, entry);
            if !known {
                layer.shape = Shape::Shown(row);
                layer.order = order;
            }
        }
    }
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
