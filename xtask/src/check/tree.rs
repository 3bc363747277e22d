//! The text files of the repository.

use std::path::Path;

use crate::error::Result;

/// Folders whose contents are generated or installed.
const SKIPPED: &[&str] = &[
    ".git",
    "artifacts",
    "dist",
    "node_modules",
    "target",
    "test-results",
];

/// One file.
#[derive(Debug)]
pub(super) struct File {
    /// Its path from the top, with `/`.
    pub(super) path: String,
    /// Its text; empty for a binary file.
    pub(super) text: String,
}

/// All files of a repository, sorted by path.
#[derive(Debug)]
pub(super) struct Tree {
    /// The files.
    pub(super) files: Vec<File>,
}

impl Tree {
    /// Reads the repository at `root`.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// Whether there is a file at `path`, or a folder that holds one.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.iter().any(|file| {
            file.path
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether a file anywhere has this name or this end of its path.
    pub(super) fn has_named(&self, name: &str) -> bool {
        self.files.iter().any(|file| {
            file.path
                .strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        })
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            files.push(File { path, text });
        }
    }
    Ok(())
}
