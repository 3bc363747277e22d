//! A component's subscriptions, kept while it is mounted.

use std::rc::Rc;

use sync_engine::topics::TopicSet;
use sync_web::Guard;
use yew::prelude::*;

use crate::client::SyncClient;
use crate::guard::{Subscribable, SubscriptionGuard};
use crate::provider::use_sync;

/// Keeps resources and feeds current while the component is mounted and shown: their channels are subscribed, or they are
/// polled.
/// Never renders by itself.
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_topics(topics: TopicSet) {
    let client = use_sync();
    use_subscribed(&client, Subscribable::Topics(topics));
}

/// Keeps a component's subscription while it is mounted and shown. It begins in the render and not in an effect after it,
/// so that data that are there already are in the first render.
#[hook]
pub fn use_subscribed(client: &SyncClient, data: Subscribable) {
    use_memo((client.clone(), data), |(client, data)| {
        let (driver, data) = (Rc::clone(&client.driver), data.clone());
        let subscribe = move || SubscriptionGuard::new(Rc::clone(&driver), data.clone());
        client.shown.keep(move || Guard::new(subscribe()))
    });
}
