//! The connection: the only hook for it.

use std::rc::Rc;

use dashboard_engine::status::ConnectionView;
use dashboard_engine::view::Key;
use yew::prelude::*;

use super::use_view::use_view;
use crate::contexts::use_realtime;
use crate::realtime::RealtimeHandle;

/// What [`use_realtime_connection`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct UseRealtimeConnectionHandle {
    view: Rc<ConnectionView>,
    realtime: RealtimeHandle,
}

impl UseRealtimeConnectionHandle {
    /// All that is known of the connection: status, shown state, mode, attempts, the next try, the age of the data.
    #[must_use]
    pub fn view(&self) -> &ConnectionView {
        &self.view
    }

    /// How long until the next try, in milliseconds from now; `None` while none is planned.
    #[must_use]
    pub fn retry_in_ms(&self) -> Option<u64> {
        let at_ms = self.view.retry_at_ms?;
        Some(at_ms.saturating_sub(self.realtime.now().mono_ms))
    }

    /// Turns live updates on.
    pub fn connect(&self) {
        self.realtime.connect();
    }

    /// Turns live updates off until [`Self::connect`], also over a reload of this tab.
    pub fn disconnect(&self) {
        self.realtime.disconnect();
    }

    /// Tries to connect at once.
    pub fn reconnect(&self) {
        self.realtime.reconnect();
    }

    /// Reads everything on screen again.
    pub fn refresh(&self) {
        self.realtime.refresh();
    }

    /// Hides the banner, until there is a worse state or another episode.
    pub fn hide_banner(&self) {
        self.realtime.hide_banner();
    }
}

/// The connection's state, and what a user can do about it. Renders when the state changed; it holds nothing that ticks.
///
/// # Panics
/// There is no `RealtimeProvider` around the component.
///
/// # Examples
/// ```no_run
/// use realtime_dashboard::hooks::use_realtime_connection;
/// use yew::prelude::*;
///
/// #[component]
/// fn RetryNow() -> Html {
///     let connection = use_realtime_connection();
///     let state = connection.view().shown.as_str();
///     let onclick = move |_| connection.reconnect();
///     html! { <button data-state={state} {onclick}>{ "Retry now" }</button> }
/// }
/// ```
#[hook]
pub fn use_realtime_connection() -> UseRealtimeConnectionHandle {
    let realtime = use_realtime();
    let view = use_view(&realtime, Key::Connection, |core| core.connection());
    UseRealtimeConnectionHandle { view, realtime }
}
