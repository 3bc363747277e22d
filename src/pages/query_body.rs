//! The body of a panel: data, a placeholder, or an error.

use sync_engine::view::{DataStatus, ErrorKind, FetchStatus};
use yew::prelude::*;
use yew_router::hooks::use_navigator;

use super::route::{current, to_sign_in};
use crate::components::{ListFoot, error_panel, skeleton};
use crate::hooks::{UseQueryHandle, use_realtime};
use crate::text;
use sync_web::page;

/// The recovery action for each kind of error.
#[hook]
pub(super) fn use_recovery() -> Callback<ErrorKind> {
    let realtime = use_realtime();
    let navigator = use_navigator();
    use_callback(
        (realtime, navigator),
        |kind, (realtime, navigator)| match kind {
            ErrorKind::Network | ErrorKind::Limit => realtime.refresh(),
            ErrorKind::Realtime => realtime.reconnect(),
            ErrorKind::Data => page::reload(),
            ErrorKind::Authentication => {
                if let Some(navigator) = navigator {
                    to_sign_in(navigator, current(navigator));
                }
            }
        },
    )
}

/// Draws the data, or a placeholder. If there are data, the connection indicator and the age of the data report an
/// error, not this panel: the old data stay.
pub(super) fn query_body<T: 'static>(
    query: &UseQueryHandle<T>,
    what: &'static str,
    rows: u8,
    on_recover: &Callback<ErrorKind>,
    draw: impl FnOnce(&T) -> Html,
) -> Html {
    let view = query.view();
    match (query.data(), view.status, &view.error) {
        (Some(data), _, _) => draw(data),
        (None, DataStatus::Error, Some(error)) => {
            error_panel(error.kind, view.fetch == FetchStatus::Fetching, on_recover)
        }
        (None, _, _) => skeleton(&text::loading(what), rows),
    }
}

/// The foot of a list.
pub(super) const fn foot(has_more: bool, is_loading: bool) -> ListFoot {
    match (has_more, is_loading) {
        (_, true) => ListFoot::Loading,
        (true, false) => ListFoot::More,
        (false, false) => ListFoot::End,
    }
}
