//! What a list looked like at a version, small enough to be kept for every version.

use std::hash::{DefaultHasher, Hash, Hasher};

use dashboard_model::{Activity, Download, Favorite, Order, Resource, Stats};

use crate::model::Server as Model;

/// One number for each row, newest first; for the statistics, the numbers that clicks move.
pub(crate) type Image = Vec<u64>;

/// A row that has an image.
pub(crate) trait Print {
    /// A number that is the same for rows that look the same. Prices and play counts are as of the read, and left out.
    fn print(&self) -> u64;
}

fn of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Print for Favorite {
    fn print(&self) -> u64 {
        of(&(&self.beat_id, &self.added_at))
    }
}

impl Print for Order {
    fn print(&self) -> u64 {
        of(&(&self.id, self.status, &self.updated_at))
    }
}

impl Print for Download {
    fn print(&self) -> u64 {
        of(&(&self.id, self.status, self.progress))
    }
}

impl Print for Activity {
    fn print(&self) -> u64 {
        of(&(&self.id, self.kind, &self.at))
    }
}

/// The image of the statistics.
pub(crate) fn of_stats(stats: &Stats) -> Image {
    vec![
        u64::from(stats.favorites),
        u64::from(stats.downloads),
        u64::from(stats.quota.used),
    ]
}

/// A resource of the model as it is now.
pub(crate) fn of_model(model: &Model, resource: Resource) -> Image {
    match resource {
        Resource::Favorites => model.favorites.iter().map(Print::print).collect(),
        Resource::Orders => model.orders.iter().map(Print::print).collect(),
        Resource::Downloads => model.downloads.iter().map(Print::print).collect(),
        Resource::Activity => model.activity.iter().map(Print::print).collect(),
        Resource::Stats => of_stats(&model.stats),
    }
}
