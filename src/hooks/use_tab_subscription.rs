//! The streams of a tab.

use dashboard_engine::topics::Tab;
use yew::prelude::*;

use super::use_subscription_guard::use_subscription_guard;
use crate::contexts::use_realtime;
use crate::realtime::Topic;

/// Keeps current what a tab shows, while the component is mounted. Another tab's streams are taken up at once, the former
/// ones let go some seconds later, so that going back and forth costs nothing. Never renders by itself.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use dashboard_engine::topics::Tab;
/// use realtime_dashboard::hooks::use_tab_subscription;
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
    let realtime = use_realtime();
    use_subscription_guard(&realtime, Topic::Set(tab.topics()));
}
