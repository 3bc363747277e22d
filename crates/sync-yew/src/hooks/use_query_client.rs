//! The cache that queries share.

use sync_engine::Core;
use sync_engine::schema::{ItemPage, Query};
use sync_engine::view::QueryView;
use sync_protocol::Page;
use yew::prelude::*;

use super::use_query::{PagesSource, QuerySource};
use crate::client::SyncClient;
use crate::guard::SubscriptionGuard;
use crate::provider::use_sync;

/// The handle of [`use_query_client`].
#[derive(Clone, Debug, PartialEq)]
pub struct UseQueryClientHandle {
    client: SyncClient,
}

impl UseQueryClientHandle {
    /// The current state of a source's data, whether or not a component shows them. This neither fetches nor renders:
    /// use [`use_query`](super::use_query) for that.
    #[must_use]
    pub fn read<S: QuerySource>(&self, source: &S) -> QueryView<S::Data> {
        self.client.read(|core| source.read(core))
    }

    /// Prefetches the data of a source before a component shows them, unless fresh data are in the cache. They are kept
    /// current as long as the returned guard lives; a fetch in flight is aborted soon after the guard is dropped,
    /// unless a component shows its data by then.
    #[must_use = "the read is aborted when the guard is dropped"]
    pub fn prefetch(&self, source: &impl QuerySource) -> SubscriptionGuard {
        self.client
            .subscribe_to(source.subscribable(&self.client.schema()))
    }

    /// Treats the first page of a query as just fetched: for example, a page that was rendered on the server.
    /// Collections accept data only from the server, since theirs have versions; use mutations to change them.
    pub fn set<Q: Query>(&self, query: &Q, page: Page<Q::Row>) {
        let key = PagesSource(query.clone()).key(&self.client.schema());
        self.client.set_page(&key, ItemPage::new(page));
    }

    /// The cached state of all resources, with the pending mutations on top, as JSON: for a bug report. `Store::import`
    /// of the engine restores the same view from it. It contains the user's data.
    ///
    /// # Panics
    /// Never: the state is plain data, which can always be serialized.
    #[must_use]
    pub fn export(&self) -> String {
        let state = self.client.read(Core::export);
        serde_json::to_string(&state).expect("plain data can be written")
    }

    /// Refetches the data of one source, if they were fetched before or are shown.
    pub fn invalidate(&self, source: &impl QuerySource) {
        self.client.refetch(&source.key(&self.client.schema()));
    }

    /// Refetches everything on screen. The server does not resend unchanged data, and they do not render again.
    pub fn invalidate_all(&self) {
        self.client.refresh();
    }
}

/// The cache that queries share. Never renders by itself.
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_query_client() -> UseQueryClientHandle {
    UseQueryClientHandle { client: use_sync() }
}
