//! The settings of an application, from its settings file and its page.

use sync_engine::settings::{Settings, env_file, page_pairs};
use sync_web::address::check_addresses;
use sync_web::{console, page};

/// Where the settings of an application come from.
///
/// ```
/// use sync_yew::SettingsSource;
///
/// const SETTINGS: SettingsSource = SettingsSource {
///     app_name: "todo",
///     prefix: "TODO_",
///     // As a rule `include_str!("../.env.dashboard")`.
///     file: "TODO_PAGE_SIZE=20\nTODO_WS_URL=wss://live.example",
///     page_block: "todo-config",
/// };
/// # #[cfg(target_arch = "wasm32")]
/// let settings = SETTINGS.load();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SettingsSource<'a> {
    /// The first part of names in the browser's storage and of broadcast channels.
    pub app_name: &'a str,
    /// What the names of settings begin with, such as `VITE_`.
    pub prefix: &'a str,
    /// `NAME=value` lines, as in `.env.dashboard`.
    pub file: &'a str,
    /// Id of the page's `<script type="application/json">` with an object of names and values, which win over the file.
    pub page_block: &'a str,
}

impl SettingsSource<'_> {
    /// The settings. A value that cannot be used causes a warning on the console and falls back to its default.
    #[must_use]
    pub fn load(&self) -> Settings {
        let file = env_file::parse(self.file);
        for line in &file.bad_lines {
            console::warn(&format!("Settings: line {line} is not NAME=value."));
        }
        let block = page::text_of(self.page_block);
        let page = block.map_or(Ok(Vec::new()), |block| page_pairs(&block));
        let page = page.unwrap_or_else(|warning| {
            console::warn(&warning.to_string());
            Vec::new()
        });
        let pairs = file.pairs.iter().chain(&page);
        let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
        let (mut settings, mut warnings) = Settings::from_pairs(self.prefix, pairs);
        warnings.extend(check_addresses(&mut settings, self.prefix));
        for warning in warnings {
            console::warn(&warning.to_string());
        }
        self.app_name.clone_into(&mut settings.app_name);
        settings
    }
}
