//! The pages of the application and the frame around them. Those of the tabs are listed here.

use dashboard_model::{CatalogUpdates, Resource};
use sync_engine::schema::Schema;
use sync_engine::topics::TopicSet;
use yew::prelude::*;

use crate::components::Icon;
use crate::text;

mod activity;
mod analytics;
mod catalog_panel;
mod dashboard;
mod demo;
mod downloads;
mod elsewhere;
mod favorites;
mod list_page;
mod not_found;
mod orders;
mod overview;
mod page_link;
mod query_body;
mod requested_row;
mod route;
mod sign_in;
mod statistics;
mod title;

pub use dashboard::{ModernDashboard, ModernDashboardProps};
pub use demo::DemoPage;
pub use elsewhere::Elsewhere;
pub use not_found::NotFound;
pub use route::Route;
pub use sign_in::SignIn;

use activity::ActivityPage;
use analytics::AnalyticsPage;
use downloads::DownloadsPage;
use favorites::FavoritesPage;
use orders::OrdersPage;
use overview::Overview;

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

    /// Its path, label and icon.
    const fn link(self) -> (&'static str, &'static str, Icon) {
        match self {
            Self::Overview => ("/overview", text::OVERVIEW, Icon::Overview),
            Self::Favorites => ("/favorites", text::FAVORITES, Icon::Heart),
            Self::Orders => ("/orders", text::ORDERS, Icon::Bag),
            Self::Downloads => ("/downloads", text::DOWNLOADS, Icon::Download),
            Self::Activity => ("/activity", text::ACTIVITY, Icon::Pulse),
            Self::Analytics => ("/analytics", text::ANALYTICS, Icon::Columns),
        }
    }

    /// Draws its page.
    fn page(self) -> Html {
        match self {
            Self::Overview => html! { <Overview /> },
            Self::Favorites => html! { <FavoritesPage /> },
            Self::Orders => html! { <OrdersPage /> },
            Self::Downloads => html! { <DownloadsPage /> },
            Self::Activity => html! { <ActivityPage /> },
            Self::Analytics => html! { <AnalyticsPage /> },
        }
    }

    /// Its path, below the base of the router.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.link().0
    }

    /// The name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.path().split_at(1).1
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
