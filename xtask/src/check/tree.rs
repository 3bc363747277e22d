//! The repository as the rules see it: its text files, the Rust ones taken apart.

use std::collections::BTreeSet;
use std::path::Path;

use super::lexer::{TestModule, Token, blank, test_modules, tokens};
use crate::error::Result;

/// Folders, and in one case a file, that hold nothing of ours.
const NOT_OURS: &[&str] = &[
    ".git",
    "artifacts",
    "dist",
    "node_modules",
    "playwright-report",
    "target",
    "test-results",
];
/// Endings of files that are not text.
const NOT_TEXT: &[&str] = &[
    "db", "gif", "ico", "jpg", "mp3", "png", "sqlite", "wasm", "woff2",
];

/// One text file.
#[derive(Debug)]
pub(super) struct File {
    /// Its path from the top, with `/`.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
    /// What it is, if it is Rust.
    pub(super) rust: Option<Rust>,
}

/// A Rust source.
#[derive(Debug)]
pub(super) struct Rust {
    /// Its text without comments and the insides of strings.
    pub(super) code: String,
    /// Its words and marks.
    pub(super) tokens: Vec<Token>,
    /// The first and last line of each module of tests in it.
    tests: Vec<(usize, usize)>,
    /// Whether all of it is tests.
    pub(super) only_tests: bool,
}

impl Rust {
    /// Whether a line is compiled for tests only.
    pub(super) fn is_test(&self, line: usize) -> bool {
        self.only_tests
            || self
                .tests
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&line))
    }
}

/// All text files of a repository, sorted by path.
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
        mark_test_files(&mut files);
        Ok(Self { files })
    }

    /// The text of one file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|file| file.path == path)
            .map(|file| file.text.as_str())
    }

    /// The Rust sources.
    pub(super) fn rust(&self) -> impl Iterator<Item = (&File, &Rust)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// The Rust sources below a folder such as `src/`.
    pub(super) fn rust_below<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a File, &'a Rust)> {
        self.rust()
            .filter(move |(file, _)| file.path.starts_with(folder))
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        // In a second worktree `.git` is a file.
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
            continue;
        }
        let ending = name.rsplit('.').next().unwrap_or_default();
        // A person's own settings are nobody else's business.
        if NOT_TEXT.contains(&ending) || path == ".env.dashboard" {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        let rust = (ending == "rs").then(|| take_apart(&text, &path));
        files.push(File { path, text, rust });
    }
    Ok(())
}

fn take_apart(text: &str, path: &str) -> Rust {
    let code = blank(text);
    let tokens = tokens(&code);
    let tests = test_modules(&tokens)
        .into_iter()
        .filter_map(|module| match module {
            TestModule::Here(first, last) => Some((first, last)),
            TestModule::File(_) => None,
        })
        .collect();
    Rust {
        only_tests: inside_its_package(path)
            .split('/')
            .any(|part| matches!(part, "tests" | "tests.rs" | "benches")),
        code,
        tokens,
        tests,
    }
}

/// The path without the folder of a program that the tests use, as `tests/fault-proxy/src/`: its sources are held to the
/// same rules as any other.
fn inside_its_package(path: &str) -> &str {
    let program = path
        .strip_prefix("tests/")
        .and_then(|rest| rest.split_once('/'));
    match program {
        Some((_, inside)) if inside.starts_with("src/") => inside,
        _ => path,
    }
}

/// Files that an outer `#[cfg(test)] mod name;` brings in are tests from end to end.
fn mark_test_files(files: &mut [File]) {
    let mut modules = BTreeSet::new();
    for file in files.iter() {
        let Some(rust) = &file.rust else { continue };
        let folder = module_folder(&file.path);
        for module in test_modules(&rust.tokens) {
            if let TestModule::File(name) = module {
                modules.insert(format!("{folder}{name}"));
            }
        }
    }
    for file in files {
        if let Some(rust) = &mut file.rust {
            rust.only_tests |= modules.iter().any(|module| {
                file.path == format!("{module}.rs") || file.path.starts_with(&format!("{module}/"))
            });
        }
    }
}

/// Where the modules of a file lie: beside `lib.rs`, `main.rs` and `mod.rs`, else in a folder of its name.
fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => format!("{folder}/"),
        _ => format!("{}/", path.trim_end_matches(".rs")),
    }
}
