//! Changes as they happen.

use dashboard_model::change::kind;
use sync_engine::event::Applied;
use sync_yew::use_applied;
use yew::prelude::*;

/// Calls `callback` once for each change of one of `kinds` (see [`kind`]), after it is in the store, and keeps their
/// resources current while the component is mounted. Never renders by itself.
///
/// It calls the callback of the last render; a new callback costs nothing.
///
/// # Panics
/// There is no `RealtimeProvider` above the component.
///
/// # Examples
/// ```no_run
/// use dashboard_model::change::kind;
/// use realtime_dashboard::hooks::use_realtime_subscription;
/// use yew::prelude::*;
///
/// #[component]
/// fn OrderCounter() -> Html {
///     let count = use_state(|| 0);
///     let counter = count.clone();
///     use_realtime_subscription(
///         &[kind::ORDER_CREATED],
///         Callback::from(move |_| counter.set(*counter + 1)),
///     );
///     html! { <p>{ *count }</p> }
/// }
/// ```
#[hook]
pub fn use_realtime_subscription(kinds: &'static [&'static str], callback: Callback<Applied>) {
    let of_these = move |applied: Applied| {
        if kinds.contains(&applied.kind()) {
            callback.emit(applied);
        }
    };
    use_applied(kind::resources(kinds), Callback::from(of_these));
}
