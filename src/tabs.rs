//! The tabs of the dashboard, and their subscriptions.

use dashboard_model::{CatalogUpdates, Resource};
use sync_engine::schema::Schema;
use sync_engine::topics::TopicSet;

/// A tab of the dashboard.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Tab {
    /// Statistics, catalog and recent activity.
    Overview,
    /// The user's favorites.
    Favorites,
    /// The user's orders.
    Orders,
    /// The user's downloads.
    Downloads,
    /// The account's activity.
    Activity,
    /// The statistics over time.
    Analytics,
}

impl Tab {
    /// All tabs, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Overview,
        Self::Favorites,
        Self::Orders,
        Self::Downloads,
        Self::Activity,
        Self::Analytics,
    ];

    /// The name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Favorites => "favorites",
            Self::Orders => "orders",
            Self::Downloads => "downloads",
            Self::Activity => "activity",
            Self::Analytics => "analytics",
        }
    }

    /// Parses a name from an address; `None` if no tab has it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.as_str() == name)
    }

    /// The data that the tab shows, and so subscribes to.
    #[must_use]
    pub fn topics(self, schema: &Schema) -> TopicSet {
        use Resource::{Activity, Downloads, Favorites, Orders, Stats};
        let (resources, shows_beats): (&[Resource], bool) = match self {
            Self::Overview => (&[Stats, Favorites, Activity], true),
            Self::Favorites => (&[Favorites, Stats], true),
            Self::Orders => (&[Orders, Stats], false),
            Self::Downloads => (&[Downloads, Stats], false),
            Self::Activity => (&[Activity], false),
            Self::Analytics => (&[Stats], false),
        };
        let feed = shows_beats.then(|| schema.feed_id::<CatalogUpdates>());
        TopicSet {
            resources: resources.iter().copied().collect(),
            feeds: feed.into_iter().collect(),
            poll_interval_ms: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tab_reads_its_own_word() {
        for tab in Tab::ALL {
            assert_eq!(Tab::parse(tab.as_str()), Some(tab));
        }
        assert_eq!(Tab::parse("signin"), None);
    }

    #[test]
    fn every_tab_with_numbers_or_beats_takes_their_channels() {
        let schema = dashboard_model::schema();
        for tab in Tab::ALL {
            let topics = tab.topics(&schema);
            let with_stats = tab != Tab::Activity;
            let stats = Resource::Stats.into();
            assert_eq!(topics.resources.contains(stats), with_stats, "{tab:?}");
            let with_beats = matches!(tab, Tab::Overview | Tab::Favorites);
            assert_eq!(!topics.feeds.is_empty(), with_beats, "{tab:?}");
        }
    }
}
