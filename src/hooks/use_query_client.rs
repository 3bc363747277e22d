//! Reading again what is shown.

use yew::prelude::*;

use super::queries::Query;
use crate::contexts::use_realtime;
use crate::realtime::RealtimeHandle;

/// What [`use_query_client`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseQueryClientHandle {
    realtime: RealtimeHandle,
}

impl UseQueryClientHandle {
    /// Reads the data of one query again, if they were read before or are shown.
    pub fn invalidate(&self, query: &impl Query) {
        self.realtime.refetch(&query.key());
    }

    /// Reads everything on screen again. What the server says has not changed is neither sent nor drawn again.
    pub fn invalidate_all(&self) {
        self.realtime.refresh();
    }
}

/// Reads again what is shown, from anywhere. Never renders by itself.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::use_query_client;
/// use yew::prelude::*;
///
/// #[component]
/// fn RefreshAll() -> Html {
///     let queries = use_query_client();
///     let onclick = move |_| queries.invalidate_all();
///     html! { <button {onclick}>{ "Refresh data" }</button> }
/// }
/// ```
#[hook]
pub fn use_query_client() -> UseQueryClientHandle {
    UseQueryClientHandle {
        realtime: use_realtime(),
    }
}
