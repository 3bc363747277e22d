//! Counters and latencies, and the channels with their positions.

use std::rc::Rc;

use sync_engine::metrics::MetricsView;
use sync_engine::view::{Key, SubscriptionView};
use yew::prelude::*;

use super::use_view::use_view;
use crate::provider::use_sync;

/// Counts of received, applied, lost and refetched events, and latencies. Renders at most twice a second.
///
/// # Panics
/// There is no `SyncProvider` above the component.
#[hook]
pub fn use_metrics() -> Rc<MetricsView> {
    let client = use_sync();
    use_view(&client, Key::Metrics, |core| core.metrics())
}

/// The current and former subscriptions: the position in each channel, how it was recovered after the last interruption
/// and when its last publication arrived. Renders at most twice a second.
///
/// # Panics
/// There is no `SyncProvider` above the component.
///
/// # Examples
/// ```no_run
/// use sync_yew::use_subscriptions;
/// use yew::prelude::*;
///
/// #[component]
/// fn Channels() -> Html {
///     let subscriptions = use_subscriptions();
///     html! {
///         <ul>
///             for subscription in subscriptions {
///                 <li>{ subscription.channel.to_string() }</li>
///             }
///         </ul>
///     }
/// }
/// ```
#[hook]
pub fn use_subscriptions() -> Vec<SubscriptionView> {
    let client = use_sync();
    use_view(&client, Key::Metrics, |core| core.subscriptions())
}
