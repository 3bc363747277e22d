//! What a component needs, held while it is mounted.

use yew::prelude::*;

use crate::realtime::{SubscriptionGuard, Topic, RealtimeHandle};

/// Holds what a component needs while it is mounted.
#[hook]
pub(super) fn use_subscription_guard(realtime: &RealtimeHandle, topic: Topic) {
    use_effect_with((realtime.clone(), topic), |(realtime, topic)| {
        let hold: SubscriptionGuard = realtime.subscribe_to(topic.clone());
        move || drop(hold)
    });
}
