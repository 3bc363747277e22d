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

/// What [`use_query_client`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseQueryClientHandle {
    client: SyncClient,
}

impl UseQueryClientHandle {
    /// What is known of a source's data now, whether or not a component shows them. Nothing is read for it, and nothing
    /// renders because of it: [`use_query`](super::use_query) does that.
    #[must_use]
    pub fn read<S: QuerySource>(&self, source: &S) -> QueryView<S::Data> {
        self.client.read(|core| source.read(core))
    }

    /// Reads the data of a source before a component shows them, unless fresh ones are there. They are kept current as long
    /// as the returned guard lives; a read in flight is aborted soon after it is dropped, unless a component shows its data
    /// by then.
    #[must_use = "the read is aborted when the guard is dropped"]
    pub fn prefetch(&self, source: &impl QuerySource) -> SubscriptionGuard {
        self.client.subscribe_to(source.need(&self.client.schema()))
    }

    /// Takes the first page of a query as if it had been read just now: from a page that was made on the server, for
    /// example. Collections take no data but the server's, since theirs have versions; a user's changes of them are
    /// mutations.
    pub fn set<Q: Query>(&self, query: &Q, page: Page<Q::Row>) {
        let key = PagesSource(query.clone()).key(&self.client.schema());
        self.client.set_page(&key, ItemPage::new(page));
    }

    /// What is known of all resources, with the pending mutations on top, as JSON: for a report of a screen that looks
    /// wrong. `Store::import` of the engine shows the same from it. It holds the user's data.
    ///
    /// # Panics
    /// Never: the state is plain data, which can be written.
    #[must_use]
    pub fn export(&self) -> String {
        let state = self.client.read(Core::export);
        serde_json::to_string(&state).expect("plain data can be written")
    }

    /// Reads the data of one source again, if they were read before or are shown.
    pub fn invalidate(&self, source: &impl QuerySource) {
        self.client.refetch(&source.key(&self.client.schema()));
    }

    /// Reads everything on screen again. Data that the server says have not changed are neither sent nor rendered again.
    pub fn invalidate_all(&self) {
        self.client.refresh();
    }
}

/// The cache that queries share. Never renders by itself.
///
/// # Panics
/// There is no `SyncProvider` around the component.
#[hook]
pub fn use_query_client() -> UseQueryClientHandle {
    UseQueryClientHandle { client: use_sync() }
}
