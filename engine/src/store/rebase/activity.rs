//! The activity with the rows that the mutations will make.

use dashboard_protocol::{Resource, MutationBody};

use super::super::base::Base;
use super::super::entry::{Entry, Stage};
use super::super::log::Log;
use super::{RowOverlay, Overlay, RowState, list, showing};
use crate::view::ActivityView;

/// Folds the activity.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&ActivityView>,
) -> ActivityView {
    let rows = showing(log, Resource::Activity).filter_map(|(position, entry)| {
        let row = entry.optimistic_rows.activity.as_ref().filter(|_| happens(entry))?;
        let known = base.activity.find(&row.id).is_some();
        let mut row_overlay = RowOverlay::new();
        row_overlay.ids.push(&entry.id);
        if !known {
            row_overlay.state = RowState::of(row);
            row_overlay.position = position;
        }
        Some((row.id.as_str(), row_overlay))
    });
    // Each row belongs to one mutation, after which it is named.
    let overlay = Overlay::of(rows.collect());
    list(base, Resource::Activity, &base.activity, &overlay, former)
}

/// Whether the mutation changes anything, as far as is known: what changes nothing is not logged by the server.
fn happens(entry: &Entry) -> bool {
    let decided = entry.stage != Stage::NeedsResolution && !entry.conflicted;
    let counts = match entry.mutation.body {
        MutationBody::SetFavorite { .. } => entry.counted != 0,
        _ => true,
    };
    decided && counts
}
