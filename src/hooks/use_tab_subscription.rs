//! The subscriptions of a tab.

use sync_yew::{use_sync, use_topics};
use yew::prelude::*;

use crate::pages::Tab;

/// Keeps the data of a tab current while the component is mounted. After a tab change, the channels of the new tab are
/// subscribed at once, and the former ones are unsubscribed some seconds later, so that switching back and forth costs
/// nothing. Never renders by itself.
///
/// # Panics
/// There is no `RealtimeProvider` above the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::use_tab_subscription;
/// use realtime_dashboard::pages::Tab;
/// use yew::prelude::*;
///
/// #[component]
/// fn OrdersPage() -> Html {
///     use_tab_subscription(Tab::Orders);
///     html! { <h1>{ "Orders" }</h1> }
/// }
/// ```
#[hook]
pub fn use_tab_subscription(tab: Tab) {
    let topics = tab.topics(&use_sync().schema());
    use_topics(topics);
}
