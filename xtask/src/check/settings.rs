//! The example file explains every setting that the build takes in, and no other. A test of the application holds the
//! build script's list to the engine's.

use std::collections::BTreeSet;

use super::tree::Tree;

/// Where each setting is explained.
const EXAMPLE: &str = ".env.dashboard.example";
/// Where the build takes them in.
const BUILD_SCRIPT: &str = "build.rs";
/// How the name of a setting begins.
const PREFIX: &str = "VITE_";

/// Compares the two lists.
pub(super) fn explained(tree: &Tree) -> Vec<String> {
    let (Some(example), Some(script)) = (tree.text(EXAMPLE), tree.text(BUILD_SCRIPT)) else {
        return vec![format!("{EXAMPLE}: this file or {BUILD_SCRIPT} is missing")];
    };
    let (explained, known) = (names(example), names(script));
    let missing = known.difference(&explained);
    let unknown = explained.difference(&known);
    missing
        .map(|name| format!("{EXAMPLE}: does not explain {name}"))
        .chain(unknown.map(|name| format!("{EXAMPLE}: {BUILD_SCRIPT} does not take in {name}")))
        .collect()
}

/// The names of settings in a text.
fn names(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.len() > PREFIX.len() && word.starts_with(PREFIX))
        .filter(|word| !word.ends_with('_'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Repository;

    #[test]
    fn a_setting_that_is_not_explained_is_found() {
        let repository = Repository::with("build.rs", "[\"VITE_PAGE_SIZE\", \"VITE_MORE\"]");
        assert_eq!(
            repository.found(),
            [".env.dashboard.example: does not explain VITE_MORE"]
        );
    }

    #[test]
    fn a_setting_that_the_build_does_not_take_in_is_found() {
        let repository =
            Repository::with(".env.dashboard.example", "VITE_PAGE_SIZE=\nVITE_MORE=1\n");
        assert_eq!(
            repository.found(),
            [".env.dashboard.example: build.rs does not take in VITE_MORE"]
        );
    }
}
