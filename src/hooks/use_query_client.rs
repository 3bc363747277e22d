//! What is cached, from anywhere.

use dashboard_engine::Core;
use dashboard_engine::view::QueryView;
use dashboard_protocol::{Beat, Page};
use yew::prelude::*;

use super::queries::{Catalog, Query};
use crate::contexts::use_realtime;
use crate::realtime::{SubscriptionGuard, RealtimeHandle};

/// What [`use_query_client`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseQueryClientHandle {
    realtime: RealtimeHandle,
}

impl UseQueryClientHandle {
    /// What is known of a query's data now, whether or not anybody shows them. Nothing is read for it and nobody renders
    /// because of it: [`use_query`](super::use_query) does that.
    #[must_use]
    pub fn read<Q: Query>(&self, query: &Q) -> QueryView<Q::Data> {
        self.realtime.read(|core| query.read(core))
    }

    /// Reads the data of a query before anybody shows them, unless fresh ones are there. They are kept current as long as
    /// the returned hold lives; a read that is under way is given up soon after it is dropped, unless somebody shows its
    /// data by then.
    #[must_use = "the read is given up when the hold is dropped"]
    pub fn prefetch(&self, query: &impl Query) -> SubscriptionGuard {
        self.realtime.subscribe_to(query.topic())
    }

    /// Puts the first page of the catalog under a search text in, as if it had been read just now: from a page that was
    /// made on the server, for example. Resources take no data but the server's, since theirs have versions; a
    /// user's changes of them are [mutations](super::use_optimistic_updates).
    pub fn set(&self, catalog: &Catalog, page: Page<Beat>) {
        self.realtime.set_catalog(&catalog.query, page);
    }

    /// What is known of all resources, and the user's changes on top, as JSON: for a report of a screen that looks
    /// wrong. `Store::import` of the engine shows the same from it. It holds the user's data.
    ///
    /// # Panics
    /// Never: the state is plain data, which can be written.
    #[must_use]
    pub fn export(&self) -> String {
        let state = self.realtime.read(Core::export);
        serde_json::to_string(&state).expect("plain data can be written")
    }

    /// Reads the data of one query again, if they were read before or are shown.
    pub fn invalidate(&self, query: &impl Query) {
        self.realtime.refetch(&query.key());
    }

    /// Reads everything on screen again. What the server says has not changed is neither sent nor drawn again.
    pub fn invalidate_all(&self) {
        self.realtime.refresh();
    }
}

/// Reads, prefetches, puts in, invalidates and writes out what is cached, from anywhere. Never renders by itself.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::use_query_client;
/// use yew::prelude::*;
///
/// #[component]
/// fn RefreshAll() -> Html {
///     let queries = use_query_client();
///     let onclick = move |_| queries.invalidate_all();
///     html! { <button {onclick}>{ "Refresh data" }</button> }
/// }
/// ```
#[hook]
pub fn use_query_client() -> UseQueryClientHandle {
    UseQueryClientHandle {
        realtime: use_realtime(),
    }
}
