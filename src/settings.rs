//! The settings of this deployment: those of the build, overridden by those of the page.

use sync_engine::settings::SettingWarning;
use sync_engine::settings::Settings;
use sync_engine::settings::layered;
use sync_engine::settings::page_pairs;

use sync_web::console;
use sync_web::page;

/// Id of the page's own settings block (`<script type="application/json">`).
pub const PAGE_BLOCK_ID: &str = "dashboard-config";

/// Prefix of the dashboard's names in the browser: of storage keys, and of channels between tabs.
pub const APP_NAME: &str = "beatline";

/// A storage key or a channel's name, with the dashboard's prefix.
#[must_use]
pub fn name_of(name: &str) -> String {
    [APP_NAME, ".", name].concat()
}

/// The values that the build script collected.
mod build {
    #![cfg_attr(
        not(test),
        expect(dead_code, reason = "the names are there for the test below")
    )]
    include!(concat!(env!("OUT_DIR"), "/build_settings.rs"));
}

/// The settings. An invalid value causes a warning on the console and falls back to the default.
#[must_use]
pub fn load() -> Settings {
    let (settings, warnings) = with_page(page::text_of(PAGE_BLOCK_ID).as_deref());
    for warning in warnings {
        console::warn(&warning.to_string());
    }
    settings
}

/// The settings of the build, overridden by those of the page's block, if any.
#[must_use]
pub fn with_page(block: Option<&str>) -> (Settings, Vec<SettingWarning>) {
    let (page, malformed) = match block.map_or(Ok(Vec::new()), page_pairs) {
        Ok(pairs) => (pairs, None),
        Err(warning) => (Vec::new(), Some(warning)),
    };
    let page = page
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let (mut settings, mut warnings) = layered(
        build::FILE.iter().copied(),
        build::ENVIRONMENT.iter().copied(),
        page,
    );
    settings.app_name = APP_NAME.to_owned();
    warnings.extend(malformed);
    (settings, warnings)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sync_engine::settings::SETTINGS;

    use super::*;

    #[test]
    fn the_environment_may_give_every_setting() {
        let read: BTreeSet<_> = build::NAMES.iter().map(|(name, _)| *name).collect();
        let known: BTreeSet<_> = SETTINGS.iter().map(|spec| spec.name).collect();
        assert_eq!(read, known);
    }

    #[test]
    fn what_earlier_visits_stored_is_found_under_its_name() {
        assert_eq!(name_of("theme"), "beatline.theme");
    }

    #[test]
    fn a_malformed_block_warns_and_changes_nothing() {
        let (plain, _) = with_page(None);
        let (settings, warnings) = with_page(Some("{"));
        assert_eq!(settings, plain);
        assert!(warnings.contains(&SettingWarning::MalformedPage));
    }
}
