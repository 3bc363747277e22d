//! Changes as they happen.

use dashboard_engine::core::Applied;
use dashboard_engine::topics::TopicSet;
use dashboard_protocol::{ChangeKind, Resource};
use yew::prelude::*;

use super::use_subscription_guard::use_subscription_guard;
use crate::contexts::use_realtime;
use crate::realtime::Topic;

/// Calls `callback` once for each change of one of `kinds`, after it is in the store, and keeps the streams of those
/// changes while the component is mounted. Never renders by itself.
///
/// The callback of the last render is the one that is called; a new one costs nothing.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use dashboard_protocol::ChangeKind;
/// use realtime_dashboard::hooks::use_realtime_subscription;
/// use yew::prelude::*;
///
/// #[component]
/// fn OrderCounter() -> Html {
///     let count = use_state(|| 0);
///     let counter = count.clone();
///     use_realtime_subscription(
///         &[ChangeKind::OrderCreated],
///         Callback::from(move |_| counter.set(*counter + 1)),
///     );
///     html! { <p>{ *count }</p> }
/// }
/// ```
#[hook]
pub fn use_realtime_subscription(kinds: &'static [ChangeKind], callback: Callback<Applied>) {
    let realtime = use_realtime();
    let latest = use_mut_ref(|| callback.clone());
    latest.replace(callback);
    use_subscription_guard(&realtime, topic_of(kinds));
    use_effect_with((realtime, kinds), move |(realtime, kinds)| {
        let subscription = realtime.subscribe_applied(kinds, move |applied| {
            // Cloned out, since the callback may render this component.
            let callback = latest.borrow().clone();
            callback.emit(applied.clone());
        });
        move || drop(subscription)
    });
}

/// The resources whose events carry changes of these kinds.
fn topic_of(kinds: &[ChangeKind]) -> Topic {
    let resources = kinds.iter().filter_map(|kind| match kind {
        ChangeKind::FavoriteAdded | ChangeKind::FavoriteRemoved => Some(Resource::Favorites),
        ChangeKind::OrderCreated | ChangeKind::OrderUpdated => Some(Resource::Orders),
        ChangeKind::DownloadRequested
        | ChangeKind::DownloadProgress
        | ChangeKind::DownloadCompleted
        | ChangeKind::DownloadFailed
        | ChangeKind::DownloadCancelled => Some(Resource::Downloads),
        ChangeKind::ActivityLogged => Some(Resource::Activity),
        ChangeKind::StatsUpdated => Some(Resource::Stats),
        ChangeKind::Unknown => None,
    });
    Topic::Set(TopicSet {
        resources: resources.collect(),
        ..TopicSet::default()
    })
}
