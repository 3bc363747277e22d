//! The theme that a user chose, and the page's attributes for theme and motion.

use sync_web::{Area, page, storage};

use crate::settings::name_of;

/// Storage key of the choice, after the dashboard's prefix.
const THEME: &str = "theme";

/// The theme that a user chose.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Theme {
    /// The system's theme.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The theme chosen before.
#[must_use]
pub fn theme() -> Theme {
    match storage::read(Area::Browser, &name_of(THEME)).as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Applies this theme (`data-theme` on the root element) and stores it.
pub fn set_theme(theme: Theme) {
    let stored = (theme != Theme::System).then_some(theme.as_str());
    storage::write(Area::Browser, &name_of(THEME), stored);
    page::set_root_attribute("data-theme", stored);
}

/// The attribute of the root element that turns motion off, and its value for that.
const MOTION: (&str, &str) = ("data-motion", "off");

/// Turns all motion on the page off, whatever the system's preference.
pub fn stop_motion() {
    page::set_root_attribute(MOTION.0, Some(MOTION.1));
}

/// Whether there is to be no motion: by the setting, or by the system's preference.
#[must_use]
pub fn is_still() -> bool {
    page::is_still(MOTION.0, MOTION.1)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_value_that_a_style_uses_is_defined() {
        let styles = Path::new(env!("CARGO_MANIFEST_DIR")).join("styles");
        let tokens = fs::read_to_string(styles.join("tokens.css")).unwrap();
        for file in fs::read_dir(styles).unwrap() {
            let style = fs::read_to_string(file.unwrap().path()).unwrap();
            for used in style.split("var(").skip(1) {
                let name = used.split([')', ',']).next().unwrap();
                let is_defined = [&tokens, &style].map(|of| of.contains(&format!("{name}:")));
                assert!(is_defined.contains(&true), "{name} is not defined");
            }
        }
    }
}
