//! Starts an application in its page.

use realtime_dashboard::app::{App, AppProps, Pages};
use realtime_dashboard::{settings, theme};
use sync_engine::settings::Settings;
use sync_web::style::StyleHost;
use sync_web::{Area, console, early, page, storage};

/// Id of the element where the application is mounted.
const ROOT_ID: &str = "app";
/// Id of the page's message for a failed start.
const START_FAILED_ID: &str = "start-failed";
/// Id of the page's message for a crash.
const CRASHED_ID: &str = "crashed";

/// Storage key for the page's loader.
const EARLY_CALLS: &str = "early-calls";

/// Mounts the application with these pages, or shows the page's message for a failed start.
pub(crate) fn start(pages: Pages) {
    yew::set_custom_panic_hook(Box::new(|panic| {
        console::error(&panic.to_string());
        page::unhide(CRASHED_ID);
    }));
    // Before any navigation.
    let _ = page::first_path();
    let settings = settings::load();
    note_early_calls(&settings);
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
    // The application and its styles live as long as the page.
    let styles = Box::leak(Box::new(host)).manager();
    let props = AppProps {
        settings,
        styles,
        pages,
    };
    yew::platform::spawn_local(async {
        // What has arrived is in the first drawing; the static page is shown until then.
        early::ready().await;
        if !page::mount::<App>(ROOT_ID, props) {
            page::unhide(START_FAILED_ID);
        }
    });
}

/// Tells the loader of the next visit whether it knows the addresses of the first calls: those of the default settings.
fn note_early_calls(settings: &Settings) {
    let defaults = Settings::default();
    let are_known =
        settings.api_base_url == defaults.api_base_url && settings.page_size == defaults.page_size;
    storage::write(
        Area::Browser,
        &settings::name_of(EARLY_CALLS),
        (!are_known).then_some("off"),
    );
}
