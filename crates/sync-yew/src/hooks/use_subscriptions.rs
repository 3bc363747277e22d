//! The channels and how far each has come.

use sync_engine::view::{Key, SubscriptionView};
use yew::prelude::*;

use super::use_view::use_view;
use crate::provider::use_sync;

/// The channels that are subscribed, or were: the position in each, how it was recovered after the last interruption and
/// when a publication last came. Renders at most twice a second.
///
/// # Panics
/// There is no `SyncProvider` around the component.
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
