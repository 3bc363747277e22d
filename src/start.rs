//! How a page starts its application.

use realtime_dashboard::app::{App, AppProps, Pages};
use realtime_dashboard::{settings, theme};
use sync_web::style::StyleHost;
use sync_web::{console, page};

/// Where the page has a place for the application.
const ROOT_ID: &str = "app";
/// What the page says when the application could not start.
const START_FAILED_ID: &str = "start-failed";
/// What the page says when the application ended by a mistake of its own.
const CRASHED_ID: &str = "crashed";

/// Mounts the application with these pages, or has the page say that it could not start.
pub(crate) fn start(pages: Pages) {
    yew::set_custom_panic_hook(Box::new(|panic| {
        console::error(&panic.to_string());
        page::unhide(CRASHED_ID);
    }));
    // Before anything is followed.
    let _ = page::first_path();
    let settings = settings::load();
    theme::set_theme(theme::theme());
    if !settings.animations {
        theme::stop_motion();
    }
    let host = match StyleHost::new("bl") {
        Ok(host) => host,
        Err(error) => {
            console::error(&error.to_string());
            return page::unhide(START_FAILED_ID);
        }
    };
    // The application lives as long as the page, and its styles with it.
    let styles = Box::leak(Box::new(host)).manager();
    if !page::mount::<App>(
        ROOT_ID,
        AppProps {
            settings,
            styles,
            pages,
        },
    ) {
        page::unhide(START_FAILED_ID);
    }
}
