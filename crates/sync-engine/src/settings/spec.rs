//! The table of settings: the one owner of their names, defaults, ranges and explanations.

use std::ops::RangeInclusive;

use super::{SettingWarning, Settings};

/// One setting.
#[derive(Debug)]
pub struct SettingSpec {
    /// Its name, without the application's prefix.
    pub name: &'static str,
    /// Its default, as it would be written.
    pub default: &'static str,
    /// The values that it takes.
    pub kind: SettingKind,
    /// Its effect, in one sentence.
    pub doc: &'static str,
}

/// The values of a setting, and the field they are written to.
#[derive(Debug)]
pub enum SettingKind {
    /// A whole number.
    Number {
        /// The smallest and the largest.
        range: RangeInclusive<u64>,
        /// The unit.
        unit: &'static str,
        /// Writes it into the settings.
        put: fn(&mut Settings, u64),
    },
    /// Yes or no.
    Flag(fn(&mut Settings, bool)),
    /// Any text.
    Text(fn(&mut Settings, &str)),
}

impl SettingSpec {
    /// Reads a value and writes it into the settings; warnings call the setting `name`.
    ///
    /// # Errors
    /// A wrong value leaves the settings as they are; a number out of range is written as the nearest one in range.
    pub fn set(
        &self,
        settings: &mut Settings,
        name: &str,
        value: &str,
    ) -> Result<(), SettingWarning> {
        let wrong = |expected| Err(SettingWarning::wrong(name, value, expected, self.default));
        match &self.kind {
            SettingKind::Number { range, put, .. } => {
                let Some(number) = read_number(value) else {
                    return wrong("a whole number");
                };
                let used = number.clamp((*range.start()).into(), (*range.end()).into()) as u64;
                put(settings, used);
                if i128::from(used) != number {
                    return Err(SettingWarning::out_of_range(name, value, used));
                }
            }
            SettingKind::Flag(put) => {
                let flag = match value.to_ascii_lowercase().as_str() {
                    "true" | "1" | "yes" | "on" => true,
                    "false" | "0" | "no" | "off" => false,
                    _ => return wrong("true or false"),
                };
                put(settings, flag);
            }
            SettingKind::Text(put) => put(settings, value),
        }
        Ok(())
    }
}

/// A whole number, however large: one that does not fit becomes the largest or smallest that does.
fn read_number(value: &str) -> Option<i128> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().unwrap_or(i128::MAX);
    Some(if negative { -number } else { number })
}

/// All settings, in the order in which they are explained.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "WS_URL",
        default: "",
        kind: SettingKind::Text(|settings, address| address.clone_into(&mut settings.ws_url)),
        doc: "Address of the realtime server. Empty: the page's own origin. A bare host gets the path /connection/websocket.",
    },
    SettingSpec {
        name: "API_BASE_URL",
        default: "/api",
        kind: SettingKind::Text(|settings, address| {
            let address = address.trim_end_matches('/');
            address.clone_into(&mut settings.api_base_url);
        }),
        doc: "Address of the API: a path on the page's own origin, or a full address.",
    },
    SettingSpec {
        name: "FEATURE_REALTIME_UPDATES",
        default: "true",
        kind: SettingKind::Flag(|settings, flag| settings.realtime = flag),
        doc: "Whether to use a live connection. If false, the dashboard polls for updates.",
    },
    SettingSpec {
        name: "REALTIME_RECONNECT_INTERVAL",
        default: "5000",
        kind: SettingKind::Number {
            range: 1000..=60_000,
            unit: "ms",
            put: |settings, number| settings.reconnect_interval_ms = number,
        },
        doc: "Longest wait between attempts to reconnect in the first minute of an outage (capped at 4000).",
    },
    SettingSpec {
        name: "REALTIME_MAX_RETRIES",
        default: "10",
        kind: SettingKind::Number {
            range: 1..=50,
            unit: "attempts",
            put: |settings, number| settings.max_retries = number as u32,
        },
        doc: "Attempts to reconnect after the first minute of an outage; from then on, one every five minutes.",
    },
    SettingSpec {
        name: "REALTIME_HEARTBEAT_INTERVAL",
        default: "30000",
        kind: SettingKind::Number {
            range: 5000..=300_000,
            unit: "ms",
            put: |settings, number| settings.heartbeat_interval_ms = number,
        },
        doc: "How long the server may be silent before the dashboard checks the connection, unless a missing ping shows it sooner.",
    },
    SettingSpec {
        name: "REALTIME_CONNECTION_TIMEOUT",
        default: "15000",
        kind: SettingKind::Number {
            range: 1000..=60_000,
            unit: "ms",
            put: |settings, number| settings.connection_timeout_ms = number,
        },
        doc: "How long to wait for a connection to open.",
    },
    SettingSpec {
        name: "REALTIME_POLL_INTERVAL",
        default: "15000",
        kind: SettingKind::Number {
            range: 2000..=600_000,
            unit: "ms",
            put: |settings, number| settings.poll_interval_ms = number,
        },
        doc: "How often to poll for updates while there is no live connection.",
    },
    SettingSpec {
        name: "REALTIME_DEBOUNCE_MS",
        default: "100",
        kind: SettingKind::Number {
            range: 0..=5000,
            unit: "ms",
            put: |settings, number| settings.debounce_ms = number,
        },
        doc: "How long to batch updates of favorites and downloads; updates of low priority wait five times as long.",
    },
    SettingSpec {
        name: "REALTIME_BATCH_SIZE",
        default: "256",
        kind: SettingKind::Number {
            range: 1..=4096,
            unit: "events",
            put: |settings, number| settings.batch_size = number as usize,
        },
        doc: "How many batched updates are applied without waiting for more.",
    },
    SettingSpec {
        name: "PAGE_SIZE",
        default: "50",
        kind: SettingKind::Number {
            range: 1..=200,
            unit: "rows",
            put: |settings, number| settings.page_size = number as usize,
        },
        doc: "Rows per page of a list.",
    },
    SettingSpec {
        name: "ANIMATIONS",
        default: "true",
        kind: SettingKind::Flag(|settings, flag| settings.animations = flag),
        doc: "Whether to animate changes. A user's own preference for reduced motion always wins.",
    },
];

#[cfg(test)]
mod tests {
    use super::super::env_file;
    use super::*;

    const EXAMPLE: &str = include_str!("../../../../.env.dashboard.example");

    #[test]
    fn the_example_file_lists_exactly_the_settings_with_their_defaults() {
        let file = env_file::parse(EXAMPLE);
        assert!(file.bad_lines.is_empty(), "{:?}", file.bad_lines);
        let expected: Vec<_> = SETTINGS
            .iter()
            .map(|spec| (format!("VITE_{}", spec.name), spec.default.to_owned()))
            .collect();
        assert_eq!(file.pairs, expected);
    }

    #[test]
    fn the_example_file_explains_each_setting_in_the_words_of_the_table() {
        for spec in SETTINGS {
            assert!(EXAMPLE.contains(spec.doc), "{}: {}", spec.name, spec.doc);
            if let SettingKind::Number { range, unit, .. } = &spec.kind {
                let (min, max) = (range.start(), range.end());
                let (name, range) = (
                    format!("VITE_{}=", spec.name),
                    format!("{min} to {max} {unit}"),
                );
                let line = EXAMPLE.lines().find(|line| line.contains(&name));
                assert!(line.unwrap().contains(&range), "{}: {range}", spec.name);
            }
        }
    }
}
