//! The streams and how far each has come.

use dashboard_engine::view::{Key, SubscriptionView};
use yew::prelude::*;

use super::use_view::use_view;
use crate::contexts::use_realtime;

/// The streams that are joined, or were: the place in each, how it came back after the last interruption and when it was
/// last heard. Renders at most twice a second.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::use_subscription_list;
/// use yew::prelude::*;
///
/// #[component]
/// fn Streams() -> Html {
///     let streams = use_subscription_list();
///     html! {
///         <ul>
///             for stream in streams {
///                 <li>{ stream.channel.to_string() }</li>
///             }
///         </ul>
///     }
/// }
/// ```
#[hook]
pub fn use_subscription_list() -> Vec<SubscriptionView> {
    let realtime = use_realtime();
    use_view(&realtime, Key::Metrics, |core| core.subscriptions())
}
