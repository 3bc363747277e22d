//! What can be asked for with `use_query`.

use std::rc::Rc;

use dashboard_engine::Core;
use dashboard_engine::view::{
    ActivityView, CatalogView, DownloadsView, FavoritesView, Key, OrdersView, QueryView, StatsView,
};
use dashboard_protocol::Resource;

use crate::realtime::Topic;

/// Something that can be read and kept current.
pub trait Query: Clone + PartialEq + 'static {
    /// What it reads.
    type Data: 'static;

    /// What changes when its data do.
    fn key(&self) -> Key;

    /// What has to be kept current for it.
    fn topic(&self) -> Topic;

    /// Reads it.
    fn read(&self, core: &Core) -> QueryView<Self::Data>;
}

macro_rules! resources {
    ($($(#[doc = $doc:literal])+ $name:ident($resource:ident) -> $data:ty, $read:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
        pub struct $name;

        impl Query for $name {
            type Data = $data;

            fn key(&self) -> Key {
                Key::Resource(Resource::$resource)
            }

            fn topic(&self) -> Topic {
                Topic::resource(Resource::$resource)
            }

            fn read(&self, core: &Core) -> QueryView<$data> {
                core.$read()
            }
        }
    )+};
}

resources! {
    /// The favorites, newest first.
    Favorites(Favorites) -> FavoritesView, favorites;
    /// The orders, newest first.
    Orders(Orders) -> OrdersView, orders;
    /// The downloads, newest first.
    Downloads(Downloads) -> DownloadsView, downloads;
    /// What happened on the account, newest first.
    ActivityLog(Activity) -> ActivityView, activity;
    /// The statistics.
    Statistics(Stats) -> StatsView, stats;
}

/// The catalog under a search text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Catalog {
    /// The search text; empty for everything.
    pub query: Rc<str>,
}

impl Query for Catalog {
    type Data = CatalogView;

    fn key(&self) -> Key {
        Key::Catalog(Rc::clone(&self.query))
    }

    fn topic(&self) -> Topic {
        Topic::Catalog(Rc::clone(&self.query))
    }

    fn read(&self, core: &Core) -> QueryView<CatalogView> {
        core.catalog(&self.query)
    }
}
