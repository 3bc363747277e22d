//! Every setting is documented in the example file and read by the application.

use std::collections::BTreeSet;

use super::Violation;
use super::tree::Tree;

/// Where each setting is explained.
const EXAMPLE: &str = ".env.dashboard.example";
/// How the name of a setting begins.
const PREFIX: &str = "VITE_";

/// The settings that people know from elsewhere, and ours.
const SETTINGS: &[&str] = &[
    "VITE_WS_URL",
    "VITE_API_BASE_URL",
    "VITE_REALTIME_RECONNECT_INTERVAL",
    "VITE_REALTIME_MAX_RETRIES",
    "VITE_REALTIME_HEARTBEAT_INTERVAL",
    "VITE_REALTIME_CONNECTION_TIMEOUT",
    "VITE_FEATURE_REALTIME_UPDATES",
    "VITE_REALTIME_POLL_INTERVAL",
    "VITE_REALTIME_DEBOUNCE_MS",
    "VITE_REALTIME_BATCH_SIZE",
    "VITE_PAGE_SIZE",
    "VITE_ANIMATIONS",
];

/// The example and the sources name the same settings, and none of the promised ones is missing.
pub(super) fn documented_and_read(tree: &Tree) -> Vec<Violation> {
    let Some(example) = tree.text(EXAMPLE) else {
        return vec![Violation::new(
            EXAMPLE,
            0,
            "is missing: it explains the settings",
        )];
    };
    let documented = names(example);
    let read: BTreeSet<&str> = tree
        .rust()
        .filter(|(file, _)| file.path.starts_with("src/") || file.path.starts_with("engine/src/"))
        .flat_map(|(file, rust)| {
            let lines = file.text.lines().enumerate();
            lines
                .filter(|(index, _)| !rust.is_test(index + 1))
                .flat_map(|(_, line)| names(line))
        })
        .collect();
    let mut violations = Vec::new();
    for name in documented
        .iter()
        .chain(&read)
        .chain(SETTINGS)
        .collect::<BTreeSet<_>>()
    {
        if !documented.contains(name) {
            violations.push(Violation::new(
                EXAMPLE,
                0,
                format!("does not explain {name}"),
            ));
        }
        if !read.contains(name) {
            violations.push(Violation::new(
                EXAMPLE,
                0,
                format!("{name} is read nowhere in src/ or engine/"),
            ));
        }
    }
    violations
}

/// The names of settings in a text.
fn names(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| {
            word.len() > PREFIX.len() && word.starts_with(PREFIX) && !word.ends_with('_')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Planted;

    #[test]
    fn a_setting_that_is_not_explained_is_found() {
        let planted = Planted::changed(".env.dashboard.example", |text| {
            text.replace("VITE_PAGE_SIZE", "")
        });
        assert!(planted.is_found_at(".env.dashboard.example", "does not explain VITE_PAGE_SIZE"));
    }

    #[test]
    fn a_setting_that_is_not_read_is_found() {
        let planted =
            Planted::changed("src/settings.rs", |text| text.replace("VITE_PAGE_SIZE", ""));
        assert!(planted.is_found_at(".env.dashboard.example", "VITE_PAGE_SIZE is read nowhere"));
        let planted = Planted::changed(".env.dashboard.example", |text| {
            format!("{text}VITE_MORE=1\n")
        });
        assert!(planted.is_found_at(".env.dashboard.example", "VITE_MORE is read nowhere"));
    }
}
