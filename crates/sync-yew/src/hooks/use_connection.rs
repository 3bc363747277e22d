//! The connection.

use std::rc::Rc;

use sync_engine::status::ConnectionView;
use sync_engine::time::Now;
use sync_engine::view::Key;
use yew::prelude::*;

use super::use_view::use_view;
use crate::client::SyncClient;
use crate::provider::use_sync;

/// The handle of [`use_connection`].
#[derive(Clone, Debug, PartialEq)]
pub struct UseConnectionHandle {
    view: Rc<ConnectionView>,
    client: SyncClient,
}

impl UseConnectionHandle {
    /// The state of the connection: status, shown state, mode, attempts, the next attempt, the age of the data.
    #[must_use]
    pub fn view(&self) -> &ConnectionView {
        &self.view
    }

    /// Time until the next attempt, in milliseconds from now; `None` while none is scheduled.
    #[must_use]
    pub fn retry_in_ms(&self) -> Option<u64> {
        let at_ms = self.view.attempts.next_at_ms?;
        Some(at_ms.saturating_sub(self.now().mono_ms))
    }

    /// Both clocks of the client.
    pub(crate) fn now(&self) -> Now {
        self.client.now()
    }

    /// Turns live updates on.
    pub fn connect(&self) {
        self.client.connect();
    }

    /// Turns live updates off until [`Self::connect`], also across a reload of this tab.
    pub fn disconnect(&self) {
        self.client.disconnect();
    }

    /// Attempts to connect at once.
    pub fn reconnect(&self) {
        self.client.reconnect();
    }

    /// Refetches everything on screen.
    pub fn refresh(&self) {
        self.client.refresh();
    }

    /// Hides the banner, until the state gets worse or another outage begins.
    pub fn hide_banner(&self) {
        self.client.hide_banner();
    }
}

/// The connection, and its actions. Renders when its state changed, but not for the countdown: use
/// [`use_clock`](super::use_clock) for that.
///
/// # Panics
/// There is no `SyncProvider` above the component.
///
/// # Examples
/// ```no_run
/// use sync_yew::use_connection;
/// use yew::prelude::*;
///
/// #[component]
/// fn Status() -> Html {
///     let connection = use_connection();
///     html! { <p>{ connection.view().shown.as_str() }</p> }
/// }
/// ```
#[hook]
pub fn use_connection() -> UseConnectionHandle {
    let client = use_sync();
    let view = use_view(&client, Key::Connection, |core| core.connection());
    UseConnectionHandle { view, client }
}
