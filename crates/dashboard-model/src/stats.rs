//! The statistics at the top of the dashboard.

use serde::{Deserialize, Serialize};
use sync_engine::schema::Value;
use sync_engine::state::{Prediction, Reader};
use sync_protocol::Timestamp;

use crate::{Money, Resource, kind};

/// Downloads allowed and used this month.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Quota {
    /// Downloads requested this month that neither failed nor were cancelled.
    pub used: u32,
    /// The monthly limit.
    pub limit: u32,
}

/// Counters of the current month (UTC).
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct StatsMonth {
    /// Orders paid or completed.
    pub orders: u32,
    /// Downloads requested.
    pub downloads: u32,
    /// Sum of those orders.
    pub spent: Money,
}

/// Counters of one day (UTC).
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct TrendDay {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// Favorites added.
    pub favorites: u32,
    /// Orders paid or completed.
    pub orders: u32,
    /// Downloads requested.
    pub downloads: u32,
    /// Sum of those orders.
    pub spent: Money,
}

/// The statistics at the top of the dashboard.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Stats {
    /// Favorites now.
    pub favorites: u32,
    /// Orders paid or completed, ever.
    pub orders: u32,
    /// Downloads, ever.
    pub downloads: u32,
    /// Sum of those orders.
    pub spent: Money,
    /// Downloads allowed and used.
    #[serde(default)]
    pub quota: Quota,
    /// The current month.
    #[serde(default)]
    pub this_month: StatsMonth,
    /// The last 30 days, oldest first.
    #[serde(default)]
    pub trend: Vec<TrendDay>,
}

impl Stats {
    /// The day (UTC) of a timestamp, if it is among the last 30.
    pub(crate) fn day_mut(&mut self, at: &Timestamp) -> Option<&mut TrendDay> {
        let date = at.as_str().get(..10)?;
        self.trend.iter_mut().find(|day| day.date == date)
    }
}

/// A change of the statistics.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum StatsChange {
    /// The statistics changed; the data contains all of them.
    #[serde(rename = "stats_updated")]
    Updated(Box<Stats>),
}

impl StatsChange {
    /// Its type on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Updated(_) => kind::STATS_UPDATED,
        }
    }
}

/// The statistics.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Statistics;

impl Value for Statistics {
    const NAME: &'static str = Resource::Stats.as_str();
    type Data = Stats;
    type Change = StatsChange;

    fn apply(data: &mut Stats, change: &StatsChange) {
        let StatsChange::Updated(stats) = change;
        data.clone_from(stats);
    }

    fn replaces(_: &StatsChange) -> bool {
        true
    }

    fn change_between(_: &Stats, after: &Stats) -> Option<(&'static str, StatsChange)> {
        let change = StatsChange::Updated(Box::new(after.clone()));
        Some((change.kind(), change))
    }
}

/// Adds the effect of a mutation to the statistics, if it changes anything.
pub(crate) fn predict(
    prediction: &mut Prediction<'_>,
    add: impl FnOnce(&mut Stats, Reader<'_>, i32),
) {
    let delta = prediction.delta();
    if delta != 0 && !prediction.is_conflicted() {
        let reader = prediction.reader();
        prediction.update::<Statistics>(|stats| add(stats, reader, delta));
    }
}
