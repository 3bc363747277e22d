//! A component's subscriptions, kept while it is mounted.

use sync_engine::topics::TopicSet;
use yew::prelude::*;

use crate::client::SyncClient;
use crate::guard::Need;
use crate::provider::use_sync;

/// Keeps resources and feeds current while the component is mounted: their channels are subscribed, or they are polled.
/// Never renders by itself.
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_topics(topics: TopicSet) {
    let client = use_sync();
    use_need(&client, Need::Topics(topics));
}

/// Keeps a component's subscription while it is mounted.
#[hook]
pub fn use_need(client: &SyncClient, need: Need) {
    use_effect_with((client.clone(), need), |(client, need)| {
        let guard = client.subscribe_to(need.clone());
        move || drop(guard)
    });
}
