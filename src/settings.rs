//! The settings of this deployment: those of the build, overridden by those of the page.

use sync_engine::settings::Settings;
use sync_yew::SettingsSource;

/// Id of the page's own settings block (`<script type="application/json">`).
pub const PAGE_BLOCK_ID: &str = "dashboard-config";

/// Prefix of the dashboard's names in the browser: of storage keys, and of channels between tabs.
pub const APP_NAME: &str = "beatline";

/// What the names of the settings begin with.
const PREFIX: &str = "VITE_";

/// `.env.dashboard` and the environment of the build, which wins: collected by the build script.
const BUILD: &str = include_str!(concat!(env!("OUT_DIR"), "/settings.env"));

/// A storage key or a channel's name, with the dashboard's prefix.
#[must_use]
pub fn name_of(name: &str) -> String {
    [APP_NAME, ".", name].concat()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_keep_the_name_of_earlier_visits() {
        assert_eq!(name_of("theme"), "beatline.theme");
    }
}
