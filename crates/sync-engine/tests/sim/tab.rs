//! The tabs of the dashboard, as far as an engine notices them: the resources and the feed that each shows.

use dashboard_model::Resource::{self, Activity, Downloads, Favorites, Orders, Stats};
use dashboard_model::{Catalog, CatalogUpdates};
use sync_engine::schema::{QueryKey, ResourceSet, Schema};
use sync_engine::topics::TopicSet;

/// A tab of the dashboard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tab {
    Overview,
    Favorites,
    Orders,
    Downloads,
    Activity,
    Analytics,
}

impl Tab {
    pub(crate) const ALL: [Self; 6] = [
        Self::Overview,
        Self::Favorites,
        Self::Orders,
        Self::Downloads,
        Self::Activity,
        Self::Analytics,
    ];

    /// The resources that it shows.
    pub(crate) const fn resources(self) -> &'static [Resource] {
        match self {
            Self::Overview => &[Favorites, Activity, Stats],
            Self::Favorites => &[Favorites, Stats],
            Self::Orders => &[Orders, Stats],
            Self::Downloads => &[Downloads, Stats],
            Self::Activity => &[Activity],
            Self::Analytics => &[Stats],
        }
    }

    /// Whether it shows prices and play counts of the catalog.
    const fn shows_catalog_updates(self) -> bool {
        matches!(self, Self::Overview | Self::Favorites)
    }

    /// What it needs of the channels.
    pub(crate) fn topics(self, schema: &Schema) -> TopicSet {
        let mut topics = TopicSet::of(self.resources().iter().copied().collect::<ResourceSet>());
        if self.shows_catalog_updates() {
            topics.feeds.insert(schema.feed_id::<CatalogUpdates>());
        }
        topics
    }
}

/// The whole catalog, which the overview shows.
pub(crate) fn catalog(schema: &Schema) -> QueryKey {
    schema.query_key(&Catalog::search(""))
}
