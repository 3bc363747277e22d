//! Warnings about settings, in words for the person who set them.

use std::fmt;

/// Longest part of a wrong value that is shown, in characters: a value may be anything.
const SHOWN_CHARS_MAX: usize = 80;

/// A setting that cannot be used as it was given. Its text names the setting, the value and the replacement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SettingWarning {
    /// The value cannot be read; the default is used.
    Wrong {
        /// Which setting.
        name: String,
        /// The value, cut if it is long.
        value: String,
        /// A description of right values.
        expected: &'static str,
        /// The value that is used.
        used: &'static str,
    },
    /// The number lies outside its range; the nearest one inside is used.
    OutOfRange {
        /// Which setting.
        name: String,
        /// The value, cut if it is long.
        value: String,
        /// The value that is used.
        used: u64,
    },
    /// There is no such setting.
    Unknown {
        /// The name, cut if it is long.
        name: String,
    },
    /// The settings in the page are not an object of names and plain values; none of them is used.
    MalformedPage,
}

impl SettingWarning {
    /// A value that cannot be used, and what is used instead.
    #[must_use]
    pub fn wrong(name: &str, value: &str, expected: &'static str, used: &'static str) -> Self {
        Self::Wrong {
            name: name.to_owned(),
            value: cut(value),
            expected,
            used,
        }
    }

    /// A number outside its range.
    pub(super) fn out_of_range(name: &str, value: &str, used: u64) -> Self {
        Self::OutOfRange {
            name: name.to_owned(),
            value: cut(value),
            used,
        }
    }

    /// A name that is in no table.
    pub(super) fn unknown(name: &str) -> Self {
        Self::Unknown { name: cut(name) }
    }
}

impl fmt::Display for SettingWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong {
                name,
                value,
                expected,
                used,
            } => {
                let used = if used.is_empty() { "the default" } else { used };
                write!(
                    f,
                    "{name}: \"{value}\" is not {expected}; {used} is used instead."
                )
            }
            Self::OutOfRange { name, value, used } => {
                write!(f, "{name}: {value} is out of range; {used} is used instead.")
            }
            Self::Unknown { name } => write!(f, "{name}: there is no such setting."),
            Self::MalformedPage => f.write_str(
                "The settings in the page are not a JSON object of names and values; they are ignored.",
            ),
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_reported_only_in_part() {
        let warning = SettingWarning::unknown(&"ä".repeat(500));
        assert_eq!(warning.to_string().matches('ä').count(), SHOWN_CHARS_MAX);
    }
}
