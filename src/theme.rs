//! The look that a user chose, and what the page is told about motion.

use sync_web::{Area, page, storage};

/// Where the choice is kept.
const THEME: &str = "beatline.theme";

/// The look that a user chose.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word for attributes (`data-theme`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The look chosen before.
#[must_use]
pub fn theme() -> Theme {
    match storage::read(Area::Browser, THEME).as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Shows this look (`data-theme` on the root element) and remembers it.
pub fn set_theme(theme: Theme) {
    let stored = (theme != Theme::System).then_some(theme.as_str());
    storage::write(Area::Browser, THEME, stored);
    page::set_root_attribute("data-theme", stored);
}

/// Keeps everything on the page from moving, whatever the system says (`data-motion` on the root element).
pub fn stop_motion() {
    page::set_root_attribute("data-motion", Some("off"));
}
