//! A small repository in a temporary folder.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::documents::name_what_exists;
use super::tree::Tree;

/// Paths and texts of a repository in which all rules hold.
const CLEAN: &[(&str, &str)] = &[
    (
        "src/lib.rs",
        "//! A crate.\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a_fact_holds() {}\n}\n",
    ),
    (
        "tests/e2e/page.spec.mjs",
        "test(\"a favorite shows\", async () => {});\n",
    ),
    (
        "README.md",
        "# Product\n\nSee [how](docs/how.md#start) and `src/lib.rs`.\n",
    ),
    (
        "docs/how.md",
        "# How\n\n| What | Test |\n|---|---|\n| A fact | `a_fact_holds`, `a favorite shows` |\n",
    ),
];

/// A repository. Dropping it removes its folder.
#[derive(Debug)]
pub(super) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The clean one, with one file added or replaced.
    pub(super) fn with(path: &str, text: &str) -> Self {
        let repository = Self::clean();
        repository.put(path, text);
        repository
    }

    fn clean() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root =
            std::env::temp_dir().join(format!("xtask-check-{}-{number}", std::process::id()));
        let repository = Self { root };
        for (path, text) in CLEAN {
            repository.put(path, text);
        }
        repository
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("temporary folder");
        std::fs::write(path, text).expect("temporary file");
    }

    /// The violations in it.
    pub(super) fn found(&self) -> Vec<String> {
        name_what_exists(&Tree::read(&self.root).expect("a readable tree"))
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        // A failure leaves a few small files in a temporary folder.
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[test]
fn the_clean_repository_is_clean() {
    assert_eq!(Repository::clean().found(), Vec::<String>::new());
}
