//! The settings of this deployment: those of the build, overridden by those of the page.

use sync_engine::settings::Settings;
use sync_yew::SettingsSource;

/// Id of the page's own settings block (`<script type="application/json">`).
pub const PAGE_BLOCK_ID: &str = "dashboard-config";

/// Prefix of the dashboard's keys in the browser's storage.
pub const APP_NAME: &str = "beatline";

/// What the names of the settings begin with.
const PREFIX: &str = "VITE_";

/// `.env.dashboard` and the environment of the build, which wins: collected by the build script.
const BUILD: &str = include_str!(concat!(env!("OUT_DIR"), "/settings.env"));

/// The settings. An invalid value causes a warning on the console and falls back to the default.
#[must_use]
pub fn load() -> Settings {
    let source = SettingsSource {
        app_name: APP_NAME,
        prefix: PREFIX,
        file: BUILD,
        page_block: PAGE_BLOCK_ID,
    };
    source.load()
}
