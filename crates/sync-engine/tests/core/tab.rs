//! The tabs of the dashboard, as far as these tests need them.

use dashboard_model::{CatalogUpdates, Resource};
use sync_engine::topics::TopicSet;

use super::schema;

/// A tab of the dashboard.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tab {
    /// Numbers, catalog and recent activity.
    Overview,
    Favorites,
    Orders,
    Downloads,
    Activity,
}

impl Tab {
    /// The resources and feeds that it shows.
    pub(super) fn topics(self) -> TopicSet {
        use Resource::{Activity, Downloads, Favorites, Orders, Stats};
        let (resources, shows_catalog): (&[Resource], bool) = match self {
            Self::Overview => (&[Stats, Favorites, Activity], true),
            Self::Favorites => (&[Favorites, Stats], true),
            Self::Orders => (&[Orders, Stats], false),
            Self::Downloads => (&[Downloads, Stats], false),
            Self::Activity => (&[Activity], false),
        };
        let feed = schema().feed_id::<CatalogUpdates>();
        TopicSet {
            resources: resources.iter().copied().collect(),
            feeds: shows_catalog.then_some(feed).into_iter().collect(),
        }
    }
}
