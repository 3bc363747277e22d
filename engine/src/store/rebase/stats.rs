//! The statistics with what the mutations add.

use std::rc::Rc;

use dashboard_protocol::{Resource, Stats, MutationBody};

use super::super::base::Base;
use super::super::entry::Entry;
use super::super::log::Log;
use super::showing;
use crate::view::StatsView;

/// Folds the statistics; `None` until they are loaded.
pub(in crate::store) fn fold(
    base: &Base,
    log: &Log,
    former: Option<&StatsView>,
) -> Option<StatsView> {
    let known = base.stats.as_ref()?;
    let mut stats: Option<Stats> = None;
    let mut ids: Vec<Rc<str>> = Vec::new();
    for (_, entry) in showing(log, Resource::Stats) {
        if entry.conflicted || entry.counted == 0 {
            continue;
        }
        add(stats.get_or_insert_with(|| (**known).clone()), entry);
        ids.push(Rc::clone(&entry.id));
    }
    let stats = stats.map_or_else(
        || Rc::clone(known),
        |stats| {
            let same = former
                .map(|view| &view.stats)
                .filter(|former| ***former == stats);
            same.map_or_else(|| Rc::new(stats), Rc::clone)
        },
    );
    let same = former
        .map(|view| &view.mutations)
        .filter(|former| ***former == *ids);
    Some(StatsView {
        stats,
        version: base.version_of_base(Resource::Stats).version,
        mutations: same.map_or_else(|| ids.as_slice().into(), Rc::clone),
    })
}

fn add(stats: &mut Stats, entry: &Entry) {
    let day = entry.created.0.get(..10).unwrap_or_default();
    match &entry.mutation.body {
        MutationBody::SetFavorite { .. } => {
            stats.favorites = stats.favorites.saturating_add_signed(entry.counted);
            // A mark that is taken back leaves the day on which it was set, which only its row knows.
            let set_on = entry.optimistic_rows.favorite.as_ref().map(|row| &row.added_at.0);
            let day = set_on.and_then(|at| at.get(..10)).unwrap_or_default();
            if let Some(day) = stats.trend.iter_mut().find(|trend| trend.date == day) {
                day.favorites = day.favorites.saturating_add_signed(entry.counted);
            }
        }
        MutationBody::RequestDownload { .. } => {
            stats.downloads = stats.downloads.saturating_add(1);
            stats.quota.used = stats.quota.used.saturating_add(1);
            stats.this_month.downloads = stats.this_month.downloads.saturating_add(1);
            if let Some(day) = stats.trend.iter_mut().find(|trend| trend.date == day) {
                day.downloads = day.downloads.saturating_add(1);
            }
        }
        MutationBody::CancelDownload { .. } => {
            stats.quota.used = stats.quota.used.saturating_add_signed(entry.counted);
        }
        MutationBody::PlaceOrder { .. } | MutationBody::CancelOrder { .. } => {}
    }
}
