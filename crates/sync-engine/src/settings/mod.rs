//! The settings: one table of names, defaults and ranges, and how values from outside become settings.
//!
//! Nothing here fails: a wrong value becomes a warning and the default, so that a typing error in a settings file
//! never takes the dashboard away.

pub mod env_file;
mod page;
pub mod spec;
pub mod warning;

use crate::map::Map;

pub use page::page_pairs;
pub use spec::{SETTINGS, SettingKind, SettingSpec};
pub use warning::SettingWarning;

/// Settings that the engine and the page obey.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The longest wait between attempts in the first minute of an outage is the smaller of this and 4 s (milliseconds).
    pub reconnect_interval_ms: u64,
    /// Attempts after the first minute of an outage before they are suspended.
    pub max_retries: u32,
    /// Longest silence before the client probes the connection (milliseconds).
    pub heartbeat_interval_ms: u64,
    /// Longest wait for a socket to open (milliseconds).
    pub connection_timeout_ms: u64,
    /// Whether there is a live connection at all; otherwise polling is the only mode.
    pub realtime: bool,
    /// How often to poll while it is needed (milliseconds).
    pub poll_interval_ms: u64,
    /// How long medium events are gathered (milliseconds); the other windows grow with it.
    pub debounce_ms: u64,
    /// How many gathered events are applied without waiting for more.
    pub batch_size: usize,
    /// Rows of a page.
    pub page_size: usize,
    /// Where the socket is, as it was set; empty for the page's own origin.
    pub ws_url: String,
    /// Where the API is: a path of the page's own origin or an address, without a slash at its end.
    pub api_base_url: String,
    /// Whether things may move on screen.
    pub animations: bool,
    /// The application's name: the first part of names in the browser's storage and of broadcast channels. Set by the
    /// application, not by a file.
    pub app_name: String,
}

impl Default for Settings {
    /// The defaults of [`SETTINGS`].
    fn default() -> Self {
        let mut settings = Self {
            reconnect_interval_ms: 0,
            max_retries: 0,
            heartbeat_interval_ms: 0,
            connection_timeout_ms: 0,
            realtime: false,
            poll_interval_ms: 0,
            debounce_ms: 0,
            batch_size: 0,
            page_size: 0,
            ws_url: String::new(),
            api_base_url: String::new(),
            animations: false,
            app_name: "sync".to_owned(),
        };
        for spec in SETTINGS {
            // The test below reports a default that its own table rejects.
            let _ = spec.set(&mut settings, spec.name, spec.default);
        }
        settings
    }
}

impl Settings {
    /// Reads settings from names and values, such as those of a file, of the environment and of the page, in this order:
    /// of a name that comes twice the last value counts; an empty value counts as none. The names begin with `prefix`.
    /// Returns warnings for values that cannot be used, in the order of [`SETTINGS`], unknown names last.
    ///
    /// ```
    /// use sync_engine::settings::Settings;
    ///
    /// let (settings, warnings) = Settings::from_pairs("TODO_", [("TODO_PAGE_SIZE", "20"), ("TODO_SIZE", "3")]);
    /// assert_eq!(settings.page_size, 20);
    /// assert_eq!(warnings[0].to_string(), "TODO_SIZE: there is no such setting.");
    /// ```
    pub fn from_pairs<'a>(
        prefix: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<SettingWarning>) {
        let mut values: Map<&str, &str> = pairs.into_iter().collect();
        let (mut settings, mut warnings) = (Self::default(), Vec::new());
        for spec in SETTINGS {
            let name = [prefix, spec.name].concat();
            let value = values.remove(name.as_str()).unwrap_or_default().trim();
            if !value.is_empty() {
                warnings.extend(spec.set(&mut settings, &name, value).err());
            }
        }
        warnings.extend(values.keys().map(|name| SettingWarning::unknown(name)));
        (settings, warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> (Settings, Vec<SettingWarning>) {
        Settings::from_pairs("", [(name, value)])
    }

    #[test]
    fn the_defaults_are_the_documented_ones_and_fit_their_own_ranges() {
        let expected = Settings {
            app_name: "sync".to_owned(),
            reconnect_interval_ms: 5000,
            max_retries: 10,
            heartbeat_interval_ms: 30_000,
            connection_timeout_ms: 15_000,
            realtime: true,
            poll_interval_ms: 15_000,
            debounce_ms: 100,
            batch_size: 256,
            page_size: 50,
            ws_url: String::new(),
            api_base_url: "/api".to_owned(),
            animations: true,
        };
        assert_eq!(Settings::default(), expected);
        let defaults = SETTINGS.iter().map(|spec| (spec.name, spec.default));
        assert_eq!(Settings::from_pairs("", defaults), (expected, Vec::new()));
    }

    #[test]
    fn every_number_is_clamped_to_its_range_with_a_warning() {
        for spec in SETTINGS {
            let SettingKind::Number { range, .. } = &spec.kind else {
                continue;
            };
            let (min, max) = (*range.start(), *range.end());
            for (given, used) in [(min, min), (max, max), (max + 1, max)] {
                let (settings, warnings) = read(spec.name, &given.to_string());
                assert_eq!(settings, read(spec.name, &used.to_string()).0);
                assert_eq!(warnings.len(), usize::from(given != used), "{}", spec.name);
            }
            if min > 0 {
                let (settings, warnings) = read(spec.name, &(min - 1).to_string());
                assert_eq!(settings, read(spec.name, &min.to_string()).0);
                assert!(matches!(warnings[..], [SettingWarning::OutOfRange { .. }]));
            }
        }
    }

    #[test]
    fn a_number_far_out_of_any_range_is_clamped_too() {
        let (settings, warnings) = read("PAGE_SIZE", "99999999999999999999999");
        assert_eq!(settings.page_size, 200);
        assert!(matches!(warnings[..], [SettingWarning::OutOfRange { .. }]));
        let (settings, warnings) = read("PAGE_SIZE", "-4");
        assert_eq!(settings.page_size, 1);
        assert!(matches!(warnings[..], [SettingWarning::OutOfRange { .. }]));
    }

    #[test]
    fn wrong_values_give_the_default_and_a_warning_that_names_both() {
        for (name, value) in [
            ("REALTIME_MAX_RETRIES", "ten"),
            ("REALTIME_POLL_INTERVAL", "5s"),
            ("REALTIME_DEBOUNCE_MS", "1.5"),
            ("FEATURE_REALTIME_UPDATES", "maybe"),
        ] {
            let (settings, warnings) = read(name, value);
            assert_eq!(settings, Settings::default(), "{name}");
            let [warning] = &warnings[..] else {
                panic!("{name}: {warnings:?}");
            };
            let text = warning.to_string();
            assert!(text.contains(name) && text.contains(value), "{text}");
        }
    }

    #[test]
    fn flags_take_the_usual_words() {
        for (word, on) in [
            ("true", true),
            ("1", true),
            ("ON", true),
            ("false", false),
            ("0", false),
            ("No", false),
        ] {
            assert_eq!(read("ANIMATIONS", word).0.animations, on, "{word}");
        }
    }

    #[test]
    fn an_empty_value_counts_as_none() {
        assert_eq!(read("PAGE_SIZE", " "), (Settings::default(), Vec::new()));
    }

    #[test]
    fn the_last_of_two_values_counts() {
        let (settings, warnings) =
            Settings::from_pairs("", [("PAGE_SIZE", "many"), ("PAGE_SIZE", "20")]);
        assert_eq!((settings.page_size, warnings.len()), (20, 0));
        // An empty value of a later source takes the former one back.
        let (settings, warnings) = Settings::from_pairs("", [("WS_URL", "ws://a"), ("WS_URL", "")]);
        assert_eq!((settings.ws_url.as_str(), warnings.len()), ("", 0));
    }

    #[test]
    fn a_name_without_the_prefix_of_the_application_is_unknown() {
        let (settings, warnings) = Settings::from_pairs("APP_", [("PAGE_SIZE", "20")]);
        assert_eq!(settings, Settings::default());
        assert_eq!(warnings, [SettingWarning::unknown("PAGE_SIZE")]);
    }

    #[test]
    fn the_address_of_the_api_ends_without_a_slash() {
        for (url, expected) in [
            ("/api/", "/api"),
            ("https://a.example/v1/", "https://a.example/v1"),
            ("/", ""),
        ] {
            assert_eq!(read("API_BASE_URL", url).0.api_base_url, expected);
        }
    }

    #[test]
    fn an_unknown_name_is_reported() {
        let (_, warnings) = read("PAGESIZE", "20");
        assert!(warnings[0].to_string().contains("PAGESIZE"));
    }
}
